#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Restarts three workers and two gateways one after the other, as an upgrade does, while clients send requests over
HTTP and over NATS. Prints how many requests were lost, and how long they took. Exit code 1: a request was lost, or a
program did not end with exit code 0.

    tools/bench/rolling.py [--bin build/release/bin] [--clients 16] [--rate 40]

The null engine takes 20 ms for each batch and 5 ms for each picture. A client over HTTP sends one request after the
other (`?wait=1`), and sends a request that was refused or cut off to the other gateway, as a load balancer does. The
clients over NATS are those of inpaint-load, with retries.
"""
import argparse
import asyncio
import collections
import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile
import time

from http_requests import ask, picture, post_bytes
from loopback import free_port

QUIET = 5  # seconds before the first restart, and after the last one
GIVE_UP = 60  # seconds after which a request is lost

parser = argparse.ArgumentParser(usage=__doc__)
parser.add_argument("--bin", default="build/release/bin")
parser.add_argument("--clients", type=int, default=16)
parser.add_argument("--rate", type=int, default=40, help="requests over NATS in a second")
args = parser.parse_args()


class Program:
    """A program that is restarted; `serves` is what its log says when it takes requests."""

    def __init__(self, scratch, name, serves, *command):
        self.name, self.serves, self.command = name, serves, command
        self.log = scratch / f"{name}.log"

    async def start(self):
        with self.log.open("wb") as log:
            self.process = await asyncio.create_subprocess_exec(*self.command, stdout=log, stderr=log)
        while self.serves not in self.log.read_text():
            if self.process.returncode is not None:
                sys.exit(f"{self.name} did not start: {self.log.read_text()}")
            await asyncio.sleep(0.02)

    async def stop(self):
        self.process.terminate()
        return await self.process.wait()


class Requests:
    """The clients over HTTP, and what became of their requests."""

    def __init__(self, scratch, ports):
        self.picture, self.ports = picture(scratch, "256x256", 90), ports
        self.retried, self.times, self.lost, self.sent = collections.Counter(), [], 0, 0

    async def one(self, first):
        self.sent += 1
        data = post_bytes(*self.picture, "?wait=1", quality=1 + self.sent % 99, dilate=self.sent // 99 % 64)
        begin = time.perf_counter()
        attempt = first
        while time.perf_counter() - begin < GIVE_UP:
            try:
                status, _, _ = await ask(self.ports[attempt % len(self.ports)], data)
                if status == 200:
                    self.times.append((begin, time.perf_counter() - begin))
                    return
                self.retried[f"answer {status}"] += 1
            except OSError as error:
                self.retried[type(error).__name__] += 1
            attempt += 1
            await asyncio.sleep(0.05)
        self.lost += 1

    async def client(self, number, ended):
        while not ended.is_set():
            await self.one(number)


def text(times):
    ordered = sorted(times)
    points = {"median": 0.5, "p99": 0.99}
    parts = [f"{name} {1000 * ordered[int(len(ordered) * share)]:.0f} ms" for name, share in points.items()]
    return ", ".join([*parts, f"at most {1000 * ordered[-1]:.0f} ms"])


async def roll(programs, bad):
    await asyncio.sleep(QUIET)
    for each in programs:
        if code := await each.stop():
            bad.append(f"{each.name} ended with exit code {code}")
        await each.start()
    await asyncio.sleep(QUIET)


async def measure(scratch):
    nats_port, ports = free_port(), [free_port(), free_port()]
    url = f"nats://127.0.0.1:{nats_port}"
    config = scratch / "nats.conf"
    config.write_text(f'listen: "127.0.0.1:{nats_port}"\nmax_payload: 8MB\n')
    settings = ["model.engine=null", "model.null_pace=20ms+5ms", "http.listen=", "model.devices=cpu"]
    worker = [f"{args.bin}/inpaintd", "--server", url, *(each for setting in settings for each in ("--set", setting))]
    workers = [Program(scratch, f"worker{i}", "serving inpaint.v1.run", *worker) for i in range(3)]
    gateways = [Program(scratch, f"gateway{i}", "serving http", f"{args.bin}/inpaint-gateway", "--server", url,
                        "--listen", f"127.0.0.1:{port}") for i, port in enumerate(ports)]
    bad = []
    async with contextlib.AsyncExitStack() as stack:
        for each in [Program(scratch, "nats", "Server is ready", "nats-server", "-c", config), *workers, *gateways]:
            await each.start()
            stack.push_async_callback(each.stop)
        requests, ended = Requests(scratch, ports), asyncio.Event()
        clients = [asyncio.create_task(requests.client(i, ended)) for i in range(args.clients)]
        report = scratch / "load.json"
        begin = time.perf_counter()
        load = await asyncio.create_subprocess_exec(
            f"{args.bin}/inpaint-load", "--server", url, "--rate", str(args.rate), "--poisson", "--duration", "10min",
            "--warmup", "0", "--timeout", "20s", "--retries", "20", "--size", "256", "--json", report,
            stdout=subprocess.DEVNULL)
        await roll([*workers, *gateways], bad)
        took = time.perf_counter() - begin
        load.send_signal(2)  # SIGINT ends the load, and the report has what was answered
        await load.wait()
        ended.set()
        await asyncio.gather(*clients)
    over_nats = json.loads(report.read_text())
    quiet = [each for at, each in requests.times if at < begin + QUIET - 1]
    print(f"rolling: three workers and two gateways restarted within {took:.0f} s")
    print(f"HTTP: {requests.sent} requests, {requests.lost} lost; sent again after {dict(requests.retried)}")
    print(f"      before the first restart: {text(quiet)}; all: {text([each for _, each in requests.times])}")
    lost = over_nats["sent"] - over_nats["ok"]
    print(f"NATS: {over_nats['sent']} requests, {lost} lost; errors {over_nats['errors']}; p99 "
          f"{over_nats['latency_ms']['p99']:.0f} ms, at most {over_nats['latency_ms']['max']:.0f} ms")
    for each in bad:
        print(each)
    return 1 if requests.lost or lost or bad else 0


with tempfile.TemporaryDirectory() as folder:
    sys.exit(asyncio.run(measure(pathlib.Path(folder))))
