#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Estimates by simulation the gain when tiles of a smaller side fill the room in a batch of a larger side.

    move_up.py [--pace RUN_MS,TILE_MS,MS_PER_MEGAPIXEL] [--batch N] [--shares 256=14,512=73,768=12,1024=1]

One device serves a closed loop: each answer is followed by a new request, whose side is drawn by the shares. The device
takes the side whose first tile has waited longest, and as many tiles of that side as a batch holds. The rules differ in
the tiles of smaller sides that fill the room left: `none`; `alone`, if a tile costs less in this batch than in a run
of its own; `emptied`, if all waiting tiles of a side fit and cost less together than the run that they save; `rest`,
the same for the tiles that exceed the full batches of a side.
"""
import argparse
import collections
import random


class Device:
    def __init__(self, options, rule):
        self.run_ms, self.tile_ms, self.pixel_ms = options.pace
        self.most, self.rule, self.sides = options.batch, rule, sorted(options.shares)

    def tile(self, side):
        """The milliseconds that one tile adds to a batch."""
        return self.tile_ms + self.pixel_ms * side * side / 1e6

    def joining(self, waiting, smaller, side, room):
        """The number of tiles of the side `smaller` that a batch of `side` takes in addition."""
        extra = self.tile(side) - self.tile(smaller)
        if self.rule == "alone":
            return min(waiting, room) if extra < self.run_ms else 0
        count = waiting if self.rule == "emptied" else waiting % self.most
        return count if 0 < count <= room and count * extra < self.run_ms else 0

    def serve(self, options, in_flight, seed):
        """Answers per second, tiles in a batch, and the share of tiles that moved."""
        draw = random.Random(seed)
        queues = {side: collections.deque() for side in self.sides}
        arrived = 0

        def arrive():
            nonlocal arrived
            side = draw.choices(self.sides, [options.shares[each] for each in self.sides])[0]
            queues[side].append(arrived)
            arrived += 1

        for _ in range(in_flight):
            arrive()
        answers = batches = moved = 0
        clock = 0.0
        while answers < options.answers:
            side = min((each for each in self.sides if queues[each]), key=lambda each: queues[each][0])
            size = min(self.most, len(queues[side]))
            for _ in range(size):
                queues[side].popleft()
            for smaller in reversed([each for each in self.sides if each < side and self.rule != "none"]):
                count = self.joining(len(queues[smaller]), smaller, side, self.most - size)
                for _ in range(count):
                    queues[smaller].popleft()
                size, moved = size + count, moved + count
            clock += self.run_ms + size * self.tile(side)
            answers, batches = answers + size, batches + 1
            for _ in range(size):
                arrive()
        return answers / clock * 1000, answers / batches, moved / answers


def shares(text):
    return {int(side): float(weight) for side, weight in (part.split("=") for part in text.split(","))}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--pace", type=lambda text: [float(each) for each in text.split(",")], default=[20, 5, 19])
    arguments.add_argument("--batch", type=int, default=8)
    arguments.add_argument("--shares", type=shares, default=shares("256=14,512=73,768=12,1024=1"),
                           help="of the sides; default: what `inpaint-load --sizes people` gives")
    arguments.add_argument("--answers", type=int, default=20000)
    options = arguments.parse_args()
    print("in flight  rule      answers/s  tiles in a batch  moved")
    for in_flight in (8, 24, 64, 256):
        for rule in ("none", "alone", "emptied", "rest"):
            runs = [Device(options, rule).serve(options, in_flight, seed) for seed in (1, 2, 3)]
            rate, size, moved = (sum(each) / len(runs) for each in zip(*runs))
            print(f"{in_flight:9}  {rule:8} {rate:10.1f}  {size:16.2f}  {moved:5.2f}")


main()
