# SPDX-License-Identifier: Apache-2.0
"""Fills the holes of a picture: inpaint.py IMAGE MASK RESULT [URL]"""
import asyncio
import pathlib
import sys
import uuid

import msgpack
import nats


class Failure(Exception):
    """Why there is no picture, in words."""


def reply_to(request_id, message):
    """The map in a message about the request, or None: streams that keep the requests answer them, too."""
    if message.headers and message.headers.get("Status") == "503":
        raise Failure("no service listens; start inpaintd")
    try:
        reply = msgpack.unpackb(message.data)
    except ValueError:
        return None
    if not isinstance(reply, dict):
        return None
    about_us = reply.get("id") == request_id or (reply.get("id") == "" and reply.get("status") == "error")
    return reply if about_us else None


async def final_reply(request_id, messages):
    while True:
        message = await messages.get()
        if isinstance(message, Exception):
            raise Failure(str(message).strip())
        if reply := reply_to(request_id, message):
            return reply


async def main(image, mask, result, url="nats://127.0.0.1:4222"):
    messages = asyncio.Queue()
    # Errors of the connection, such as a forbidden subject, arrive beside the messages.
    connection = await nats.connect(url, error_cb=messages.put)
    inbox = connection.new_inbox()
    await connection.subscribe(inbox, cb=messages.put)
    request = {
        "id": "example-" + uuid.uuid4().hex,
        "image": pathlib.Path(image).read_bytes(),
        "mask": pathlib.Path(mask).read_bytes(),
    }
    await connection.publish("inpaint.v1.run", msgpack.packb(request), reply=inbox)
    patience = 65  # seconds: a little more than the service's default deadline
    reply = await asyncio.wait_for(final_reply(request["id"], messages), patience)
    await connection.close()
    if reply["status"] == "error":
        raise Failure(f"{reply['error']['code']}: {reply['error']['message']}")
    pathlib.Path(result).write_bytes(reply["image"])


try:
    asyncio.run(main(*sys.argv[1:]))
except Failure as failure:
    sys.exit(str(failure))
