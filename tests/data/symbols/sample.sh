#!/bin/bash
# Checks.
set -euo pipefail
readonly LIMIT=3
export NAME=x OTHER=y
counter=0

check() {
    local inner=1
    echo "$1" | grep -q x && helper "$inner"
}

function run-all {
    check "$@"
    $(other arg)
}

function both () { run-all; }

alias ll='ls -l'
declare -A table=([a]=1)
for f in a b; do check "$f"; done
