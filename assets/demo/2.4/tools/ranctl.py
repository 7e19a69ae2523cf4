#!/usr/bin/env python3
"""ranctl - look after a number of nodes from the operations desk.

    ranctl.py nodes.txt ping
    ranctl.py nodes.txt log --lines 50
    ranctl.py nodes.txt port 38412

The node list has one node a line: a name, a blank and an address. Lines that
start with '#' are comments.
"""

import argparse
import ipaddress
import socket
import subprocess
import sys

LOG_FILE = "/var/log/acme-ran.log"


class Node:
    """A node of the list."""

    def __init__(self, name, address):
        self.name = name
        self.address = address

    def __str__(self):
        return f"{self.name} ({self.address})"


def read_nodes(path):
    """Read the node list. A line of another form is an error."""
    nodes = []
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            words = line.split(None, 1)
            if len(words) != 2:
                raise ValueError(f"{path}:{number}: name and address expected")
            nodes.append(Node(words[0], words[1]))
    return nodes


def ping(node):
    """True when the node answers one packet."""
    # list form and a checked address: nothing for a shell to read
    address = str(ipaddress.ip_address(node.address))
    done = subprocess.run(
        ["ping", "-c", "1", "-W", "2", address],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


def tail_log(node, lines):
    """The last lines of the log of a node."""
    command = f"ssh -o BatchMode=yes ran@{node.address} tail -n {lines} {LOG_FILE}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    if done.returncode != 0:
        return f"no answer: {done.stderr.strip()}"
    return done.stdout


def check_port(node, port):
    """True when a TCP port of the node is open."""
    try:
        with socket.create_connection((node.address, port), timeout=2):
            return True
    except OSError:
        return False


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nodes", help="file with the node list")
    sub = parser.add_subparsers(dest="action", required=True)
    sub.add_parser("ping", help="ask every node for a sign of life")
    log = sub.add_parser("log", help="show the end of the logs")
    log.add_argument("--lines", default="20", help="how many lines (default 20)")
    port = sub.add_parser("port", help="is a port open")
    port.add_argument("number", type=int)
    args = parser.parse_args(argv)

    bad = 0
    for node in read_nodes(args.nodes):
        if args.action == "ping":
            good = ping(node)
            print(f"{node}: {'up' if good else 'DOWN'}")
            bad += not good
        elif args.action == "log":
            print(f"--- {node}")
            print(tail_log(node, args.lines))
        else:
            good = check_port(node, args.number)
            print(f"{node}: {'open' if good else 'closed'}")
            bad += not good
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
