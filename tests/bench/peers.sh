#!/usr/bin/env bash
# Measures Glassroom beside other tools on the same source: what an index costs, and whole-process searches for
# every hit with the output thrown away. Then it checks that the tools count the same lines.
#
#   tests/bench/peers.sh WORKTREE [GLASSROOM]
#
# WORKTREE is a clean work tree with its .git; GLASSROOM the program, by default the release build. Peers that are
# not installed are left out. Needs jq. ROUNDS is the number of timed runs (5).
# CSEARCHINDEX names the file of csearch's index; without it, and for Glassroom's home, a temporary folder is made.
set -euo pipefail

tree=$(realpath "${1:?usage: peers.sh WORKTREE [GLASSROOM]}")
target=${CARGO_TARGET_DIR:-$(dirname "$0")/../../target}
glassroom=$(realpath "${2:-$target/release/glassroom}")
rounds=${ROUNDS:-5}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export GLASSROOM_HOME=$scratch/home LANG=C.UTF-8 LC_ALL=C.UTF-8
export CSEARCHINDEX=${CSEARCHINDEX:-$scratch/csearch.index}
command -v jq >/dev/null || { echo 'peers.sh: jq is not installed' >&2; exit 3; }
has() { command -v "$1" >/dev/null; }

# Runs a command some times after one that is not counted, and prints the median in milliseconds. The search for
# nothing ends with 1; that is no failure.
median() {
    local times=() i begin end
    "$@" >/dev/null 2>&1 || [ $? -le 1 ] || { echo failed; return; }
    for ((i = 0; i < rounds; i++)); do
        begin=$(date +%s%N)
        "$@" >/dev/null 2>&1 || [ $? -le 1 ] || { echo failed; return; }
        end=$(date +%s%N)
        times+=($(((end - begin) / 10000)))
    done
    printf '%s\n' "${times[@]}" | sort -n | awk '{ t[NR] = $1 } END { printf "%.1f", t[int((NR + 1) / 2)] / 100 }'
}

# Prints the seconds that a command takes once.
once() {
    local begin end
    begin=$(date +%s%N)
    "$@" >/dev/null 2>&1 || { echo failed; return; }
    end=$(date +%s%N)
    awk -v t=$((end - begin)) 'BEGIN { printf "%.2f", t / 1e9 }'
}

cd "$tree"
# Every peer finds the source in the page cache.
git grep -c '' >/dev/null 2>&1 || true
find . -path ./.git -prune -o -type f -print0 | xargs -0 cat >/dev/null

printf '%-24s %10s %14s\n' index seconds bytes
seconds=$(once "$glassroom" index --text-only "$tree")
printf '%-24s %10s %14s\n' 'glassroom, texts' "$seconds" "$(du -sb "$GLASSROOM_HOME"/reviews/*/index | awk '{ print $1 }')"
seconds=$(once "$glassroom" index "$tree")
printf '%-24s %10s %14s\n' 'glassroom, symbols' "$seconds" "$(du -sb "$GLASSROOM_HOME"/reviews/*/index/symbols | awk '{ print $1 }')"
if has cindex; then
    # It reads what a work tree holds, .git included if it is not hidden; it is.
    rm -f "$CSEARCHINDEX"
    seconds=$(once cindex "$tree")
    printf '%-24s %10s %14s\n' cindex "$seconds" "$(stat -c %s "$CSEARCHINDEX")"
fi
echo

lines() { wc -l | tr -d ' '; }

