#!/bin/sh
# site_hook.sh - run the settings of a site after an update.
#
# A site may keep its own settings in /etc/acme/site.d, one "NAME=VALUE" a
# line. They are taken over into the environment of the hooks.

set -eu

SITE_DIR="${SITE_DIR:-/etc/acme/site.d}"

load() {
    while IFS= read -r line; do
        case "$line" in
            ''|'#'*) continue ;;
        esac
        eval "export $line"
    done < "$1"
}

[ -d "$SITE_DIR" ] || exit 0

for file in "$SITE_DIR"/*.env; do
    [ -f "$file" ] || continue
    load "$file"
done

for hook in "$SITE_DIR"/*.hook; do
    [ -x "$hook" ] || continue
    printf 'hook %s\n' "$hook"
    "$hook" || printf 'hook %s failed\n' "$hook" >&2
done
