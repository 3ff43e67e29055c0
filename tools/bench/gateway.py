#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures inpaint-gateway beside plain NATS, with the null engine:

    tools/bench/gateway.py [--bin build/release/bin] [--streams 3000] [latency] [streams] [uploads] [slow] [kills]

latency   the median time of a 512x512 JPEG over NATS and over HTTP, with one request at a time
streams   memory with many waiting event streams, and whether each of them gets exactly one final event
uploads   64 pictures of 12 megapixels and about 4 MB at the same time, with retries: answers by status, and the peak of
          the gateway's memory
slow      the time of a request beside 500 connections that never finish their headers
kills     the final events of the tasks of 16 clients, while worker and nats-server are killed and restarted in turn
"""
import argparse
import asyncio
import collections
import json
import pathlib
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from http_requests import ask, picture, post_bytes
from loopback import free_port

parser = argparse.ArgumentParser(usage=__doc__)
parser.add_argument("--bin", default="build/release/bin")
parser.add_argument("--streams", type=int, default=3000)
parser.add_argument("--rounds", type=int, default=200)
parser.add_argument("--seconds", type=int, default=40, help="of kills")
parser.add_argument("what", nargs="*", default=[])
args = parser.parse_args()
what = args.what or ["latency", "streams", "uploads", "slow", "kills"]
scratch = pathlib.Path(tempfile.mkdtemp())


class Programs:
    """nats-server, inpaintd with the null engine, and the gateway."""

    def __init__(self, *settings, gateway=()):
        self.nats_port, self.port = free_port(), free_port()
        sets = [each for setting in settings for each in ("--set", setting)]
        url = f"nats://127.0.0.1:{self.nats_port}"
        log = open(scratch / "log", "a")
        self.start(log, url, ["--set", "model.engine=null", "--set", "http.listen=", "--set", "model.devices=cpu", *sets])
        self.gateway = subprocess.Popen([f"{args.bin}/inpaint-gateway", "--server", url, "--listen",
            f"127.0.0.1:{self.port}", *gateway], stdout=log, stderr=log)
        for _ in range(600):
            if self.ready():
                break
            time.sleep(0.1)
        else:
            sys.exit("the programs did not start; see " + str(scratch / "log"))

    def start(self, log, url, sets):
        self.worker = subprocess.Popen([f"{args.bin}/inpaintd", "--start-nats", "--server", url, *sets], stdout=log,
                                       stderr=log)

    def stop(self):
        self.worker.terminate()
        self.worker.wait()

    def ready(self):
        try:
            return self.post(*picture(scratch, "64x64", 90), "?wait=1")[0] == 200
        except OSError:
            return False

    def request(self, data):
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            client.sendall(data)
            answer = b"".join(iter(lambda: client.recv(1 << 20), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), body

    def post(self, image, mask, query="", **fields):
        return self.request(post_bytes(image, mask, query, **fields))

    def memory(self, key="VmRSS"):
        status = pathlib.Path(f"/proc/{self.gateway.pid}/status").read_text()
        return int(status.split(key + ":")[1].split()[0]) / 1024

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.gateway.terminate()
        self.gateway.wait()
        self.stop()


class Nats:
    """A NATS client for single requests, with msgpack by hand."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.file.readline()
        self.socket.sendall(b'CONNECT {"verbose":false,"headers":true}\r\nSUB inbox.* 1\r\n')
        self.count = 0

    def ask(self, image, mask, quality):
        def text(value):
            return b"\xd9" + bytes([len(value)]) + value

        def blob(value):
            return b"\xc6" + len(value).to_bytes(4, "big") + value

        message = b"\x83" + text(b"image") + blob(image) + text(b"mask") + blob(mask) + \
            text(b"options") + b"\x81" + text(b"quality") + bytes([quality])
        self.count += 1
        self.socket.sendall(b"PUB inpaint.v1.run inbox.%d %d\r\n%s\r\n" % (self.count, len(message), message))
        while not (line := self.file.readline().split())[0].endswith(b"MSG"):
            pass
        self.file.read(int(line[-1]) + 2)


def latency():
    image, mask = picture(scratch, "512x512", 90)
    with Programs("batch.wait_max=0ms", "cache.mask_bytes_max=0KiB") as programs:
        nats, times = Nats(programs.nats_port), {"NATS": [], "HTTP": []}
        web = socket.create_connection(("127.0.0.1", programs.port))
        web.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        file = web.makefile("rb")
        for i in range(args.rounds + 20):
            start = time.perf_counter()
            nats.ask(image, mask, 1 + i % 99)
            middle = time.perf_counter()
            web.sendall(post_bytes(image, mask, "?wait=1", "keep-alive", quality=1 + i % 99))
            length = 0
            while (line := file.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split()[1])
            file.read(length)
            if i >= 20:
                times["NATS"].append((middle - start) * 1000)
                times["HTTP"].append((time.perf_counter() - middle) * 1000)
        medians = {name: statistics.median(all_times) for name, all_times in times.items()}
        print(f"latency: {len(image)} bytes of JPEG: NATS {medians['NATS']:.2f} ms, HTTP {medians['HTTP']:.2f} ms, "
              f"added {medians['HTTP'] - medians['NATS']:.2f} ms (medians of {args.rounds})")