# compare NAME QUERY REGEX [-i]: one row. QUERY is Glassroom's, REGEX the others'; the last field says whether all
# of them count the same lines. Other counts have a reason: csearch leaves out files with long lines or no UTF-8 and
# those whose name begins with a dot, rg and git grep what they take for binary.
compare() {
    local name=$1 query=$2 regex=$3 fold=${4:-} counts=() count
    local ours=("$glassroom" search "$tree" "$query")
    local google=(csearch -n $fold -- "$regex")
    local ripgrep=(rg -uu -g '!/.git' -n --no-heading $fold -e "$regex" .)
    local git_grep=(git grep -I -n -P $fold -e "$regex")
    printf '%-14s %10s' "$name" "$(median "${ours[@]}")"
    if has csearch; then printf ' %10s' "$(median "${google[@]}")"; else printf ' %10s' -; fi
    if has rg; then printf ' %10s' "$(median "${ripgrep[@]}")"; else printf ' %10s' -; fi
    printf ' %10s' "$(median "${git_grep[@]}")"
    counts+=("$({ "${ours[@]}" --json 2>/dev/null || true; } | tail -n 1 | jq -r '.summary.lines')")
    if has csearch; then counts+=("$({ "${google[@]}" 2>/dev/null || true; } | lines)"); else counts+=(-); fi
    if has rg; then counts+=("$({ "${ripgrep[@]}" 2>/dev/null || true; } | lines)"); else counts+=(-); fi
    counts+=("$({ "${git_grep[@]}" 2>/dev/null || true; } | lines)")
    printf ' %10s' "${counts[@]}"
    for count in "${counts[@]}"; do
        [[ $count == - || $count == "${counts[0]}" ]] || { echo '  differ'; return; }
    done
    echo '  equal'
}

printf '%-14s' 'search, ms'
printf ' %10s' glassroom csearch 'rg -uu' 'git grep' 'lines: gr' csearch 'rg -uu' 'git grep'
printf '\n'
compare 'rare word' 'case:yes c:copy_from_user' 'copy_from_user'
compare 'word' 'case:yes c:strcpy' 'strcpy'
compare 'common word' 'case:yes c:return' 'return'
compare 'short' 'case:yes c:if' 'if'
compare 'punctuation' 'case:yes c:"->"' '->'
compare 'digits' 'case:yes c:0x' '0x'
compare 'call' 'case:yes c:kfree(' 'kfree\('
compare 'alternatives' 'case:yes c:/(mem|str)cpy[ \t]*\(/' '(mem|str)cpy[ \t]*\('
compare 'open regex' 'case:yes c:/[a-z]+_lock_irqsave/' '[a-z]+_lock_irqsave'
compare 'bound regex' 'case:yes c:/^#define[ \t]+[A-Z_]+[ \t]+0x/' '^#define[ \t]+[A-Z_]+[ \t]+0x'
compare 'either case' 'case:no c:/password|passwd|secret/' 'password|passwd|secret' -i
compare 'two words' 'case:yes c:"return -EINVAL"' 'return -EINVAL'
compare 'two letters' 'case:yes c:qz' 'qz'
compare 'two marks' 'case:yes c:"?:"' '\?:'
compare 'operators' 'case:yes c:"<<="' '<<='
compare 'line start' 'case:yes c:/^static inline/' '^static inline'
compare 'line end' 'case:yes c:/goto out;$/' 'goto out;$'
compare 'middle' 'case:yes c:/spin_lock.*irq/' 'spin_lock.*irq'
compare 'wide middle' 'case:yes c:/if .*&& .*\|\|/' 'if .*&& .*\|\|'
compare 'classes' 'case:yes c:/0x[0-9a-f]{16}/' '0x[0-9a-f]{16}'
compare 'ten names' 'case:yes c:/kmalloc|kzalloc|kcalloc|vmalloc|kvmalloc|krealloc|kmemdup|kstrdup|devm_kzalloc|alloc_pages/' 'kmalloc|kzalloc|kcalloc|vmalloc|kvmalloc|krealloc|kmemdup|kstrdup|devm_kzalloc|alloc_pages'
compare 'word in any case' 'case:no c:todo' 'todo' -i
compare 'nothing' 'case:yes c:no_such_word_is_anywhere' 'no_such_word_is_anywhere'
