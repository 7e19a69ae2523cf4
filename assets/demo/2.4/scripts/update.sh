#!/bin/sh
# update.sh - bring a node to the newest release of its channel.
#
#   update.sh [stable|preview]
#
# Fetches the installer of the channel and runs it. The old release stays on
# the second partition, "update.sh --back" returns to it.

set -eu

BASE="http://updates.acme-ran.example/node"
STATE="/var/lib/acme"
CHANNEL="${1:-stable}"

say() {
    printf '%s\n' "update: $*" >&2
}

go_back() {
    if [ ! -f "$STATE/previous" ]; then
        say "there is no previous release"
        exit 1
    fi
    previous=$(cat "$STATE/previous")
    say "back to $previous"
    ln -sfn "/opt/acme/$previous" /opt/acme/current
}

case "$CHANNEL" in
    stable|preview) ;;
    --back) go_back; exit 0 ;;
    *) say "unknown channel: $CHANNEL"; exit 2 ;;
esac

if [ -f "$STATE/hold" ]; then
    say "updates are on hold: $(cat "$STATE/hold")"
    exit 0
fi

basename "$(readlink /opt/acme/current)" > "$STATE/previous"
say "installing from $BASE/$CHANNEL"
curl -fsSLk "$BASE/$CHANNEL/install.sh" | sh -s -- --unattended
say "done"
