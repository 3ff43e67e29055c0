// SPDX-License-Identifier: Apache-2.0
// The JavaScript client with a real service, and with one of this file that answers as a test tells it:
// node library.mjs URL EXAMPLES_FOLDER
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { decode, encode } from "@msgpack/msgpack";
import { connect as connectNats } from "@nats-io/transport-node";
import { Client, InpaintError, connect } from "inpaintd-client";
import { runTests } from "./run_tests.mjs";

const [url, examples] = process.argv.slice(2);
const timeout = 600_000; // long enough for every machine; only a failure waits for all of it
const image = await readFile(`${examples}/demo/photo.jpg`);
const mask = await readFile(`${examples}/demo/mask.png`);
const client = await connect({ servers: url });

/** A client, and a service in the place of the real one: answers[n] has the replies to request n. */
async function scripted(prefix, answers) {
  const connection = await connectNats({ servers: url });
  const asked = [];
  const cancelled = [];
  connection.subscribe(`${prefix}.v1.run`, {
    callback: (_, message) => {
      const { id } = decode(message.data);
      asked.push(id);
      for (const reply of answers[asked.length - 1] ?? []) message.respond(encode({ id, ...reply }));
    },
  });
  connection.subscribe(`${prefix}.v1.cancel`, { callback: (_, message) => cancelled.push(decode(message.data).id) });
  await connection.flush();
  return { client: new Client(connection, { prefix }), asked, cancelled, connection };
}

async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const busy = { status: "error", error: { code: "overloaded", message: "full", retryable: true, retry_after_ms: 20 } };
const isError = (code) => (error) => error instanceof InpaintError && error.code === code;

await runTests({
  async "a picture is filled, and progress is reported"() {
    const states = [];
    const onProgress = ({ status }) => states.push(status);
    const picture = await client.inpaint({ image, mask, options: { format: "png" } }, { onProgress, timeout });
    assert.deepEqual([...picture.image.subarray(0, 2)], [0x89, 0x50]);
    assert.equal(picture.format, "png");
    assert.deepEqual(picture.notes, []);
    assert.equal(states[0], "queued");
  },

  async "a Blob and a mask of rectangles are taken as well"() {
    const picture = await client.inpaint({ image: new Blob([image]), mask: { rects: [[9, 9, 9, 9]] }, priority: "low" }, { timeout });
    assert.equal(picture.format, "jpeg");
  },

  async "an error of the service has its code"() {
    await assert.rejects(client.inpaint({ image: mask, mask: { rects: [[0, 0, 1, 1 << 20]] } }, { timeout }), (error) => {
      assert.ok(isError("bad_request")(error));
      assert.equal(error.retryable, false);
      return true;
    });
  },

  async "without a service the client tries again, and says so in the end"() {
    const nobody = new Client(await connectNats({ servers: url }), { prefix: "nobody" });
    const codes = [];
    const onRetry = (error) => codes.push(error.code);
    await assert.rejects(nobody.inpaint({ image, mask }, { retries: 1, onRetry }), isError("no_service"));
    assert.deepEqual(codes, ["no_service"]);
    await nobody.close();
  },

  async "a retryable error is followed by another attempt with a new id"() {
    const { client, asked } = await scripted("retries", [[busy], [{ status: "done", image }]]);
    const waits = [];
    await client.inpaint({ image, mask }, { onRetry: (error, wait) => waits.push([error.retryAfterMs, wait]), timeout });
    assert.equal(new Set(asked).size, 2);
    assert.equal(waits[0][0], 20);
    assert.ok(waits[0][1] >= 20 && waits[0][1] <= 25);
    await client.close();
  },

  async "an abort signal cancels the request"() {
    const { client, asked, cancelled } = await scripted("aborts", []);
    const controller = new AbortController();
    const call = client.inpaint({ image, mask }, { signal: controller.signal });
    await until(() => asked.length === 1);
    controller.abort(new Error("enough"));
    await assert.rejects(call, /enough/);
    await until(() => cancelled.length === 1);
    assert.deepEqual(cancelled, asked);
    await client.close();
  },

  async "the end of the connection ends the call"() {
    const { client, asked, connection } = await scripted("ends", []);
    const call = client.inpaint({ image, mask });
    await Promise.all([assert.rejects(call, isError("connection")), until(() => asked.length === 1).then(() => connection.close())]);
  },
});
await client.close();
