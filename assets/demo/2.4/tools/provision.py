#!/usr/bin/env python3
"""provision - take a new node into service.

The factory sends a "birth record" with every node. This tool reads it, makes
the enrolment token of the node and writes both to the inventory.

    provision.py birth-record.bin inventory.json
"""

import json
import os
import pickle
import random
import string
import sys
import tempfile
import time

TOKEN_LENGTH = 24
FIELDS = ("serial", "model", "mac", "site")


def read_record(path):
    """Read the birth record of a node and check its fields."""
    with open(path, "rb") as f:
        record = pickle.loads(f.read())
    if not isinstance(record, dict):
        raise ValueError("the birth record is not a table")
    missing = [name for name in FIELDS if name not in record]
    if missing:
        raise ValueError("missing in the birth record: " + ", ".join(missing))
    return {name: str(record[name]) for name in FIELDS}


def make_token(serial):
    """The secret with which the node enrols at the key server."""
    random.seed(f"{serial}{int(time.time())}")
    letters = string.ascii_letters + string.digits
    return "".join(random.choice(letters) for _ in range(TOKEN_LENGTH))


def load_inventory(path):
    if not os.path.exists(path):
        return {"nodes": []}
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def save_inventory(path, inventory):
    """Write to a new file and rename it, so that a crash loses nothing."""
    folder = os.path.dirname(os.path.abspath(path))
    fd, temporary = tempfile.mkstemp(dir=folder, prefix=".inventory-")
    try:
        with os.fdopen(fd, "w", encoding="utf-8") as f:
            json.dump(inventory, f, indent=2, sort_keys=True)
            f.write("\n")
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def main(argv):
    if len(argv) != 3:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    record = read_record(argv[1])
    inventory = load_inventory(argv[2])
    if any(node["serial"] == record["serial"] for node in inventory["nodes"]):
        print(f"{record['serial']} is in the inventory already", file=sys.stderr)
        return 1
    record["token"] = make_token(record["serial"])
    inventory["nodes"].append(record)
    save_inventory(argv[2], inventory)
    print(f"{record['serial']} provisioned for {record['site']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
