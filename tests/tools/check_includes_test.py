#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs tools/check_includes.py on a temporary tree with includes that are allowed and includes that are not."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check_includes.py"


class CheckIncludes(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)

    def check(self, path, *lines):
        """What the script prints about one file with these lines."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        done = subprocess.run([sys.executable, SCRIPT, path], cwd=self.root, capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.returncode, 1 if done.stdout else 0)
        return done.stdout

    def test_includes_down_the_diagram_are_allowed(self):
        self.assertEqual(self.check("image/pipeline.cpp", '#include "image/codec.h"', '#include "core/error.h"'), "")
        self.assertEqual(self.check("actors/service.cpp", '#include "bus/connection.h"', '#include "core/job.h"'), "")
        self.assertEqual(self.check("tools/inpaint/main.cpp", '#include "actors/service.h"'), "")

    def test_an_include_up_the_diagram_is_refused_with_its_line(self):
        printed = self.check("core/error.h", "#pragma once", '#include "image/codec.h"')
        self.assertIn("core/error.h:2:", printed)
        self.assertIn("image/", printed)

    def test_an_include_between_neighbours_is_refused(self):
        self.assertIn("bus/connection.cpp:1:", self.check("bus/connection.cpp", '#include "image/codec.h"'))
        self.assertIn("models/batch.h:1:", self.check("models/batch.h", '#include "image/codec.h"'))

    def test_every_folder_may_include_the_standard_library(self):
        self.assertEqual(self.check("core/error.h", "#include <string>", "#include <vector>"), "")

    def test_only_its_owner_may_include_a_library(self):
        self.assertEqual(self.check("image/mask.cpp", "#include <opencv2/imgproc.hpp>"), "")
        self.assertIn("actors/device.cpp:1:", self.check("actors/device.cpp", "#include <opencv2/imgproc.hpp>"))
        self.assertEqual(self.check("bus/connection.cpp", "#include <nats/nats.h>"), "")
        self.assertIn("core/job.h:1:", self.check("core/job.h", "#include <nats/nats.h>"))
        self.assertEqual(self.check("actors/batcher.h", "#include <caf/all.hpp>"), "")
        self.assertIn("scheduling/admission.h:1:", self.check("scheduling/admission.h", "#include <caf/all.hpp>"))

    def test_an_include_with_spaces_is_found_too(self):
        self.assertIn("core/error.h:1:", self.check("core/error.h", '  #  include   "actors/service.h"'))


if __name__ == "__main__":
    unittest.main()
