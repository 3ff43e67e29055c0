#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs tools/check_markdown.py on files in a temporary folder."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check_markdown.py"
LONG = "word " * 25  # 125 characters


class CheckMarkdown(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)

    def check(self, text):
        (self.root / "page.md").write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, SCRIPT, "page.md"], cwd=self.root, capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.returncode, 1 if done.stdout else 0)
        return done.stdout

    def test_a_line_of_120_characters_is_allowed_and_one_more_is_not(self):
        self.assertEqual(self.check("x" * 120 + "\n"), "")
        self.assertEqual(self.check("first\n" + "x" * 121 + "\n"),
                         "  page.md:2: the line has 121 characters; use at most 120\n")

    def test_characters_are_counted_and_not_bytes(self):
        self.assertEqual(self.check("\u00fc" * 120 + "\n"), "")

    def test_tables_code_blocks_and_lines_of_one_link_may_be_long(self):
        self.assertEqual(self.check(f"| {LONG}|\n"), "")
        self.assertEqual(self.check(f"```\n{LONG}\n```\n"), "")
        self.assertEqual(self.check(f"- [a](https://example.org/{'x' * 120})\n"), "")
        self.assertEqual(self.check(f"[a]: https://example.org/{'x' * 120}\n"), "")

    def test_a_line_after_a_code_block_is_prose_again(self):
        self.assertIn("page.md:4:", self.check(f"```\ncode\n```\n{LONG}\n"))

    def test_the_target_of_a_relative_link_is_a_file_or_a_folder(self):
        (self.root / "other.md").write_text("# Other\n", encoding="utf-8")
        (self.root / "folder").mkdir()
        self.assertEqual(self.check("[a](other.md), [b](folder/), ![c](other.md)\n"), "")
        self.assertEqual(self.check("[a](gone.md)\n"),
                         "  page.md:1: the target of the link gone.md does not exist; correct the path, or remove the link\n")
        self.assertIn("gone.md", self.check("[a]: gone.md\n"))

    def test_a_fragment_names_a_heading(self):
        (self.root / "other.md").write_text("# How to add: a `setting`\n# Twice\n# Twice\n", encoding="utf-8")
        self.assertEqual(self.check("[a](other.md#how-to-add-a-setting) [b](other.md#twice-1)\n"), "")
        self.assertIn("names a heading that other.md does not have", self.check("[a](other.md#gone)\n"))
        self.assertEqual(self.check("# Here\n[a](#here)\n"), "")
        self.assertIn("names a heading", self.check("# Here\n[a](#there)\n"))

    def test_links_to_other_hosts_and_text_in_code_are_not_checked(self):
        self.assertEqual(self.check("[a](https://example.org/gone) `[b](gone.md)`\n```\n[c](gone.md)\n```\n"), "")

    def wrapped(self, text):
        page = self.root / "page.md"
        page.write_text(text, encoding="utf-8")
        subprocess.run([sys.executable, SCRIPT, "--wrap", "page.md"], cwd=self.root, capture_output=True)
        return page.read_text(encoding="utf-8")

    def test_long_paragraphs_and_items_are_wrapped(self):
        self.assertEqual(self.wrapped(f"{LONG}end\n"), "word " * 23 + "word\nword end\n")
        self.assertEqual(self.wrapped(f"- {LONG}end\n- b\n"), "- " + "word " * 22 + "word\n  word word end\n- b\n")
        self.assertEqual(self.wrapped(f"short\nlines\n\n| {LONG}|\n"), f"short\nlines\n\n| {LONG}|\n")
        self.assertEqual(self.wrapped(f"```\n{LONG}\n```\n"), f"```\n{LONG}\n```\n")

    def test_code_and_links_are_not_divided(self):
        code = f"`{'a b ' * 20}c`"
        self.assertEqual(self.wrapped(f"{'x' * 100} {code}\n"), f"{'x' * 100}\n{code}\n")


if __name__ == "__main__":
    unittest.main()
