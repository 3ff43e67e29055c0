#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plots throughput and latency over time from a report of `inpaint-load --json FILE`.

Needs the Debian package python3-matplotlib. The ending of the output file chooses its format: svg, png, pdf.
"""
import argparse
import json

# Colours that people with colour-blindness can tell apart (Okabe and Ito).
BLUE, GREEN, ORANGE, RED = "#0072b2", "#009e73", "#e69f00", "#d55e00"


def plot(report, limit_ms, output):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    timeline = report["timeline"]
    intervals, length = timeline["intervals"], timeline["interval_s"]
    figure, (rates, latencies) = pyplot.subplots(2, 1, sharex=True, figsize=(10, 6.4), layout="constrained")
    figure.suptitle(f"{', '.join(report['served_by']) or 'no answers'}: {report['rate']:.4g} answers/s")
    edges = [each["begin_s"] for each in intervals] + [length * len(intervals)]
    for key, name, style in (("due_per_s", "due", {"color": "black", "linestyle": "--"}),
                             ("ok_per_s", "answered", {"color": BLUE}), ("failed_per_s", "failed", {"color": RED})):
        rates.stairs([each[key] for each in intervals], edges, baseline=None, label=name, zorder=2, **style)
    answered = [each for each in intervals if each["ok_per_s"] > 0]
    for key, name, colour in (("p99_ms", "p99", ORANGE), ("p90_ms", "p90", GREEN), ("p50_ms", "p50", BLUE)):
        middles = [each["begin_s"] + length / 2 for each in answered]
        latencies.plot(middles, [each[key] for each in answered], color=colour, label=name)
    if limit_ms is not None:
        latencies.axhline(limit_ms, color=RED, linestyle=":", label="limit")
    for axes, label in ((rates, "throughput, requests per second"),
                        (latencies, "latency from the scheduled time, milliseconds")):
        if timeline["warmup_s"] > 0:
            axes.axvspan(0, timeline["warmup_s"], color="#eeeeee", label="warm-up", zorder=0)
        axes.set_title(label, loc="left", fontsize="medium")
        axes.set_ylim(bottom=0)
        axes.grid(color="#dddddd")
        axes.set_axisbelow(True)
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    latencies.set_xlabel("time in seconds")
    figure.savefig(output)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", help="the JSON file of a run with --concurrency, --rate or --profile")
    parser.add_argument("-o", "--output", default="load.svg", help="default: load.svg")
    parser.add_argument("--limit", type=float, metavar="MS", help="a latency limit to draw, in milliseconds")
    arguments = parser.parse_args()
    with open(arguments.report, encoding="utf-8") as file:
        plot(json.load(file), arguments.limit, arguments.output)
