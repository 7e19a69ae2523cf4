#!/usr/bin/env bash
# libgit2 1.9.7 obeys the attributes `eol` and `ident`, and ignores `working-tree-encoding`.
#
# A file that git keeps as UTF-8 and checks out as UTF-16 is checked out as UTF-8 by libgit2, and a work tree that git made
# and calls clean is reported as modified as soon as the file's time differs from the index. The other two attributes of
# the same file are honoured, so that nothing looks wrong until such a file is met. A work tree check on top of libgit2
# must convert the file itself.
#
# Seen: pygit2 1.21.0 with libgit2 1.9.7: u.txt is WT_MODIFIED and is written as b'gate\nopen\n'; git status prints nothing.
# Exits with 1 if either changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip --quiet install pygit2==1.21.0
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME=Vendor GIT_AUTHOR_EMAIL=vendor@vendor.example
export GIT_COMMITTER_NAME=Vendor GIT_COMMITTER_EMAIL=vendor@vendor.example
git init -q -b main tree
cd tree
printf 'u.txt working-tree-encoding=UTF-16LE\ne.txt eol=crlf\ni.txt ident\n' > .gitattributes
printf 'gate\nopen\n' | iconv -t UTF-16LE > u.txt
printf 'one\r\ntwo\r\n' > e.txt
printf '$Id$\n' > i.txt
git add .
git commit -qm delivery
rm ./*.txt
git checkout -q -- .
touch -d 2020-01-01 ./*.txt
git --no-optional-locks status --short > ../status
echo "git status: '$(cat ../status)'"
[ ! -s ../status ]
cd ..
cat > look.py <<'PY'
import pygit2
repository = pygit2.Repository("tree")
print("libgit2", pygit2.LIBGIT2_VERSION)
print("modified:", [name for name, flags in repository.status().items() if flags])
repository.checkout_head(strategy=pygit2.enums.CheckoutStrategy.FORCE, directory="out")
for name in ("u.txt", "e.txt", "i.txt"):
    with open("out/" + name, "rb") as file:
        print(name, file.read()[:12])
PY
mkdir out
venv/bin/python look.py | tee seen
grep -qx "libgit2 1.9.7" seen
grep -qx "modified: \['u.txt'\]" seen
grep -qF "u.txt b'gate\nopen\n'" seen
grep -qF "e.txt b'one\r\ntwo\r\n'" seen
grep -qF "i.txt b'\$Id: " seen
