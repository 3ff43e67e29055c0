#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks Markdown files: lines of prose have at most 120 characters, and the targets of relative links exist.

    tools/check_markdown.py [--wrap] FILE...

With --wrap, the script first wraps paragraphs and list items that have a longer line. Tables, code blocks, and lines
that consist of one link may be longer, because Markdown cannot divide them. The target of a link is relative to its
file; the fragment must be a heading of the target.
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
    """Yields the number and the text of each line outside code blocks."""
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
    """The targets of the links in a line, without those in `code`."""
    line = CODE.sub("", line)
    definition = DEFINITION.match(line)
    return LINK.findall(line) + ([definition.group(1)] if definition else [])


@functools.lru_cache(maxsize=None)
def anchors(path):
    """The fragments of the headings of a Markdown file, as GitHub forms them."""
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
    """True for lines that Markdown cannot divide: a row of a table, or one link and nothing else."""
    text = line.strip().lstrip("-*> ")
    return text.startswith("|") or DEFINITION.match(line) or LINK.sub("", text).strip(" .,;:") == "" and LINK.search(text)


def link_error(path, target):
    """The error in the target of a link, or None."""
    if SCHEME.match(target) or target.startswith("//"):
        return None
    name, _, fragment = urllib.parse.unquote(target).partition("#")
    place = os.path.join(os.path.dirname(path), name) if name else path
    if not os.path.exists(place):
        return f"the target of the link {target} does not exist; correct the path, or remove the link"
    if fragment and place.endswith(".md") and fragment not in anchors(place):
        return f"the link {target} names a heading that {place} does not have; correct the fragment"
    return None


def findings(path):
    for number, line in prose(path):
        if len(line) > WIDTH_MAX and not may_be_long(line):
            yield f"{path}:{number}: the line has {len(line)} characters; use at most {WIDTH_MAX}"
        for target in targets(line):
            error = link_error(path, target)
            if error:
                yield f"{path}:{number}: {error}"


MARKER = re.compile(r"^(\s*(?:[-*+]|\d+[.)])\s+|\s*)")
# Lines that end a paragraph and are not prose: headings, tables, quotes, definitions, HTML, rules.
APART = re.compile(r"^\s*(#|\||>|\[[^\]]+\]:|</?[a-z]+[\s>]|<!--|-{3,}\s*$|={3,}\s*$)")


def filled(lines):
    """The lines of a paragraph or list item, wrapped at the width if any line is too long."""
    # Two spaces or a backslash at the end of a line are an intended line break.
    if all(len(line) <= WIDTH_MAX for line in lines) or any(line.endswith(("  ", "\\")) for line in lines):
        return lines
    marker = MARKER.match(lines[0]).group(1)
    indent = re.match(r"\s*", lines[1]).group() if len(lines) > 1 else " " * len(marker)
    result, line = [], marker
    # Code and links stay undivided.
    text = " ".join([lines[0][len(marker):]] + [each.strip() for each in lines[1:]])
    words = re.findall(r"(?:`[^`]*`|\[[^\]]*\]\([^)]*\)|\S)+", text)
    for word in words:
        if line.strip() and len(line) + len(word) > WIDTH_MAX and line != marker:
            result.append(line.rstrip())
            line = indent
        line += word + " "
    return result + [line.rstrip()]


def wrap(path):
    """Wraps the paragraphs and list items of a file that have a line which is too long."""
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
    found = [each for path in paths for each in findings(path)]
    for each in found:
        print(f"  {each}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
