# SPDX-License-Identifier: Apache-2.0
"""The messages of docs/protocol.md."""
from __future__ import annotations

import os
import pathlib
import random
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Callable, Mapping, Optional, Sequence, Tuple, Union

import msgpack


class InpaintError(Exception):
    """Why there is no picture.

    code: a code of docs/protocol.md, or "no_service" (no worker is connected), "no_answer" (none arrived in time), or
        "connection" (it has ended, or the server's permissions forbid the request).
    retryable: whether the same request may succeed later.
    retry_after: the seconds after which the service asks for the next attempt, or None.
    """

    def __init__(self, code: str, message: str, retryable: bool = False, retry_after: Optional[float] = None):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retryable = retryable
        self.retry_after = retry_after


@dataclass(frozen=True)
class RawPixels:
    """Raw samples, row by row: 3 bytes for each pixel of a picture, 1 for each pixel of a mask."""
    width: int
    height: int
    data: bytes


@dataclass(frozen=True)
class BitMask:
    """One bit for each pixel, rows padded to bytes, most significant bit first."""
    width: int
    height: int
    bits: bytes


@dataclass(frozen=True)
class Rects:
    """A mask of rectangles (x, y, width, height)."""
    rects: Sequence[Tuple[int, int, int, int]]


@dataclass(frozen=True)
class StoredObject:
    """A file in the object store of NATS, for pictures that no message can hold. As the option `result`, it is where
    the service stores the answer's picture."""
    bucket: str
    name: str


# A file as bytes, or by its path, or in the object store; or pixels.
Source = Union[bytes, str, "os.PathLike[str]", StoredObject, RawPixels, BitMask, Rects]


@dataclass(frozen=True)
class Note:
    code: str
    message: str


@dataclass(frozen=True)
class Picture:
    """A filled picture. `image` is a file in this `format`, or 3 bytes for each pixel if the format is "raw"; it is
    empty if the picture is stored at `result`. `exact` says how exact the picture is outside of the holes: "bits",
    "pixels" or "recoded"."""
    format: str
    width: int
    height: int
    region: Tuple[int, int, int, int]
    timings_us: Mapping[str, int]
    batch_size: int
    device: str
    model: str
    cached: bool
    service: str
    image: bytes = b""
    result: Optional[StoredObject] = None
    exact: Optional[str] = None
    notes: Tuple[Note, ...] = ()


@dataclass(frozen=True)
class Queued:
    """`position` requests are ahead; the answer is expected in `eta_ms` (0: not known)."""
    position: int
    eta_ms: int


@dataclass(frozen=True)
class Running:
    batch_size: int
    device: str


Progress = Union[Queued, Running]
Reply = Union[Picture, InpaintError, Queued, Running]


@dataclass(frozen=True)
class Request:
    """A request on the wire. `options` are those of docs/protocol.md."""
    id: str
    image: Source
    mask: Source
    timeout_ms: Optional[int] = None
    progress: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


def read_source(source: Source) -> Any:
    """The form of a picture or mask in a request. A form that was read already stays as it is."""
    if isinstance(source, Mapping):
        return source
    if isinstance(source, RawPixels):
        return {"w": source.width, "h": source.height, "data": source.data}
    if isinstance(source, BitMask):
        return {"w": source.width, "h": source.height, "bits": source.bits}
    if isinstance(source, StoredObject):
        return {"object": asdict(source)}
    if isinstance(source, Rects):
        return {"rects": [list(rect) for rect in source.rects]}
    if isinstance(source, (str, os.PathLike)):
        return pathlib.Path(source).read_bytes()
    return bytes(source)


def encode_request(request: Request) -> bytes:
    message = {"id": request.id, "image": read_source(request.image), "mask": read_source(request.mask)}
    if request.timeout_ms is not None:
        message["timeout_ms"] = request.timeout_ms
    if request.progress:
        message["progress"] = True
    if request.options:
        message["options"] = {name: asdict(value) if isinstance(value, StoredObject) else value
                              for name, value in request.options.items()}
    return msgpack.packb(message)


def encode_cancel(request_id: str) -> bytes:
    return msgpack.packb({"id": request_id})


def run_subject(prefix: str, priority: str = "normal") -> str:
    return f"{prefix}.v1.run" if priority == "normal" else f"{prefix}.v1.run.{priority}"


def cancel_subject(prefix: str) -> str:
    return f"{prefix}.v1.cancel"


def error_of(error: Mapping[str, Any]) -> InpaintError:
    """The error in an answer of the service or the gateway."""
    wait = error.get("retry_after_ms")
    return InpaintError(error["code"], error["message"], error["retryable"], None if wait is None else wait / 1000)


def picture_of(reply: Mapping[str, Any]) -> Picture:
    known = {name: reply[name] for name in Picture.__dataclass_fields__ if name in reply}
    known["region"] = tuple(reply["region"])
    if "result" in known:
        known["result"] = StoredObject(known["result"]["bucket"], known["result"]["name"])
    known["notes"] = tuple(Note(note["code"], note["message"]) for note in reply.get("notes", ()))
    return Picture(**known)


def read_reply(message: bytes, request_id: str) -> Optional[Reply]:
    """The reply in a message, or None when the message is not about the request: others, such as a stream that keeps
    the requests, may send to an inbox as well. Keys that are not known are ignored."""
    try:
        reply = msgpack.unpackb(message, strict_map_key=False)
    except ValueError:
        return None
    if not isinstance(reply, dict):
        return None
    status = reply.get("status")
    refused = reply.get("id") == "" and status == "error"  # the request's id was not readable
    if reply.get("id") != request_id and not refused:
        return None
    if status == "done":
        return picture_of(reply)
    if status == "error":
        return error_of(reply["error"])
    if status == "queued":
        return Queued(reply["position"], reply["eta_ms"])
    if status == "running":
        return Running(reply["batch_size"], reply["device"])
    return None


def back_off(retry_after: Optional[float], attempt: int, jitter: Optional[float] = None) -> float:
    """The seconds to wait after attempt number `attempt` (from 0). `jitter` (0 to 1) adds up to a quarter."""
    wait = 0.2 * 2 ** min(attempt, 5) if retry_after is None else retry_after
    return wait * (1 + (random.random() if jitter is None else jitter) / 4)


def pause_before_retry(error: InpaintError, attempt: int, retries: int, deadline: float,
                       retrying: Optional[Callable[[InpaintError, float], None]]) -> float:
    """The seconds until the attempt after number `attempt` (from 0) failed with `error`, which `retrying` is told.
    Raises `error` when there is no further attempt before `deadline` (of time.monotonic)."""
    wait = back_off(error.retry_after, attempt)
    if not error.retryable or attempt >= retries or time.monotonic() + wait >= deadline:
        raise error
    if retrying is not None:
        retrying(error, wait)
    return wait
