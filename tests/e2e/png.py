#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes pictures and masks of 64x48 pixels with the standard library alone.

    png.py write KIND FILE     KIND: photo, hidden, mask, labels, red, dim, black, drawn, deep,
                         indices
    png.py profile FILE        writes an ICC profile for RGB that has no tags
    png.py pixel FILE X Y      prints the samples of a pixel of an RGB or RGBA file without filters but "up"
"""
import struct
import sys
import zlib

WIDTH, HEIGHT = 64, 48


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(color_type, pixel, palette=b"", depth=8, chunks=b""):
    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(WIDTH)) for y in range(HEIGHT))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, color_type, 0, 0, 0)
    colours = chunk(b"PLTE", palette) if palette else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunks + colours + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def inside(x, y):
    return 20 <= x < 40 and 15 <= y < 30


def drawn(hole, ground):
    return lambda x, y: hole if inside(x, y) else ground


KINDS = {
    "photo": (2, lambda x, y: (4 * x, 5 * y, 255 if inside(x, y) else 80)),
    "hidden": (6, lambda x, y: (0, 255, 0, 0) if y < 8 else (4 * x, 5 * y, 80, 255)),
    "mask": (0, drawn((255,), (0,))),
    "labels": (0, drawn((1,), (0,))),
    "red": (2, drawn((255, 0, 0), (0, 0, 0))),
    "dim": (0, drawn((100,), (0,))),
    "black": (0, lambda x, y: (0,)),
    "drawn": (6, drawn((0, 0, 0, 255), (0, 0, 0, 0))),
    "deep": (2, lambda x, y: struct.pack(">HHH", 900 * x, 700 * y, 65535 if inside(x, y) else 9000), b"", 16,
             chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"tEXt", b"Title\0a picture in linear light")),
    "indices": (3, drawn((1,), (0,)), bytes([0, 0, 0, 90, 0, 0])),
}


def profile():
    head = struct.pack(">I4xI4s4s4s12x4s", 132, 0x02100000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    return head.ljust(128, b"\0") + struct.pack(">I", 0)


def pixel(file, x, y):
    data = open(file, "rb").read()
    at, rows, kind = 8, b"", 0
    while at < len(data):
        length = struct.unpack(">I", data[at:at + 4])[0]
        if data[at + 4:at + 8] == b"IHDR":
            width, kind = struct.unpack(">I", data[at + 8:at + 12])[0], data[at + 17]
        if data[at + 4:at + 8] == b"IDAT":
            rows += data[at + 8:at + 8 + length]
        at += length + 12
    rows, channels = zlib.decompress(rows), {2: 3, 6: 4}[kind]
    line, above = width * channels, bytes(width * channels)
    for row in range(y + 1):
        start = row * (line + 1)
        current = rows[start + 1:start + 1 + line]
        if rows[start] not in (0, 2):
            sys.exit("png.py: the file has a row filter, which this script does not support")
        above = bytes((a + b) & 255 for a, b in zip(current, above)) if rows[start] == 2 else current
    return list(above[x * channels:(x + 1) * channels])


if sys.argv[1] == "write":
    open(sys.argv[3], "wb").write(png(*KINDS[sys.argv[2]]))
elif sys.argv[1] == "profile":
    open(sys.argv[2], "wb").write(profile())
else:
    print(*pixel(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
