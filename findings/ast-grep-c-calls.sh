#!/usr/bin/env bash
# ast-grep 0.51.1 finds no call of one argument in C with the pattern that looks like the call.
#
# `f($X)` is read by the C grammar as a declaration of its own, which occurs nowhere: the search ends without a match and
# without a word. With a semicolon the pattern finds the calls that are statements, and not those within expressions. A
# pattern of two arguments finds all calls. Whoever compares call searches with it compares with the wrong number.
#
# Seen: ast-grep-cli 0.51.1 on five calls of `f`: 0 matches for `f($X)`, 2 for `f($X);`, and both calls of `h` for `h($X, $Y)`.
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip --quiet install ast-grep-cli==0.51.1
cat > a.c <<'C'
int gate(int a)
{
	f(a);
	g(f(a));
	int x = f(a);
	if (f(a))
		f(1);
	return h(a, x) + h(x, a);
}
C
count() {
    { venv/bin/ast-grep run -l c -p "$1" --json=stream a.c || true; } | wc -l | tr -d ' '
}
for pattern in 'f($X)' 'f($X);' 'h($X, $Y)'; do
    echo "$pattern: $(count "$pattern")"
done | tee seen
grep -qxF 'f($X): 0' seen
grep -qxF 'f($X);: 2' seen
grep -qxF 'h($X, $Y): 2' seen
