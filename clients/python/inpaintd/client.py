# SPDX-License-Identifier: Apache-2.0
"""The client over NATS; it needs nats-py."""
from __future__ import annotations

import asyncio
import time
import uuid
from typing import Any, Callable, Optional

from .messages import (InpaintError, Picture, Progress, Request, Source, pause_before_retry, cancel_subject, encode_cancel,
                       encode_request, read_reply, read_source, run_subject)

GRACE = 5.0  # seconds after the timeout: the service answers when a batch that runs then is done


async def connect(url: str = "nats://127.0.0.1:4222", *, prefix: str = "inpaint", **options: Any) -> Client:
    """Connects to a NATS server. The other options are those of nats.connect. Raises InpaintError."""
    import nats  # only this way needs it

    client = Client(None, prefix)
    told = options.pop("error_cb", None)

    async def on_error(error: Exception) -> None:
        client.denied(error)
        if told is not None:
            await told(error)

    try:
        client.connection = await nats.connect(url, error_cb=on_error, **options)
    except Exception as error:  # nats-py has no common base class for them
        raise InpaintError("connection", f"the NATS server at {url} cannot be reached: {error}") from error
    return client


class Client:
    """Sends requests; any number at the same time. `connect` makes one."""

    def __init__(self, connection: Any, prefix: str = "inpaint"):
        """Uses a connection of nats-py, whose error_cb must then call `denied`."""
        self.connection = connection
        self._prefix = prefix
        self._waiting: dict[str, tuple[str, asyncio.Queue]] = {}

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self.connection.close()

    async def cancel(self, request_id: str) -> None:
        """Cancels a request of this or another client that no device has started."""
        await self.connection.publish(cancel_subject(self._prefix), encode_cancel(request_id))
        await self.connection.flush(timeout=1)

    async def inpaint(self, image: Source, mask: Source, *, timeout: float = 60, retries: int = 4,
                      progress: Optional[Callable[[Progress], None]] = None,
                      retrying: Optional[Callable[[InpaintError, float], None]] = None,
                      priority: str = "normal", request_id: Optional[str] = None, **options: Any) -> Picture:
        """Fills the masked pixels of a picture.

        timeout: seconds for all attempts, up to 600. retries: further attempts after an error that may be temporary.
        retrying: is told each error that is followed by another attempt, and the seconds until then.
        options: format, quality, region, ... of docs/protocol.md.
        Raises InpaintError. When the task is cancelled, so is the request.
        """
        image, mask = read_source(image), read_source(mask)
        deadline = time.monotonic() + timeout
        attempt = 0
        while True:
            left_ms = max(1, round(1000 * (deadline - time.monotonic())))
            request = Request(request_id or "py-" + uuid.uuid4().hex, image, mask, left_ms, progress is not None, options)
            try:
                return await self._try_once(run_subject(self._prefix, priority), request, progress)
            except InpaintError as error:
                wait = pause_before_retry(error, attempt, retries, deadline, retrying)
            await asyncio.sleep(wait)
            attempt += 1

    def denied(self, error: Exception) -> None:
        """Ends the requests that an error of the connection names: the server tells forbidden operations beside all
        messages."""
        for inbox, (subject, messages) in self._waiting.items():
            text = str(error).lower()  # as nats-py has it
            if "permissions violation" in text and (f'"{subject.lower()}"' in text or f'"{inbox.lower()}"' in text):
                messages.put_nowait(InpaintError("connection", f"{error}; extend the permissions of this user, or use "
                                                               "another one"))

    async def _try_once(self, subject: str, request: Request,
                        progress: Optional[Callable[[Progress], None]]) -> Picture:
        payload = encode_request(request)
        limit = self.connection.max_payload
        if limit and len(payload) > limit:
            raise InpaintError("too_large", f"the request has {len(payload)} bytes, and the NATS server accepts at most "
                                            f"{limit}; send JPEG or WebP, or raise max_payload in the configuration of "
                                            "the server")
        messages: asyncio.Queue = asyncio.Queue()
        inbox = self.connection.new_inbox()
        self._waiting[inbox] = (subject, messages)
        subscription = None
        try:
            subscription = await self.connection.subscribe(inbox, cb=messages.put)
            await self.connection.publish(subject, payload, reply=inbox)
            assert request.timeout_ms is not None
            return await asyncio.wait_for(self._final(subject, request.id, messages, progress),
                                          request.timeout_ms / 1000 + GRACE)
        except asyncio.TimeoutError:
            raise InpaintError("no_answer", "no answer arrived in time") from None
        except asyncio.CancelledError:
            await self.cancel(request.id)
            raise
        finally:
            del self._waiting[inbox]
            if subscription is not None and not self.connection.is_closed:
                await subscription.unsubscribe()

    async def _final(self, subject: str, request_id: str, messages: asyncio.Queue,
                     progress: Optional[Callable[[Progress], None]]) -> Picture:
        while True:
            message = await messages.get()
            if isinstance(message, InpaintError):
                raise message
            if not message.data and message.headers and message.headers.get("Status") == "503":
                raise InpaintError("no_service", f"no inpainting service listens on {subject}; start inpaintd",
                                   retryable=True)
            reply = read_reply(message.data, request_id)
            if isinstance(reply, InpaintError):
                raise reply
            if isinstance(reply, Picture):
                return reply
            if reply is not None and progress is not None:
                progress(reply)


def inpaint(image: Source, mask: Source, url: str = "nats://127.0.0.1:4222", *, prefix: str = "inpaint",
            **arguments: Any) -> Picture:
    """Fills one picture without asyncio: connects, sends one request, and closes the connection. The other arguments
    are those of Client.inpaint."""

    async def run() -> Picture:
        async with await connect(url, prefix=prefix) as client:
            return await client.inpaint(image, mask, **arguments)

    return asyncio.run(run())
