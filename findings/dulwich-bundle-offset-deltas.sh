#!/usr/bin/env bash
# dulwich 1.2.21 cannot clone from an ordinary bundle.
#
# `git bundle create` writes deltas that name their base by an offset within the pack, as every git does by default. The
# clone of such a bundle ends with "AssertionError: Expected bytes, got <class 'int'>": the pack is copied entry by entry,
# and a base that is an offset is not turned into an id first. Whoever takes dulwich as a second reader of deliveries
# reads only bundles whose packs hold no offset delta. git itself clones the bundle.
#
# Seen: dulwich 1.2.21: AssertionError. Exits with 1 if the clone succeeds or fails in another way.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip --quiet install dulwich==1.2.21
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME=Vendor GIT_AUTHOR_EMAIL=vendor@vendor.example
export GIT_COMMITTER_NAME=Vendor GIT_COMMITTER_EMAIL=vendor@vendor.example
git init -q -b main source
for line in $(seq 400); do echo "int value_$((line * 7919 % 10007));"; done > source/a.c
git -C source add a.c
git -C source commit -qm one
sed -i '200s/.*/int changed;/' source/a.c
git -C source commit -qam two
git -C source repack -adq
git -C source bundle create -q ../vendor.bundle --all
git clone -q vendor.bundle by-git
git -C by-git log --format='git clones it: %s'
cat > clone.py <<'PY'
from dulwich import porcelain
try:
    porcelain.clone("vendor.bundle", "by-dulwich")
except AssertionError as error:
    print("dulwich:", "AssertionError:", error)
else:
    print("dulwich: cloned")
PY
venv/bin/python clone.py 2>/dev/null | tee seen
grep -q "AssertionError: Expected bytes, got <class 'int'>" seen
