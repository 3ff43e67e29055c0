#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the five slowest tests of a report that `ctest --output-junit FILE` wrote.

    tools/slowest_tests.py FILE
"""
import sys
import xml.etree.ElementTree

SHOWN = 5


def main(path):
    tests = xml.etree.ElementTree.parse(path).getroot().iter("testcase")
    times = sorted(((float(test.get("time") or 0), test.get("name")) for test in tests), reverse=True)
    print(f"check: the slowest of {len(times)} tests")
    for seconds, name in times[:SHOWN]:
        print(f"  {seconds:8.1f} s  {name}")


if __name__ == "__main__":
    main(sys.argv[1])
