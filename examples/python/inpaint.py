# SPDX-License-Identifier: Apache-2.0
"""Fills the holes of a picture: inpaint.py IMAGE MASK RESULT [URL]"""
import asyncio
import pathlib
import sys
import uuid

import msgpack
import nats


def reply_to(request_id, message):
    """The map in a message about the request, or None: streams that keep the requests answer them, too."""
    if message.headers and message.headers.get("Status") == "503":
        sys.exit("no service listens; start inpaintd")
    try:
        reply = msgpack.unpackb(message.data)
    except ValueError:
        return None
    if not isinstance(reply, dict):
        return None
    about_us = reply.get("id") == request_id or (reply.get("id") == "" and reply.get("status") == "error")
    return reply if about_us else None


async def main(image, mask, result, url="nats://127.0.0.1:4222"):
    messages = asyncio.Queue()

    async def on_error(error):  # permission violations arrive here, and only here
        await messages.put(error)

    connection = await nats.connect(url, error_cb=on_error)
    inbox = connection.new_inbox()
    await connection.subscribe(inbox, cb=messages.put)
    request = {
        "id": "example-" + uuid.uuid4().hex,
        "image": pathlib.Path(image).read_bytes(),
        "mask": pathlib.Path(mask).read_bytes(),
    }
    await connection.publish("inpaint.v1.run", msgpack.packb(request), reply=inbox)
    async with asyncio.timeout(65):  # a little longer than the service's default deadline
        reply = None
        while not reply:
            message = await messages.get()
            if isinstance(message, Exception):
                sys.exit(str(message))
            reply = reply_to(request["id"], message)
    await connection.close()
    if reply["status"] == "error":
        sys.exit(f"{reply['error']['code']}: {reply['error']['message']}")
    pathlib.Path(result).write_bytes(reply["image"])


asyncio.run(main(*sys.argv[1:]))
