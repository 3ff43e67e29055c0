# SPDX-License-Identifier: Apache-2.0
"""The client over HTTP, for programs without nats-py: it speaks to inpaint-gateway (docs/gateway.md)."""
from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from typing import Any, Callable, Iterator, Mapping, Optional, Tuple

from .messages import (BitMask, InpaintError, Picture, Progress, Queued, RawPixels, Rects, Running, Source, StoredObject,
                       error_of, pause_before_retry, picture_of, read_source)

GRACE = 15.0  # seconds after the timeout; the gateway ends a task 5 seconds after its timeout


class HttpClient:
    """Sends requests to a gateway. Threads may use it at the same time."""

    def __init__(self, url: str = "http://127.0.0.1:8080", token: Optional[str] = None):
        """token: one of the gateway's --bearer-tokens."""
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def inpaint(self, image: Source, mask: Source, *, timeout: float = 60, retries: int = 4,
                progress: Optional[Callable[[Progress], None]] = None,
                retrying: Optional[Callable[[InpaintError, float], None]] = None,
                priority: str = "normal", **options: Any) -> Picture:
        """Fills the masked pixels of a picture; image and mask are files.

        timeout: seconds for all attempts, up to 600. retries: further attempts after an error that may be temporary,
        besides those that the gateway makes. options: format, quality, region, ... of docs/protocol.md.
        Raises InpaintError. An exception in `progress`, and Ctrl-C, cancel the task.
        """
        if any(isinstance(each, (StoredObject, RawPixels, BitMask, Rects)) for each in (image, mask)):
            raise InpaintError("bad_request", "the gateway takes files only; use the client over NATS for pixels and "
                                              "stored objects")
        files = {"image": read_source(image), "mask": read_source(mask)}
        deadline = time.monotonic() + timeout
        attempt = 0
        while True:
            left = max(0.001, deadline - time.monotonic())
            fields = {**options, "priority": priority, "timeout_ms": max(1, round(1000 * left))}
            try:
                return self._try_once(files, fields, left + GRACE, progress)
            except InpaintError as error:
                wait = pause_before_retry(error, attempt, retries, deadline, retrying)
            time.sleep(wait)
            attempt += 1

    def cancel(self, task_id: str) -> None:
        """Cancels a task that is not finished, and forgets one that is."""
        self._ask("DELETE", f"/tasks/{task_id}", GRACE).close()

    def _try_once(self, files: Mapping[str, bytes], fields: Mapping[str, Any], patience: float,
                  progress: Optional[Callable[[Progress], None]]) -> Picture:
        body, content_type = multipart(files, fields)
        with self._ask("POST", "/inpaint", patience, body, {"Content-Type": content_type}) as answer:
            task = json.load(answer)["task_id"]
        try:
            done = self._follow(task, patience, progress)
            with self._ask("GET", f"/tasks/{task}/result", patience) as answer:
                return picture_of({"service": "", **done, "image": answer.read()})
        except InpaintError:
            raise
        except BaseException:
            self.cancel(task)
            raise

    def _follow(self, task: str, patience: float, progress: Optional[Callable[[Progress], None]]) -> Mapping[str, Any]:
        """Reads the events of a task until it is done. A gateway that ends closes the stream before."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            with self._ask("GET", f"/tasks/{task}/events", patience) as answer:
                for event, data in read_events(answer):
                    if event == "result":
                        return data
                    if event == "error":
                        raise error_of(data["error"] if "error" in data else data)
                    report(event, data, progress)
            time.sleep(0.2)
        raise InpaintError("no_answer", "no answer arrived in time")

    def _ask(self, method: str, path: str, timeout: float, body: Optional[bytes] = None,
             headers: Mapping[str, str] = {}) -> Any:
        request = urllib.request.Request(self._url + path, body, {**self._headers, **headers}, method=method)
        try:
            return urllib.request.urlopen(request, timeout=timeout)
        except urllib.error.HTTPError as answer:
            with answer:
                raise gateway_error(answer.code, answer.read()) from None
        except OSError as error:
            raise InpaintError("connection", f"the gateway at {self._url} cannot be reached: {error}") from error


def gateway_error(status: int, body: bytes) -> InpaintError:
    try:
        return error_of(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):  # it comes from a proxy
        return InpaintError("connection", f"the answer has the status {status}", retryable=status in (502, 503, 504))


def report(event: str, data: Mapping[str, Any], progress: Optional[Callable[[Progress], None]]) -> None:
    if progress is None:
        return
    if event == "queued" and data.get("position") is not None:
        progress(Queued(data["position"], data.get("eta_ms") or 0))
    elif event == "running":
        progress(Running(data["batch_size"], data["device"]))


def read_events(stream: Any) -> Iterator[Tuple[str, Mapping[str, Any]]]:
    """The server-sent events of a stream; comments are left out."""
    event, data = "", ""
    for line in stream:
        text = line.decode().rstrip("\r\n")
        if not text and data:
            yield event, json.loads(data)
            event, data = "", ""
        elif text.startswith("event:"):
            event = text[6:].strip()
        elif text.startswith("data:"):
            data += text[5:].strip()


def multipart(files: Mapping[str, bytes], fields: Mapping[str, Any]) -> Tuple[bytes, str]:
    """A form and its content type."""
    boundary = uuid.uuid4().hex
    parts = []
    for name, value in fields.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode())
    for name, content in files.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'
        parts += [head.encode(), content, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"
