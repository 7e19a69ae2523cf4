#!/bin/sh
# smoke.sh - does the node start and speak at all?
#
# Wants a built node in build/ and a free port 2323.

set -u

NODE="${NODE:-build/acme-ran}"
CONF=$(mktemp)
bad=0

check() {
    if [ "$2" = "$3" ]; then
        printf 'ok    %s\n' "$1"
    else
        printf 'BAD   %s: wanted "%s", got "%s"\n' "$1" "$2" "$3"
        bad=1
    fi
}

printf 'node_name = smoke\nnonsense = 1\n' > "$CONF"
"$NODE" "$CONF"
check "an unknown key is refused" 2 "$?"

printf 'node_name = smoke\ndebug_port = 70000\n' > "$CONF"
"$NODE" "$CONF"
check "a port out of range is refused" 2 "$?"

printf 'controller = not-an-address\n' > "$CONF"
"$NODE" "$CONF"
check "a bad controller address is refused" 3 "$?"

rm -f "$CONF"
exit "$bad"
