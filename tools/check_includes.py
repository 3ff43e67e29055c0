#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that includes point down the diagram of docs/architecture.md: each folder may use the folders listed here.

    tools/check_includes.py FILE...      paths relative to the root of the project
"""
import re
import sys

ALLOWED = {
    "core": set(),
    "image": {"core"},
    "models": {"core"},
    "bus": {"core"},
    "scheduling": {"core"},
    "config": {"core"},
    "monitoring": {"core", "models", "bus", "scheduling", "config"},
    "actors": {"core", "image", "models", "bus", "scheduling", "config", "monitoring"},
    "gateway": {"core", "bus", "config", "monitoring"},
    "tools": {"core", "image", "models", "bus", "scheduling", "config", "monitoring", "actors", "gateway"},
}
# Libraries that only some folders may know; tests may know all of them.
OWNERS = {
    "torch/": {"models"}, "ATen/": {"models"}, "c10/": {"models"}, "opencv2/": {"image"},
    "nats/": {"bus"}, "msgpack": {"bus"}, "caf/": {"actors"}, "toml": {"config"},
    "httplib": {"monitoring"}, "prometheus/": {"monitoring", "gateway"},
    "spdlog/": {"monitoring", "actors", "gateway", "tools"}, "CLI/": {"tools"}, "boost/": {"gateway"},
}
# Parts of models/ that know the standard library alone.
STANDARD_ONLY = ("models/cpu/", "models/lama/", "models/null/")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def complaints(path):
    folder = path.split("/")[0]
    with open(path, encoding="utf-8") as source:
        lines = source.readlines()
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        kind, name = match.groups()
        for prefix, owners in OWNERS.items():
            if kind == "<" and name.startswith(prefix) and folder not in owners | {"tests"}:
                yield f"{path}:{number}: <{name}> belongs to {', '.join(sorted(owners))}"
            if kind == "<" and name.startswith(prefix) and path.startswith(STANDARD_ONLY):
                yield f"{path}:{number}: <{name}> in a folder that knows the standard library alone"
        target = name.split("/")[0]
        if kind == '"' and folder in ALLOWED and target in ALLOWED and target not in ALLOWED[folder] | {folder}:
            yield f"{path}:{number}: {folder}/ may not include {target}/"


found = [each for path in sys.argv[1:] for each in complaints(path)]
print("".join(f"  {each}\n" for each in found), end="")
sys.exit(1 if found else 0)
