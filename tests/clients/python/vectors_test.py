#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The messages of the Python client are those of docs/protocol-vectors.json."""
import dataclasses
import json
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "clients" / "python"))
from inpaintd import messages  # noqa: E402

VECTORS = json.loads((ROOT / "docs" / "protocol-vectors.json").read_text(encoding="utf-8"))


def source(form):
    if "object" in form:
        return messages.StoredObject(**form["object"])
    if "file" in form:
        return bytes.fromhex(form["file"])
    if "rects" in form:
        return messages.Rects(form["rects"])
    if "bits" in form:
        return messages.BitMask(form["w"], form["h"], bytes.fromhex(form["bits"]))
    return messages.RawPixels(form["w"], form["h"], bytes.fromhex(form["data"]))


def plain(reply):
    """A reply as the vectors describe it."""
    if reply is None:
        return None
    if isinstance(reply, messages.InpaintError):
        wait = reply.retry_after
        return {"status": "error", "code": reply.code, "message": reply.message, "retryable": reply.retryable,
                "retry_after_ms": None if wait is None else round(1000 * wait)}
    status = {messages.Picture: "done", messages.Queued: "queued", messages.Running: "running"}[type(reply)]
    fields = {"status": status, **dataclasses.asdict(reply)}
    if status == "done":
        fields.update(image=reply.image.hex(), region=list(reply.region), notes=list(fields["notes"]))
        if reply.result:
            del fields["image"]
        fields = {key: value for key, value in fields.items() if value is not None}
    return fields


class Vectors(unittest.TestCase):
    def test_requests(self):
        for vector in VECTORS["requests"]:
            with self.subTest(vector["name"]):
                fields = dict(vector["request"])
                fields["image"], fields["mask"] = source(fields["image"]), source(fields["mask"])
                if "result" in fields.get("options", {}):
                    fields["options"]["result"] = messages.StoredObject(**fields["options"]["result"])
                self.assertEqual(messages.encode_request(messages.Request(**fields)).hex(), vector["message"])

    def test_a_source_is_read_once(self):
        for each in (messages.RawPixels(1, 1, b"abc"), messages.StoredObject("b", "n"), messages.Rects([(0, 0, 1, 1)])):
            form = messages.read_source(each)
            self.assertEqual(messages.read_source(form), form)

    def test_replies(self):
        for vector in VECTORS["replies"]:
            with self.subTest(vector["name"]):
                reply = messages.read_reply(bytes.fromhex(vector["message"]), VECTORS["waiting_for"])
                self.assertEqual(plain(reply), vector["reply"])

    def test_subjects_and_cancel(self):
        for vector in VECTORS["subjects"]:
            self.assertEqual(messages.run_subject(vector["prefix"], vector["priority"]), vector["subject"])
        cancel = VECTORS["cancel"]
        self.assertEqual(messages.cancel_subject(cancel["prefix"]), cancel["subject"])
        self.assertEqual(messages.encode_cancel(cancel["id"]).hex(), cancel["message"])

    def test_back_off(self):
        for vector in VECTORS["back_offs"]:
            after = vector["retry_after_ms"]
            wait = messages.back_off(None if after is None else after / 1000, vector["attempt"], vector["jitter"])
            self.assertEqual(round(1000 * wait), vector["wait_ms"])


unittest.main()
