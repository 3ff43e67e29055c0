#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that no two classes of one name exist in a namespace outside of tests: a program that links both mixes up
their destructors and other inline functions, and no compiler or linker tells.

    tools/check_types.py FILE...      paths relative to the root of the repository
"""
import re
import sys

OPENS = re.compile(r"namespace\s*([\w:]*)\s*\{")
CLOSES = re.compile(r"\}\s*//\s*namespace")
DEFINES = re.compile(r"(?:class|struct)\s+([\w:]+)(?:\s+final)?\s*(?::[^:;]*(?:::[^:;]*)*)?\{")


def defined(path):
    """The classes that a formatted file defines at the level of a namespace that has a name."""
    namespaces = []
    with open(path, encoding="utf-8") as source:
        for line in source:
            if opens := OPENS.match(line):
                namespaces.append(opens.group(1))
            elif CLOSES.match(line) and namespaces:
                namespaces.pop()
            elif namespaces and "" not in namespaces and (defines := DEFINES.match(line)):
                yield "::".join([*namespaces, defines.group(1)])


def main(paths):
    places = {}
    for path in paths:
        if not path.startswith("tests/"):
            for name in defined(path):
                places.setdefault(name, []).append(path)
    twice = {name: files for name, files in places.items() if len(files) > 1}
    for name, files in sorted(twice.items()):
        print(f"{name} is defined in {' and '.join(files)}; rename one of them")
    return 1 if twice else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
