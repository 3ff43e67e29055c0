#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks Markdown files: prose lines have at most 120 characters, and relative links lead to something.

    tools/check_markdown.py FILE...

Longer lines are allowed where Markdown cannot divide them: tables, code blocks, and lines that are one link. A link's
target is looked for beside its file; its fragment has to be a heading of the target.
"""
import functools
import os
import re
import sys
import urllib.parse

WIDTH_MAX = 120
FENCE = re.compile(r"^\s*(```+|~~~+)")
CODE = re.compile(r"(`+).+?\1")
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)<>\s]+)>?(?:\s+\"[^\"]*\")?\s*\)")
DEFINITION = re.compile(r"^\s{0,3}\[[^\]]+\]:\s+<?([^\s>]+)>?")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$")
SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*:")


def prose(path):
    """Yields number and text of each line outside of code blocks."""
    fence = None
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            mark = FENCE.match(line)
            if mark and fence is None:
                fence = mark.group(1)
            elif mark and mark.group(1).startswith(fence):
                fence = None
            elif fence is None:
                yield number, line.rstrip("\n")


def targets(line):
    """The targets of the links of one line; what stands in `code` is no link."""
    line = CODE.sub("", line)
    definition = DEFINITION.match(line)
    return LINK.findall(line) + ([definition.group(1)] if definition else [])


@functools.lru_cache(maxsize=None)
def anchors(path):
    """The fragments that headings of a Markdown file can be reached by, as GitHub makes them."""
    found = set()
    for _, line in prose(path):
        heading = HEADING.match(line)
        if not heading:
            continue
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.group(1))
        name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        count = 0
        while (unique := f"{name}-{count}" if count else name) in found:
            count += 1
        found.add(unique)
    return found


def may_be_long(line):
    """Whether Markdown cannot divide this line: a row of a table, or one link and nothing else."""
    text = line.strip().lstrip("-*> ")
    return text.startswith("|") or DEFINITION.match(line) or LINK.sub("", text).strip(" .,;:") == "" and LINK.search(text)


def complaint_about(path, target):
    """What is wrong with a link's target, or None."""
    if SCHEME.match(target) or target.startswith("//"):
        return None
    name, _, fragment = urllib.parse.unquote(target).partition("#")
    place = os.path.join(os.path.dirname(path), name) if name else path
    if not os.path.exists(place):
        return f"the link to {target} leads nowhere; correct the path, or remove the link"
    if fragment and place.endswith(".md") and fragment not in anchors(place):
        return f"the link to {target} names a heading that {place} does not have"
    return None


def complaints(path):
    for number, line in prose(path):
        if len(line) > WIDTH_MAX and not may_be_long(line):
            yield f"{path}:{number}: the line has {len(line)} characters; divide it, {WIDTH_MAX} are allowed"
        for target in targets(line):
            complaint = complaint_about(path, target)
            if complaint:
                yield f"{path}:{number}: {complaint}"


def main(paths):
    found = [each for path in paths for each in complaints(path)]
    for each in found:
        print(f"  {each}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
