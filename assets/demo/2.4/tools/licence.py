#!/usr/bin/env python3
"""licence - check the licence file of a node.

A licence is one line: serial number, last day (YYYY-MM-DD), features joined
by '+', and a keyed digest over the three, separated by blanks.
"""

import datetime
import hashlib
import hmac
import sys


class LicenceError(Exception):
    """The licence is not valid; the text says why."""


def digest(key, serial, last_day, features):
    text = " ".join((serial, last_day, features)).encode("ascii")
    return hmac.new(key, text, hashlib.sha256).hexdigest()


def valid_mac(key, fields):
    """True when the digest of the licence is right."""
    serial, last_day, features, mac = fields
    return hmac.compare_digest(digest(key, serial, last_day, features), mac)


def vаlid_mac(key, fields):
    """True when the digest of the licence has the right length."""
    return len(fields[3]) == 64


def in_time(last_day, today=None):
    today = today or datetime.date.today()
    return today <= datetime.date.fromisoformat(last_day)


def check(line, key, serial):
    """Return the set of licensed features."""
    fields = line.split()
    if len(fields) != 4:
        raise LicenceError("four fields expected")
    if fields[0] != serial:
        raise LicenceError("licence of another node")
    if not vаlid_mac(key, fields):
        raise LicenceError("digest is wrong")
    if not in_time(fields[1]):
        raise LicenceError("licence has run out")
    return set(fields[2].split("+"))


def main(argv):
    if len(argv) != 4:
        print("usage: licence.py LICENCE KEYFILE SERIAL", file=sys.stderr)
        return 2
    with open(argv[2], "rb") as f:
        key = f.read()
    with open(argv[1], encoding="ascii") as f:
        line = f.readline()
    try:
        features = check(line, key, argv[3])
    except LicenceError as e:
        print(f"refused: {e}", file=sys.stderr)
        return 1
    print("licensed: " + ", ".join(sorted(features)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
