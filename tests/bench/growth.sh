#!/usr/bin/env bash
# Measures how the index grows: an eighth, a quarter, half and all of a source are each indexed as a repository of one
# pack, then a second release of it in which one blob in a hundred is changed.
#
#   tests/bench/growth.sh WORKTREE [GLASSROOM]
#
# WORKTREE is a work tree with its .git; GLASSROOM the program, by default the release build. SHARES names the parts
# (8 4 2 1), WORD the word that is looked up. Everything is written below TMPDIR and removed. Needs jq.
#
# files, MB          of the first release, as delivered
# index s, peak MB   the whole program, which builds the text index alone, and the most anonymous memory it had
# disk MB            index and text store
# word ms, run ms    a rare word: the search alone, and the whole program (median of 10)
# next s, share      the second release, and its share of the first's time
set -euo pipefail

tree=$(realpath "${1:?usage: growth.sh WORKTREE [GLASSROOM]}")
target=${CARGO_TARGET_DIR:-$(dirname "$0")/../../target}
glassroom=$(realpath "${2:-$target/release/glassroom}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export LANG=C.UTF-8 LC_ALL=C.UTF-8 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME=growth GIT_AUTHOR_EMAIL= GIT_COMMITTER_NAME=growth GIT_COMMITTER_EMAIL=
export CSEARCHINDEX=$scratch/csearch.index
command -v jq >/dev/null || { echo 'growth.sh: jq is not installed' >&2; exit 3; }

# Runs a command and prints its seconds and the most anonymous memory it had, in MB.
run() {
    local begin end peak=0 now pid
    begin=$(date +%s%N)
    "$@" >"$scratch/out" 2>"$scratch/err" &
    pid=$!
    while now=$(awk '/^RssAnon/ { print $2 }' "/proc/$pid/status" 2>/dev/null) && [[ -n $now ]]; do
        ((now <= peak)) || peak=$now
        sleep 0.02
    done
    wait "$pid" || { cat "$scratch/err" >&2; exit 3; }
    end=$(date +%s%N)
    awk -v t=$((end - begin)) -v p="$peak" 'BEGIN { printf "%.2f %.0f", t / 1e9, p / 1024 }'
}

# Makes a bare repository of every n-th file, in the order of their paths, with the tags v1 and v2.
make() {
    local n=$1 repo=$2 first second
    git init -q --bare "$repo"
    echo "$(git -C "$tree" rev-parse --path-format=absolute --git-path objects)" >"$repo/objects/info/alternates"
    git -C "$tree" ls-tree -r HEAD | awk -v n="$n" '$2 == "blob" && NR % n == 1 % n' >"$scratch/list"
    export GIT_DIR=$repo GIT_INDEX_FILE=$scratch/index
    rm -f "$GIT_INDEX_FILE"
    git update-index --index-info <"$scratch/list"
    first=$(git commit-tree -m first "$(git write-tree)")
    awk 'NR % 100 == 50' "$scratch/list" | while IFS=$'\t' read -r entry path; do
        read -r mode _ id <<<"$entry"
        { git cat-file blob "$id"; echo "/* changed in the second release */"; } >"$scratch/blob"
        printf '%s %s\t%s\n' "$mode" "$(git hash-object -w "$scratch/blob")" "$path"
    done | git update-index --index-info
    second=$(git commit-tree -m second -p "$first" "$(git write-tree)")
    git update-ref refs/tags/v1 "$first"
    git update-ref refs/tags/v2 "$second"
    git repack -adq
    rm "$repo/objects/info/alternates"
    git prune
    unset GIT_DIR GIT_INDEX_FILE
    # Everybody finds the pack in the page cache.
    cat "$repo"/objects/pack/* >/dev/null
}

median() { sort -n | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)] }'; }

# The longest word of the first file stands in every part, and hardly anywhere else.
word=${WORD:-}
if [[ -z $word ]]; then
    path=$(git -C "$tree" ls-tree -r --name-only HEAD | head -n 1 || true)
    word=$(git -C "$tree" show "HEAD:$path" | grep -aoE '[A-Za-z_]{8,}' |
        awk 'length > length(most) { most = $0 } END { print most }')
fi

printf '%8s %8s %9s %9s %9s %9s %9s %9s %8s\n' \
    files MB 'index s' 'peak MB' 'disk MB' 'word ms' 'run ms' 'next s' share
for n in ${SHARES:-8 4 2 1}; do
    repo=$scratch/part-$n.git
    make "$n" "$repo"
    export GLASSROOM_HOME=$scratch/home-$n
    read -r seconds peak <<<"$(run "$glassroom" index "$repo" --text-only --rev v1 --review growth --json)"
    files=$(jq .files "$scratch/out")
    bytes=$(jq .bytes "$scratch/out")
    disk=$(du -sb "$GLASSROOM_HOME/reviews/growth/index" | awk '{ print $1 }')
    alone=() whole=()
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        begin=$(date +%s%N)
        "$glassroom" search "$repo" --rev v1 --review growth --json "$word" >"$scratch/out" 2>/dev/null
        whole+=($((($(date +%s%N) - begin) / 10000)))
        alone+=("$(tail -n 1 "$scratch/out" | jq .summary.elapsed_ms)")
    done
    read -r next _ <<<"$(run "$glassroom" index "$repo" --text-only --rev v2 --review growth --json)"
    awk -v f="$files" -v b="$bytes" -v s="$seconds" -v p="$peak" -v d="$disk" -v x="$next" \
        -v a="$(printf '%s\n' "${alone[@]}" | median)" -v w="$(printf '%s\n' "${whole[@]}" | median)" \
        'BEGIN { printf "%8d %8.1f %9.2f %9d %9.1f %9d %9.1f %9.2f %6.1f %%\n",
                 f, b / 1e6, s, p, d / 1e6, a, w / 100, x, 100 * x / s }'
    rm -rf "$repo" "$GLASSROOM_HOME"
done
echo "looked up: $word"

if command -v cindex >/dev/null; then
    # It reads what a work tree holds; a file whose name begins with a dot is none to it.
    (cd "$tree" && git ls-files -z | xargs -0 cat >/dev/null 2>&1 || true)
    read -r seconds peak <<<"$(run cindex "$tree")"
    printf 'cindex of all: %s s, %s MB of anonymous memory, %s bytes\n' \
        "$seconds" "$peak" "$(stat -c %s "$CSEARCHINDEX")"
fi
