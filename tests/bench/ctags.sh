#!/usr/bin/env bash
# Compares the symbols of a folder of C code with those that Universal Ctags finds there: how many of its functions,
# structs, unions, enums, enumerators, macros and types are found in the same file under the same name, how many more,
# and examples of what differs.
#
#   tests/bench/ctags.sh WORKTREE [GLASSROOM]
#
# WORKTREE is a work tree with its .git; GLASSROOM the program, by default the release build. FOLDER names the folder
# (net), EXAMPLES how many differences of each kind are shown (5). Needs jq and Universal Ctags.
set -euo pipefail

tree=$(realpath "${1:?usage: ctags.sh WORKTREE [GLASSROOM]}")
target=${CARGO_TARGET_DIR:-$(dirname "$0")/../../target}
glassroom=$(realpath "${2:-$target/release/glassroom}")
folder=${FOLDER:-net} examples=${EXAMPLES:-5}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export GLASSROOM_HOME=$scratch/home LANG=C.UTF-8 LC_ALL=C
for tool in jq ctags; do
    command -v "$tool" >/dev/null || { echo "ctags.sh: $tool is not installed" >&2; exit 3; }
done

cd "$tree"
git ls-files -z "$folder" | grep -zE '\.[ch]$' >"$scratch/files"
tr '\0' '\n' <"$scratch/files" >"$scratch/names"

# kind, path, name, line
ctags --languages=C --map-C=+.h --kinds-C=fsguedt --output-format=xref \
    --_xformat=$'%K\t%F\t%N\t%n' -L "$scratch/names" -f - 2>/dev/null |
    sed 's/^enumerator/enumerator/; s/^typedef/type/' | grep -v $'\t__anon' | sort -u >"$scratch/theirs"

export glassroom tree
begin=$(date +%s%N)
xargs -0 -P "$(nproc)" -I{} bash -c \
    '"$glassroom" outline "$tree" "$1" --json | jq -r --arg path "$1" \
    "select(.role != \"declaration\") | [.kind, \$path, .name, .line] | @tsv"' _ {} \
    <"$scratch/files" 2>/dev/null | sort -u >"$scratch/ours"
end=$(date +%s%N)

echo "$(wc -l <"$scratch/names") files of $folder; $((( end - begin) / 1000000000)) s for one program a file"
printf '%-12s %8s %8s %8s %10s\n' kind ctags both share 'only ours'
for kind in function struct union enum enumerator macro type; do
    for side in theirs ours; do
        awk -F'\t' -v k="$kind" '$1 == k { print $2 "\t" $3 }' "$scratch/$side" | sort -u >"$scratch/$side.$kind"
    done
    comm -12 "$scratch/theirs.$kind" "$scratch/ours.$kind" >"$scratch/both"
    all=$(wc -l <"$scratch/theirs.$kind") both=$(wc -l <"$scratch/both") ours=$(wc -l <"$scratch/ours.$kind")
    awk -v k="$kind" -v a="$all" -v b="$both" -v o="$ours" 'BEGIN {
        printf "%-12s %8d %8d %7.2f%% %10d\n", k, a, b, a ? 100 * b / a : 100, o - b }'
done
for kind in function struct enum macro; do
    echo
    echo "$kind, only ctags:"
    comm -23 "$scratch/theirs.$kind" "$scratch/ours.$kind" | shuf -n "$examples" --random-source=<(yes) | sed 's/^/  /'
    echo "$kind, only glassroom:"
    comm -13 "$scratch/theirs.$kind" "$scratch/ours.$kind" | shuf -n "$examples" --random-source=<(yes) | sed 's/^/  /'
done
