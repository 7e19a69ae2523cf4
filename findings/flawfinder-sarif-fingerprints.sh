#!/usr/bin/env bash
# flawfinder 2.0.20 gives all results on one line the same SARIF fingerprint.
#
# SARIF calls a fingerprint something that identifies a result. flawfinder's `contextHash/v1` is the SHA-256 of the line's
# text alone: two weaknesses of different rules on one line cannot be told apart by it, and a receiver that removes
# duplicates by fingerprint keeps one of them. An importer has to compare rule, path, line and text.
#
# Seen: flawfinder 2.0.20: rules FF1001 and FF1005, one fingerprint. Exits with 1 if they differ.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip --quiet install flawfinder==2.0.20
cat > a.c <<'C'
#include <string.h>
void gate(char *to, const char *from) { strcpy(to, from); strcat(to, from); }
C
venv/bin/flawfinder --sarif a.c > a.sarif
cat > look.py <<'PY'
import hashlib
import json

line = open("a.c").read().splitlines()[1]
results = json.load(open("a.sarif"))["runs"][0]["results"]
rules = [result["ruleId"] for result in results]
prints = {result["fingerprints"]["contextHash/v1"] for result in results}
print("rules:", rules)
print("different fingerprints:", len(prints))
print("it is the SHA-256 of the line:", prints == {hashlib.sha256(line.encode()).hexdigest()})
PY
python3 look.py | tee seen
grep -qx "rules: \['FF1001', 'FF1005'\]" seen
grep -qx "different fingerprints: 1" seen
grep -qx "it is the SHA-256 of the line: True" seen
