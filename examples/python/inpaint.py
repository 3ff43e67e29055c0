# SPDX-License-Identifier: Apache-2.0
"""Fills the holes of a picture: inpaint.py IMAGE MASK RESULT [URL]"""
import asyncio
import pathlib
import sys

import msgpack
import nats


async def main(image, mask, result, url="nats://127.0.0.1:4222"):
    connection = await nats.connect(url)
    request = {"image": pathlib.Path(image).read_bytes(), "mask": pathlib.Path(mask).read_bytes()}
    message = await connection.request("inpaint.v1.run", msgpack.packb(request), timeout=60)
    reply = msgpack.unpackb(message.data)
    await connection.close()
    if reply["status"] == "error":
        sys.exit(f"{reply['error']['code']}: {reply['error']['message']}")
    pathlib.Path(result).write_bytes(reply["image"])


asyncio.run(main(*sys.argv[1:]))
