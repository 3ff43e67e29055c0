// SPDX-License-Identifier: Apache-2.0
// The messages of the JavaScript client are those of docs/protocol-vectors.json: node vectors.mjs FILE
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as messages from "inpaintd-client/messages.js";
import { runTests } from "./run_tests.mjs";

const vectors = JSON.parse(await readFile(process.argv[2], "utf8"));
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const bytes = (text) => Uint8Array.from(Buffer.from(text, "hex"));

function source(form) {
  if (form.file !== undefined) return bytes(form.file);
  if (form.data !== undefined) return { ...form, data: bytes(form.data) };
  if (form.bits !== undefined) return { ...form, bits: bytes(form.bits) };
  return form;
}

/** A reply as the vectors describe it. */
function plain(reply) {
  if (reply === null) return null;
  if (reply.status === "error") return { status: "error", retry_after_ms: null, ...reply.error };
  const { id, new: _, ...rest } = reply;
  if (reply.status !== "done") return rest;
  return { ...rest, ...(reply.image && { image: hex(reply.image) }), notes: reply.notes ?? [] };
}

await runTests({
  async "every request is encoded as in the vectors"() {
    for (const { name, request, message } of vectors.requests) {
      const form = { ...request, image: source(request.image), mask: source(request.mask) };
      assert.equal(hex(messages.encodeRequest(form)), message, name);
    }
  },
  async "every reply is read, or skipped, as in the vectors"() {
    for (const { name, message, reply } of vectors.replies)
      assert.deepEqual(plain(messages.readReply(bytes(message), vectors.waiting_for)), reply, name);
  },
  async "subjects, cancellations and back-offs are those of the vectors"() {
    for (const { prefix, priority, subject } of vectors.subjects) assert.equal(messages.runSubject(prefix, priority), subject);
    const { prefix, subject, id, message } = vectors.cancel;
    assert.equal(messages.cancelSubject(prefix), subject);
    assert.equal(hex(messages.encodeCancel(id)), message);
    for (const { retry_after_ms, attempt, jitter, wait_ms } of vectors.back_offs)
      assert.equal(messages.backOff(retry_after_ms, attempt, jitter), wait_ms);
  },
});
