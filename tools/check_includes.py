#!/usr/bin/env python3
"""Checks that includes point down the diagram of docs/architecture.md: each folder may use those listed here."""
import re
import sys

ALLOWED = {
    "core": set(),
    "image": {"core"},
    "models": {"core"},
    "bus": {"core"},
    "http": {"core"},
    "config": {"core"},
    "actors": {"core", "image", "models", "bus", "http", "config"},
    "tools": {"core", "image", "models", "bus", "http", "config", "actors"},
}
# Libraries that only one folder may know (CAF also their tests).
OWNERS = {
    "torch/": "models", "ATen/": "models", "c10/": "models", "opencv2/": "image",
    "nats/": "bus", "msgpack": "bus", "caf/": "actors", "toml": "config",
    "httplib": "http", "prometheus/": "actors",
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def complaints(path):
    folder = path.split("/")[0]
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        kind, name = match.groups()
        for prefix, owner in OWNERS.items():
            if kind == "<" and name.startswith(prefix) and folder not in (owner, "tests"):
                yield f"{path}:{number}: <{name}> belongs to {owner}/"
        target = name.split("/")[0]
        if kind == '"' and folder in ALLOWED and target in ALLOWED and target not in ALLOWED[folder] | {folder}:
            yield f"{path}:{number}: {folder}/ may not include {target}/"


found = [each for path in sys.argv[1:] for each in complaints(path)]
print("".join(f"  {each}\n" for each in found), end="")
sys.exit(1 if found else 0)
