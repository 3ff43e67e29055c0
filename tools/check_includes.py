#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that includes follow the diagram of docs/architecture.md: each folder may include the folders listed here.

    tools/check_includes.py FILE...      paths relative to the root of the repository
"""
import re
import sys

ALLOWED = {
    "core": set(),
    "http": {"core"},
    "image": {"core"},
    "models": {"core"},
    "bus": {"core"},
    "clients": {"core", "bus"},
    "scheduling": {"core"},
    "config": {"core", "image", "models", "bus", "scheduling"},
    "monitoring": {"core", "http", "models", "bus", "scheduling", "config"},
    "actors": {"core", "image", "models", "bus", "scheduling", "config", "monitoring"},
    "gateway": {"core", "http", "bus", "config", "monitoring"},
    "tools": {"core", "image", "models", "bus", "clients", "scheduling", "config", "monitoring", "actors", "gateway"},
}
# Libraries that only some folders may include; tests may include all of them.
OWNERS = {
    "torch/": {"models"}, "ATen/": {"models"}, "c10/": {"models"}, "opencv2/": {"image"},
    "nats/": {"bus"}, "msgpack": {"bus"}, "caf/": {"actors"}, "toml": {"config"},
    "prometheus/": {"monitoring", "gateway"},
    "spdlog/": {"http", "monitoring", "actors", "gateway", "tools"}, "CLI/": {"tools"}, "boost/": {"http"},
}
# Parts of models/ that may include only the standard library.
STANDARD_ONLY = ("models/cpu/", "models/lama/", "models/null/")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def findings(path):
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
                yield f"{path}:{number}: <{name}> may be included only in {', '.join(sorted(owners))}"
            if kind == "<" and name.startswith(prefix) and path.startswith(STANDARD_ONLY):
                yield f"{path}:{number}: <{name}> is not allowed here; this folder may include only the standard library"
        target = name.split("/")[0]
        if kind == '"' and folder in ALLOWED and target in ALLOWED and target not in ALLOWED[folder] | {folder}:
            yield f"{path}:{number}: {folder}/ may not include {target}/; see docs/architecture.md"


found = [each for path in sys.argv[1:] for each in findings(path)]
print("".join(f"  {each}\n" for each in found), end="")
sys.exit(1 if found else 0)
