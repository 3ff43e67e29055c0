#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the cost of mixed sizes of pictures: throughput and batches with pictures of one size, and with the sizes
that people upload.

    sizes.py [--service BIN_FOLDER] [--set KEY=VALUE]...             the null engine, whose time grows with the pixels
    sizes.py --one-by-one [--service BIN_FOLDER] [--set KEY=VALUE]... the built-in model on the CPU, one picture at a time

--service names the folder of another build, to compare two builds with the same requests.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

from loopback import free_port

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Service:
    def __init__(self, folder, settings):
        self.url = f"nats://127.0.0.1:{free_port()}"
        self.http = f"127.0.0.1:{free_port()}"
        arguments = [part for each in [f"http.listen={self.http}", f"nats.url={self.url}", *settings]
                     for part in ("--set", each)]
        self.log = tempfile.NamedTemporaryFile("w+", suffix=".log")
        self.process = subprocess.Popen([os.path.join(folder, "inpaintd"), "--start-nats", *arguments],
                                        stdout=self.log, stderr=self.log)

    def __enter__(self):
        while "serving" not in self.text():
            if self.process.poll() is not None:
                sys.exit(self.text())
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def text(self):
        with open(self.log.name, encoding="utf-8") as log:
            return log.read()

    def counts(self):
        """The counters by their name, with their labels."""
        with urllib.request.urlopen(f"http://{self.http}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        pairs = (re.fullmatch(r"(inpaintd_\S+) ([0-9.e+]+)", line) for line in lines)
        return {pair[1]: float(pair[2]) for pair in pairs if pair}


def load(options, service, arguments):
    """One run of inpaint-load: its report, and by how much the service's counters grew."""
    before = service.counts()
    with tempfile.TemporaryDirectory() as scratch:
        report = os.path.join(scratch, "report.json")
        done = subprocess.run([os.path.join(options.bin, "inpaint-load"), "--server", service.url, "--warmup", "0",
                               "--timeout", "10min", "--json", report, *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stdout)
        with open(report, encoding="utf-8") as text:
            values = json.load(text)
    after = service.counts()
    return values, {name: value - before.get(name, 0) for name, value in after.items()}


def measure(options, service, name, arguments):
    values, grown = load(options, service, arguments)
    pixels = grown["inpaintd_pixels_run_total"]
    tiles, batches = grown["inpaintd_batch_size_sum"], grown["inpaintd_batch_size_count"]
    sizes = {key[len('inpaintd_tiles_total{size="'):-2]: int(value) for key, value in grown.items()
             if key.startswith("inpaintd_tiles_total") and value}
    needed = grown.get("inpaintd_pixels_needed_total")
    seconds = values["duration_s"]
    print(f"{name:10} {values['rate']:8.2f} answers/s  {pixels / seconds / 1e6:7.2f} MP/s of the network  "
          f"{pixels / values['ok'] / 512 ** 2:5.2f} x 512x512 a request  batches of {tiles / batches:5.2f}  "
          f"p50 {values['latency_ms']['p50']:7.1f} ms, {values['stages_ms']['queue']['p50']:.2f} ms of them in the queue  sizes {sizes or 'not counted'}"
          + (f"  for no hole {1 - needed / pixels:.2f}" if needed else ""), flush=True)
    return values["rate"], pixels / seconds


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--bin", default=os.path.join(ROOT, "build/release/bin"), help="folder of inpaint-load")
    arguments.add_argument("--service", help="folder of inpaintd; default: the same")
    arguments.add_argument("--pace", default="20ms+5ms+19ms/MP", help="of the null engine (default: %(default)s)")
    arguments.add_argument("--requests", type=int, default=2000, help="in each run (default: %(default)s)")
    arguments.add_argument("--one-by-one", action="store_true")
    arguments.add_argument("--set", action="append", default=[], dest="settings")
    options = arguments.parse_args()
    folder = options.service or options.bin
    people = ["--sizes", "people"]
    if options.one_by_one:
        with Service(folder, options.settings) as service:
            measure(options, service, "warm-up", [*people, "--requests", "3", "--concurrency", "1"])
            measure(options, service, "people", [*people, "--requests", "100", "--concurrency", "1", "--seed", "2"])
        return
    pretended = ["model.engine=null", f"model.null_pace={options.pace}", "batch.size_max=8", *options.settings]
    requests = ["--requests", str(options.requests), "--concurrency", "24", "--format", "raw", "--region", "patch",
                "--verify", "0"]
    one_size = ["--size", "512", "--masks", "hole", "--strategy", "whole"]
    with Service(folder, pretended) as service:
        for mix in (one_size, people):  # a run before the measurement, in which the batcher measures its batches
            load(options, service, [*mix, "--requests", "200", *requests[2:]])
        one, one_pixels = measure(options, service, "one size", [*one_size, *requests])
        mixed, mixed_pixels = measure(options, service, "people", [*people, *requests])
        print(f"people / one size: {mixed / one:.2f} of the answers, {mixed_pixels / one_pixels:.2f} of the pixels")
        lone = ["--requests", "100", "--concurrency", "1", "--format", "raw", "--region", "patch", "--verify", "0"]
        measure(options, service, "one, alone", [*one_size, *lone])
        measure(options, service, "people, alone", [*people, *lone])


main()
