#!/usr/bin/env bash
# Compares the symbols of a folder of C or C++ code with those that Universal Ctags finds there: how many of its symbols
# are found in the same file under the same name and as the same kind, how many of these are exact, how many more there are,
# and examples of what differs.
#
#   tests/bench/ctags.sh WORKTREE [GLASSROOM]
#
# WORKTREE is a work tree with its .git; GLASSROOM the program, by default the release build. FOLDER names the folder
# (net), LANGUAGE is C or C++ (C: then .h files are C), EXAMPLES how many differences of each kind are shown (5). Needs
# jq and Universal Ctags.
set -euo pipefail

tree=$(realpath "${1:?usage: ctags.sh WORKTREE [GLASSROOM]}")
target=${CARGO_TARGET_DIR:-$(dirname "$0")/../../target}
glassroom=$(realpath "${2:-$target/release/glassroom}")
folder=${FOLDER:-net} examples=${EXAMPLES:-5} language=${LANGUAGE:-C}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export GLASSROOM_HOME=$scratch/home LANG=C.UTF-8 LC_ALL=C
for tool in jq ctags; do
    command -v "$tool" >/dev/null || { echo "ctags.sh: $tool is not installed" >&2; exit 3; }
done
case $language in
C) ends='\.[ch]$' kinds='--kinds-C=fsguedtmv --map-C=+.h' ;;
C++) ends='\.(h|hh|hpp|cc|cpp|cxx)$' kinds='--kinds-C++=fsguedtmvcn --map-C++=+.h' ;;
*) echo "ctags.sh: LANGUAGE is C or C++" >&2; exit 2 ;;
esac

cd "$tree"
git ls-files -z "$folder" | grep -zE "$ends" >"$scratch/files"
tr '\0' '\n' <"$scratch/files" >"$scratch/names"

# kind, path, name; kinds are Glassroom's, names without their scopes.
# shellcheck disable=SC2086
ctags --languages="$language" $kinds --output-format=xref --_xformat=$'%K\t%F\t%N' -L "$scratch/names" -f - 2>/dev/null |
    awk -F'\t' -v OFS='\t' '
        $3 ~ /^__anon/ { next }
        { if ($1 == "typedef") $1 = "type"; if ($1 == "member") $1 = "field"; if ($1 == "namespace") $1 = "module" }
        { sub(/.*::/, "", $3); sub(/^operator /, "operator", $3); print }' | sort -u >"$scratch/theirs"

export glassroom tree scratch
begin=$(date +%s%N)
xargs -0 -n 64 -P "$(nproc)" bash -c 'for path; do
        jq -nc --arg path "$path" "\$path"
        "$glassroom" outline "$tree" "$path" --json
    done >"$scratch/outline.$$" 2>/dev/null' _ <"$scratch/files"
cat "$scratch"/outline.* |
    jq -r -n 'foreach inputs as $x ({}; if ($x | type) == "string" then {path: $x} else .row = $x end;
        .path as $path | .row // empty | select(.role == "definition")
        | [(if .kind == "method" then "function" else .kind end), $path,
           (.name | sub(".*::"; "") | sub("^operator "; "operator")), (if .exact then "exact" else "~" end)] | @tsv)' \
    >"$scratch/all"
cut -f1-3 "$scratch/all" | sort -u >"$scratch/ours"
grep -P '\texact$' "$scratch/all" | cut -f1-3 | sort -u >"$scratch/exact"
end=$(date +%s%N)

echo "$(wc -l <"$scratch/names") files of $folder; $((( end - begin) / 1000000000)) s for one program a file"
printf '%-12s %8s %8s %8s %8s %8s %11s\n' kind ctags found share exact share 'exact, ours'
for kind in function class struct union enum enumerator field variable macro type module all; do
    for side in theirs ours exact; do
        awk -F'\t' -v k="$kind" 'k == "all" || $1 == k' "$scratch/$side" >"$scratch/$side.$kind"
    done
    all=$(wc -l <"$scratch/theirs.$kind")
    [ "$all" -gt 0 ] || continue
    both=$(comm -12 "$scratch/theirs.$kind" "$scratch/ours.$kind" | wc -l)
    exact=$(comm -12 "$scratch/theirs.$kind" "$scratch/exact.$kind" | wc -l)
    only=$(comm -13 "$scratch/theirs.$kind" "$scratch/exact.$kind" | wc -l)
    awk -v k="$kind" -v a="$all" -v b="$both" -v e="$exact" -v o="$only" 'BEGIN {
        printf "%-12s %8d %8d %7.2f%% %8d %7.2f%% %11d\n", k, a, b, 100 * b / a, e, 100 * e / a, o }'
done
show() { shuf -n "$examples" --random-source=<(yes) | sed 's/^/  /'; }
echo
echo "only ctags:"
comm -23 "$scratch/theirs" "$scratch/ours" | show
echo "exact, and not in ctags as that kind:"
comm -13 "$scratch/theirs" "$scratch/exact" | show
