#!/usr/bin/env bash
# Measures how the form of a delivery changes what it costs to read it: the files of one commit in 1, 70 and 200 packs,
# and as loose objects.
#
#   tests/bench/packs.sh REPOSITORY [GLASSROOM ...]
#
# REPOSITORY is a bare repository or a .git folder. Each GLASSROOM is a program to be measured, by default the release
# build; several are measured in turn, so that the same machine load meets all. Needs git and jq. PACKS lists the
# numbers of packs ("1 70 200 loose"), ROUNDS is the number of timed runs (3), of which the shortest counts.
# Every form must give the same answer of `info --json`; the script fails if one differs.
set -euo pipefail

repository=$(realpath "${1:?usage: packs.sh REPOSITORY [GLASSROOM ...]}")
shift
target=${CARGO_TARGET_DIR:-$(dirname "$0")/../../target}
[ $# -gt 0 ] || set -- "$target/release/glassroom"
rounds=${ROUNDS:-3}
forms=${PACKS:-1 70 200 loose}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for tool in git jq; do
    command -v "$tool" >/dev/null || { echo "packs.sh: $tool is not installed" >&2; exit 3; }
done
# A partial clone must not fetch what it lacks.
export GIT_NO_LAZY_FETCH=1 LANG=C.UTF-8 LC_ALL=C.UTF-8
from() { git -c safe.directory='*' --git-dir "$repository" "$@"; }

commit=$(from rev-parse HEAD)
{ echo "$commit"; from rev-parse "$commit^{tree}"; from ls-tree -r -t "$commit" | awk '$2 != "commit" { print $3 }'; } |
    awk '!seen[$1]++' | from cat-file --batch-check='%(objectname)' | awk '$2 != "missing"' >"$scratch/objects"
total=$(wc -l <"$scratch/objects")

# Makes a repository with the commit alone, its objects in the given form.
make_form() {
    local form=$1 place=$scratch/form-$1.git
    git init -q --bare "$place"
    echo "$commit" >"$place/shallow"
    mkdir -p "$place/objects/pack"
    if [ "$form" = loose ]; then
        from pack-objects -q --stdout <"$scratch/objects" | git --git-dir "$place" unpack-objects -q
    else
        rm -f "$scratch"/part-*
        split -a 5 -d -l $(((total + form - 1) / form)) "$scratch/objects" "$scratch/part-"
        for part in "$scratch"/part-*; do
            from pack-objects -q "$place/objects/pack/pack" <"$part" >/dev/null
        done
    fi
    echo "$commit" >"$place/refs/heads/main"
    echo 'ref: refs/heads/main' >"$place/HEAD"
}

# Prints the shortest time of some runs in seconds, each with a new home.
shortest() {
    local best='' begin end i
    for ((i = 0; i < rounds; i++)); do
        rm -rf "$GLASSROOM_HOME"
        begin=$(date +%s%N)
        "$@" >/dev/null 2>&1 || { echo failed; return; }
        end=$(date +%s%N)
        [ -n "$best" ] && [ $((end - begin)) -ge "$best" ] || best=$((end - begin))
    done
    awk -v t="$best" 'BEGIN { printf "%.2f", t / 1e9 }'
}

export GLASSROOM_HOME=$scratch/home
printf '%s objects of %s\n' "$total" "$commit"
printf '%-8s %-28s %10s %14s\n' packs program 'info, s' 'first index, s'
first=''
for form in $forms; do
    make_form "$form"
    for program in "$@"; do
        info=$(shortest "$program" info "$scratch/form-$form.git")
        index=$(shortest "$program" index --text-only "$scratch/form-$form.git")
        printf '%-8s %-28s %10s %14s\n' "$form" "$(basename "$program")" "$info" "$index"
        rm -rf "$GLASSROOM_HOME"
        answer=$("$program" info --json "$scratch/form-$form.git" | jq -cS . | sha256sum)
        [ -n "$first" ] || first=$answer
        [ "$answer" = "$first" ] || { echo "packs.sh: $program answers differently in form $form" >&2; exit 1; }
    done
    rm -rf "$scratch/form-$form.git"
done
