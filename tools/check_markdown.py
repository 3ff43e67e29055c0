#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks Markdown files: prose lines have at most 120 characters, and relative links lead to something.

    tools/check_markdown.py [--wrap] FILE...

With --wrap, paragraphs and list items that have a line which is too long are filled anew first.
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


MARKER = re.compile(r"^(\s*(?:[-*+]|\d+[.)])\s+|\s*)")
# Lines that are no prose, and end a paragraph: headings, tables, quotes, definitions, HTML, rules.
APART = re.compile(r"^\s*(#|\||>|\[[^\]]+\]:|</?[a-z]+[\s>]|<!--|-{3,}\s*$|={3,}\s*$)")


def filled(lines):
    """The lines of one paragraph or list item, as they were or, if one is too long, filled to the width."""
    # Two spaces or a backslash at the end of a line break it on purpose.
    if all(len(line) <= WIDTH_MAX for line in lines) or any(line.endswith(("  ", "\\")) for line in lines):
        return lines
    marker = MARKER.match(lines[0]).group(1)
    indent = re.match(r"\s*", lines[1]).group() if len(lines) > 1 else " " * len(marker)
    result, line = [], marker
    # Neither code nor the text of a link is divided.
    text = " ".join([lines[0][len(marker):]] + [each.strip() for each in lines[1:]])
    words = re.findall(r"(?:`[^`]*`|\[[^\]]*\]\([^)]*\)|\S)+", text)
    for word in words:
        if line.strip() and len(line) + len(word) > WIDTH_MAX and line != marker:
            result.append(line.rstrip())
            line = indent
        line += word + " "
    return result + [line.rstrip()]


def wrap(path):
    """Fills paragraphs and list items anew that have a line which is too long."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    result, block, fence = [], [], None
    for line in lines:
        mark = FENCE.match(line)
        inside = fence is not None
        if mark and not inside:
            fence = mark.group(1)
        elif mark and mark.group(1).startswith(fence):
            fence = None
        alone = inside or mark or not line.strip() or APART.match(line)
        begins_item = bool(re.match(r"^\s*([-*+]|\d+[.)])\s", line))
        if block and (alone or begins_item):
            result += filled(block)
            block = []
        if alone:
            result.append(line)
        else:
            block.append(line)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(result + (filled(block) if block else [])))


def main(paths):
    if paths[:1] == ["--wrap"]:
        paths = paths[1:]
        for path in paths:
            wrap(path)
    found = [each for path in paths for each in complaints(path)]
    for each in found:
        print(f"  {each}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
