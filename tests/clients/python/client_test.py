#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Python client over a connection that answers as a test tells it. Debian 12 has no nats-py: a class in this file
has the functions of its connections that the client uses."""
import asyncio
import pathlib
import sys
import types
import unittest

import msgpack

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "clients" / "python"))
import inpaintd  # noqa: E402

DONE = {"status": "done", "image": b"p", "format": "png", "width": 1, "height": 1, "region": [0, 0, 1, 1],
        "timings_us": {"total": 1}, "batch_size": 1, "device": "cpu", "model": "m", "cached": False, "service": "s"}


def message(data, headers=None):
    return types.SimpleNamespace(data=data, headers=headers)


def error(code, retryable, **more):
    return {"status": "error", "error": {"code": code, "message": "why", "retryable": retryable, **more}}


class Connection:
    """Answers request number n with scripts[n]: a list of maps, to which the id is added, and of other messages."""
    max_payload = 1000
    is_closed = False

    def __init__(self, *scripts):
        self.scripts = list(scripts)
        self.requests, self.cancelled, self.handlers = [], [], {}
        self.asked = asyncio.Event()

    def new_inbox(self):
        return f"_INBOX.{len(self.handlers)}"

    async def subscribe(self, subject, cb):
        self.handlers[subject] = cb

        async def unsubscribe():
            del self.handlers[subject]

        return types.SimpleNamespace(unsubscribe=unsubscribe)

    async def publish(self, subject, payload, reply=""):
        request = msgpack.unpackb(payload)
        if subject.endswith(".cancel"):
            self.cancelled.append(request["id"])
            return
        self.requests.append(request)
        self.asked.set()
        for each in self.scripts.pop(0) if self.scripts else []:
            if isinstance(each, dict):
                each = message(msgpack.packb({"id": request["id"], **each}))
            await self.handlers[reply](each)

    async def flush(self, timeout):
        pass

    async def close(self):
        self.is_closed = True


class ClientTest(unittest.IsolatedAsyncioTestCase):
    async def test_the_picture_arrives_and_what_does_not_concern_the_request_is_skipped(self):
        connection = Connection([message(b'{"stream":"AUDIT"}'), {"status": "queued", "position": 2, "eta_ms": 7},
                                 {"id": "other", **error("internal", False)},
                                 {"status": "running", "batch_size": 1, "device": "cpu"}, DONE])
        states = []
        async with inpaintd.Client(connection) as client:
            picture = await client.inpaint(b"i", b"m", progress=states.append, format="png")
        self.assertEqual(picture.image, b"p")
        self.assertEqual(states, [inpaintd.Queued(2, 7), inpaintd.Running(1, "cpu")])
        self.assertEqual(connection.requests[0]["options"], {"format": "png"})
        self.assertTrue(connection.is_closed)
        self.assertEqual(connection.handlers, {})

    async def test_a_retryable_error_is_followed_by_another_attempt_with_a_new_id(self):
        nobody = message(b"", {"Status": "503"})
        connection = Connection([error("overloaded", True, retry_after_ms=10)], [nobody], [DONE])
        told = []
        await inpaintd.Client(connection).inpaint(b"i", b"m", retrying=lambda why, wait: told.append((why.code, wait)))
        self.assertEqual([code for code, _ in told], ["overloaded", "no_service"])
        self.assertTrue(0.01 <= told[0][1] <= 0.0125 and 0.4 <= told[1][1] <= 0.5)
        self.assertEqual(len({request["id"] for request in connection.requests}), 3)

    async def test_other_errors_are_raised(self):
        connection = Connection([error("size_mismatch", False)], [error("overloaded", True, retry_after_ms=1500)])
        client = inpaintd.Client(connection)
        with self.assertRaises(inpaintd.InpaintError) as refused:
            await client.inpaint(b"i", b"m")
        self.assertEqual((refused.exception.code, refused.exception.retry_after), ("size_mismatch", None))
        with self.assertRaises(inpaintd.InpaintError) as busy:
            await client.inpaint(b"i", b"m", retries=0)
        self.assertEqual((busy.exception.retryable, busy.exception.retry_after), (True, 1.5))
        with self.assertRaises(inpaintd.InpaintError) as large:
            await client.inpaint(bytes(2000), b"m")
        self.assertEqual(large.exception.code, "too_large")
        self.assertEqual(len(connection.requests), 2)

    async def test_a_cancelled_task_cancels_its_request(self):
        connection = Connection()
        task = asyncio.create_task(inpaintd.Client(connection).inpaint(b"i", b"m"))
        await connection.asked.wait()
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertEqual(connection.cancelled, [connection.requests[0]["id"]])

    async def test_a_forbidden_subject_ends_the_request(self):
        connection = Connection()
        client = inpaintd.Client(connection)
        task = asyncio.create_task(client.inpaint(b"i", b"m"))
        await connection.asked.wait()
        client.denied(Exception("nats: permissions violation for publish to \"other\""))
        client.denied(Exception("nats: permissions violation for publish to \"inpaint.v1.run\""))
        with self.assertRaises(inpaintd.InpaintError) as denied:
            await task
        self.assertEqual(denied.exception.code, "connection")
        self.assertIn("inpaint.v1.run", str(denied.exception))


unittest.main()