async def watch(port, task, counts, started):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
    writer.write(f"GET /events?task={task} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    first, finals = True, 0
    while line := await reader.readline():
        if line.startswith(b"event: "):
            started[0] += first
            first = False
            finals += line.strip() in (b"event: result", b"event: error")
    writer.close()
    counts[finals] += 1


def streams():
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    image, mask = picture(scratch, "256x256", 90)
    with Programs("model.null_pace=15s", "batch.size_max=64", "device.warm_up=0ms",
                  gateway=("--timeout", "300s")) as programs:
        pass_ready = programs.memory()
        tasks = [json.loads(programs.post(image, mask, quality=i + 1)[1])["task_id"] for i in range(30)]
        counts, started = collections.Counter(), [0]

        async def run():
            before, start = programs.memory(), time.perf_counter()
            waiting = [asyncio.create_task(watch(programs.port, tasks[i % 30], counts, started))
                       for i in range(args.streams)]
            while started[0] < args.streams and time.perf_counter() - start < 60:
                await asyncio.sleep(0.05)
            print(f"streams: {started[0]} of {args.streams} have their first event after "
                  f"{time.perf_counter() - start:.1f} s; memory {pass_ready:.1f} MiB at first, {before:.1f} MiB with the "
                  f"tasks, {programs.memory():.1f} MiB with the streams")
            await asyncio.gather(*waiting)

        asyncio.run(run())
        print(f"streams: final events by stream: {dict(counts)}; memory at the end {programs.memory():.1f} MiB, at most "
              f"{programs.memory('VmHWM'):.1f} MiB")


async def upload(port, data, statuses):
    """Sends a picture until it is accepted, and obeys Retry-After. Returns the id of the task."""
    while True:
        status, head, body = await ask(port, data)
        statuses[status] += 1
        if status == 202:
            return json.loads(body)["task_id"]
        if status not in (429, 503):
            sys.exit(f"uploads: {body}")
        await asyncio.sleep(int(head.lower().split("retry-after:")[1].split()[0]))


def uploads():
    image, mask = picture(scratch, "4000x3000", 90, grain=0.7)
    with Programs(gateway=("--retries", "100", "--timeout", "300s")) as programs:
        datas = [post_bytes(image, mask, "", quality=i + 1) for i in range(64)]
        statuses, finals, started = collections.Counter(), collections.Counter(), [0]

        async def run():
            start = time.perf_counter()
            tasks = await asyncio.gather(*(upload(programs.port, data, statuses) for data in datas))
            accepted = time.perf_counter() - start
            await asyncio.gather(*(watch(programs.port, task, finals, started) for task in tasks))
            return accepted, time.perf_counter() - start

        accepted, done = asyncio.run(run())
        print(f"uploads: 64 pictures of {len(image) / 1e6:.1f} MB: answers by status {dict(statuses)}, all accepted after "
              f"{accepted:.1f} s and done after {done:.1f} s; final events by task {dict(finals)}; memory at most "
              f"{programs.memory('VmHWM'):.0f} MiB")


def slow():
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    image, mask = picture(scratch, "512x512", 90)
    with Programs() as programs:
        lorises = [socket.create_connection(("127.0.0.1", programs.port)) for _ in range(500)]
        times = []
        for i in range(100):
            for loris in lorises[i::100]:
                loris.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX")
            start = time.perf_counter()
            assert programs.post(image, mask, "?wait=1", quality=1 + i % 99)[0] == 200
            times.append((time.perf_counter() - start) * 1000)
        print(f"slow: with 500 slow connections a request takes {statistics.median(times):.1f} ms, at most {max(times):.1f} ms")
        for loris in lorises:
            loris.close()


class Victims(Programs):
    """The programs, with a nats-server that can be killed apart from the worker."""

    def start(self, log, url, sets):
        config = scratch / "nats.conf"
        config.write_text(f'listen: "127.0.0.1:{self.nats_port}"\nmax_payload: 8MB\n')
        self.commands = {
            "nats": ["nats-server", "-c", config],
            "worker": [f"{args.bin}/inpaintd", "--server", url, *sets],
        }
        self.log, self.children = log, {}
        for name in self.commands:
            self.revive(name)

    def revive(self, name):
        self.children[name] = subprocess.Popen(self.commands[name], stdout=self.log, stderr=self.log)

    def kill(self, name):
        self.children[name].kill()
        self.children[name].wait()

    def stop(self):
        for name in reversed(self.children):
            self.kill(name)


async def client(port, image, mask, end, counts):
    """Sends one task after another, and reads the events of each from its start."""
    while time.perf_counter() < end:
        number = counts["tasks"] = counts["tasks"] + 1
        status, _, body = await ask(port, post_bytes(image, mask, quality=1 + number % 99, dilate=number // 99 % 64))
        counts[f"answered {status}"] += 1
        if status == 202:
            await watch(port, json.loads(body)["task_id"], counts, [0])
        else:
            await asyncio.sleep(0.2)


def kills():
    image, mask = picture(scratch, "256x256", 90)
    with Victims("model.null_pace=20ms", "batch.size_max=4", gateway=("--timeout", "10s")) as programs:
        counts, killed = collections.Counter(), collections.Counter()

        async def murder(end):
            while time.perf_counter() < end - 10:
                for name in ("worker", "nats"):
                    await asyncio.sleep(3)
                    programs.kill(name)
                    killed[name] += 1
                    await asyncio.sleep(0.5)
                    programs.revive(name)

        async def run():
            end = time.perf_counter() + args.seconds
            await asyncio.gather(murder(end), *(client(programs.port, image, mask, end, counts) for _ in range(16)))

        asyncio.run(run())
        finals = {key: value for key, value in counts.items() if isinstance(key, int)}
        print(f"kills: {dict(killed)} killed in {args.seconds} s; tasks by number of final events {finals}; "
              f"{ {key: value for key, value in counts.items() if isinstance(key, str)} }")


for each in what:
    {"latency": latency, "streams": streams, "uploads": uploads, "slow": slow, "kills": kills}[each]()
