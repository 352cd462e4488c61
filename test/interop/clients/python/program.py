"""What the Python clients of the matrix share: see ../README.md for the commands."""

import argparse
import json
import sys
import threading

PARTITIONS = 3


def tell(value):
    print(json.dumps(value), flush=True)


def tell_place(partition, offset):
    tell({"partition": partition, "offset": offset})


def tell_record(partition, offset, key, value):
    tell({"partition": partition, "offset": offset, "key": key.decode(), "value": value.decode()})


def tell_assigned(partitions):
    tell({"assigned": sorted(partitions)})


def records():
    """Keys and values of the input."""
    for line in sys.stdin.buffer.read().decode().splitlines():
        key, value = line.split("\t", 1)
        yield key.encode(), value.encode()


def until_input_ends():
    """An event that is set when the input ends: then a member leaves."""
    stopped = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()
    return stopped


def read_flags():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["produce", "member", "admin"])
    names = ("bootstrap", "topic", "codec", "idempotent", "group")
    for name in (*names, "protocol", "ca", "mechanism", "username", "password"):
        parser.add_argument("--" + name)
    parser.set_defaults(protocol="PLAINTEXT")
    flags = parser.parse_args()
    flags.idempotent = flags.idempotent == "true"
    return flags


def run(produce, member, admin):
    flags = read_flags()
    {"produce": produce, "member": member, "admin": admin}[flags.command](flags)
