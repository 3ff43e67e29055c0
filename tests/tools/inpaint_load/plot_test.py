#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of tools/inpaint_load/plot.py; exit code 77 (skipped) without matplotlib."""
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

SCRIPT = pathlib.Path(__file__).resolve().parents[3] / "tools/inpaint_load/plot.py"


def plot(intervals, served_by, *arguments):
    """The text of the plot of a run with these intervals of 0.5 s."""
    report = {"served_by": served_by, "rate": 12.3456,
              "timeline": {"interval_s": 0.5, "warmup_s": 0.5, "intervals": intervals}}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "load.json").write_text(json.dumps(report), encoding="utf-8")
        subprocess.run([sys.executable, SCRIPT, path / "load.json", "-o", path / "load.svg", *arguments], check=True)
        return (path / "load.svg").read_text(encoding="utf-8")


def interval(begin, ok):
    return {"begin_s": begin, "due_per_s": 12, "ok_per_s": ok, "failed_per_s": 1, "p50_ms": 30, "p90_ms": 60, "p99_ms": 90}


class Plot(unittest.TestCase):
    def test_a_plot_names_model_rate_axes_and_curves(self):
        svg = plot([interval(0, 10), interval(0.5, 0), interval(1, 14)], {"a <model> on cpu": 12}, "--limit", "200")
        xml.etree.ElementTree.fromstring(svg)
        # matplotlib draws text as paths and repeats it in a comment.
        for text in ("a &lt;model&gt; on cpu: 12.35 answers/s", "requests per second", "milliseconds", "time in seconds",
                     "due", "answered", "failed", "p50", "p90", "p99", "warm-up", "limit"):
            self.assertIn(f"{text}", svg)

    def test_a_run_without_answers_or_intervals_is_plotted_as_well(self):
        for intervals in ([], [interval(0, 0)]):
            svg = plot(intervals, {})
            xml.etree.ElementTree.fromstring(svg)
            self.assertIn("no answers", svg)


if __name__ == "__main__":
    if importlib.util.find_spec("matplotlib") is None:
        print("python3-matplotlib is not installed")
        sys.exit(77)
    unittest.main()
