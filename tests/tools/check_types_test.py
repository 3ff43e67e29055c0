#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs tools/check_types.py on files that define classes of one name in one namespace, and in several ones."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check_types.py"


class CheckTypes(unittest.TestCase):
    def check(self, **texts):
        """What the script prints about files with these texts."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in texts.items():
                (pathlib.Path(folder) / f"{name}.h").write_text(text, encoding="utf-8")
            done = subprocess.run([sys.executable, SCRIPT, *(f"{name}.h" for name in texts)], cwd=folder,
                                  capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.returncode, 1 if done.stdout else 0)
        return done.stdout

    def test_two_classes_of_one_name_are_found(self):
        one = "namespace a {\nclass X : public std::enable_shared_from_this<X> {\n};\n}  // namespace a\n"
        two = "namespace a {\nstruct X {\n};\n}  // namespace a\n"
        self.assertEqual(self.check(one=one, two=two), "a::X is defined in one.h and two.h; rename one of them\n")

    def test_other_namespaces_and_declarations_are_no_second_definition(self):
        one = "namespace a {\nstruct X {\n};\n}  // namespace a\n"
        self.assertEqual(self.check(one=one, two=one.replace(" a", " b")), "")
        self.assertEqual(self.check(one=one, two="namespace a {\nclass X;\nX make();\n}  // namespace a\n"), "")
        hidden = "namespace a {\nnamespace {\nstruct X {\n};\n}  // namespace\n}  // namespace a\n"
        self.assertEqual(self.check(one=one, two=hidden), "")


if __name__ == "__main__":
    unittest.main()
