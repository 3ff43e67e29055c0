// SPDX-License-Identifier: Apache-2.0
// Tests of a running service with a client that follows docs/protocol.md: node client.mjs URL
import assert from "node:assert/strict";
import { decode, encode } from "@msgpack/msgpack";
import { connect, createInbox, headers } from "@nats-io/transport-node";
import { inflatePng, makePng } from "./png.mjs";
import { runTests } from "./run_tests.mjs";

const prefix = "inpaint.v1";
const patience = 60_000; // long enough for every machine; only a failure waits for all of it
const url = process.argv[2] ?? "nats://127.0.0.1:4222";
const connection = await connect({ servers: url, timeout: patience });

const width = 48;
const height = 40;
const hole = { x: 16, y: 8, w: 9, h: 12 };
const inHole = (x, y) => x >= hole.x && x < hole.x + hole.w && y >= hole.y && y < hole.y + hole.h;
const rects = [[hole.x, hole.y, hole.w, hole.h]];

/** A smooth colour picture, 3 bytes per pixel; or its mask, 1 byte per pixel. */
function draw(channels, value) {
  const pixels = new Uint8Array(width * height * channels);
  for (let i = 0; i < pixels.length; ++i) {
    const pixel = Math.floor(i / channels);
    pixels[i] = value(pixel % width, Math.floor(pixel / width), i % channels);
  }
  return pixels;
}
const picture = draw(3, (x, y, channel) => 40 + 3 * x + 2 * y * channel);
const maskBytes = draw(1, (x, y) => (inHole(x, y) ? 255 : 0));
const maskBits = new Uint8Array(Math.ceil(width / 8) * height);
maskBytes.forEach((value, i) => {
  const row = Math.floor(i / width);
  const column = i % width;
  if (value > 127) maskBits[row * Math.ceil(width / 8) + (column >> 3)] |= 0x80 >> (column & 7);
});
const rawImage = { w: width, h: height, data: picture };

async function requestBytes(bytes, subject = `${prefix}.run`) {
  const message = await connection.request(subject, bytes, { timeout: patience });
  return { message, reply: decode(message.data) };
}

async function run(request, subject) {
  const { message, reply } = await requestBytes(encode(request), subject);
  assert.equal(reply.status, "done", JSON.stringify(reply.error));
  assert.equal(message.headers?.get("Nats-Service-Error-Code") ?? "", "");
  return reply;
}

async function refused(bytes, code, number, mention) {
  const { message, reply } = await requestBytes(bytes);
  assert.equal(reply.status, "error");
  assert.equal(reply.error.code, code, reply.error.message);
  assert.equal(reply.error.retryable, false);
  assert.match(reply.error.message, mention);
  assert.equal(message.headers.get("Nats-Service-Error-Code"), String(number));
  assert.notEqual(message.headers.get("Nats-Service-Error"), "");
  return reply;
}

/** Sends a request, and returns every message about it, up to the final one. */
async function conversation(request) {
  const inbox = createInbox();
  const messages = [];
  const subscription = connection.subscribe(inbox);
  connection.publish(`${prefix}.run`, encode(request), { reply: inbox });
  const giveUp = setTimeout(() => subscription.unsubscribe(), patience);
  for await (const message of subscription) {
    messages.push(decode(message.data));
    if (["done", "error"].includes(messages.at(-1).status)) break;
  }
  clearTimeout(giveUp);
  return messages;
}

function assertKnownPixelsKept(pixels) {
  assert.equal(pixels.length, picture.length);
  for (let i = 0; i < pixels.length; ++i) {
    const pixel = Math.floor(i / 3);
    if (!inHole(pixel % width, Math.floor(pixel / width))) assert.equal(pixels[i], picture[i], `byte ${i}`);
  }
}

const tests = {
  async "a PNG with a PNG mask is answered with a PNG whose known pixels are unchanged"() {
    const request = { id: "png-1", image: makePng(width, height, 3, picture), mask: makePng(width, height, 1, maskBytes) };
    const reply = await run(request);
    assert.equal(reply.id, "png-1");
    assert.equal(reply.format, "png");
    assert.deepEqual([reply.width, reply.height], [width, height]);
    assert.deepEqual(reply.region, [0, 0, width, height]);
    assertKnownPixelsKept(inflatePng(reply.image, width, height, 3));
    for (const stage of ["decode", "queue", "infer", "encode", "total"])
      assert.ok(Number.isInteger(reply.timings_us[stage]) && reply.timings_us[stage] >= 0, stage);
    assert.ok(reply.batch_size >= 1);
    assert.ok(reply.device && reply.model && reply.service);
    assert.equal(typeof reply.cached, "boolean");
  },

  async "a raw picture gets the same raw answer with every raw form of its mask"() {
    const masks = [{ rects }, { w: width, h: height, data: maskBytes }, { w: width, h: height, bits: maskBits }];
    const answers = [];
    for (const mask of masks) {
      const reply = await run({ image: rawImage, mask });
      assert.equal(reply.format, "raw");
      assert.ok(reply.id.length > 0);
      assertKnownPixelsKept(reply.image);
      answers.push(reply.image);
    }
    assert.deepEqual(answers[1], answers[0]);
    assert.deepEqual(answers[2], answers[0]);
  },

  async "a patch has the changed box only"() {
    const reply = await run({ image: rawImage, mask: { rects }, options: { region: "patch" } });
    assert.deepEqual(reply.region, [hole.x, hole.y, hole.w, hole.h]);
    assert.deepEqual([reply.width, reply.height], [hole.w, hole.h]);
    assert.equal(reply.image.length, hole.w * hole.h * 3);
  },

  async "the answer to a mask without a hole is the picture"() {
    const reply = await run({ image: rawImage, mask: { rects: [] } });
    assert.deepEqual(Uint8Array.from(reply.image), picture);
  },

  async "the option format sets the format of the answer"() {
    const magic = { png: [0x89, 0x50], jpeg: [0xff, 0xd8], webp: [0x52, 0x49] };
    for (const [format, start] of Object.entries(magic)) {
      const reply = await run({ image: rawImage, mask: { rects }, options: { format, quality: 80 } });
      assert.equal(reply.format, format);
      assert.deepEqual([...reply.image.subarray(0, 2)], start);
    }
  },

  async "requests of high and low priority have subjects of their own"() {
    for (const priority of ["high", "low"]) await run({ image: rawImage, mask: { rects } }, `${prefix}.run.${priority}`);
  },

  async "messages of progress arrive before the only final message, which is the last"() {
    const messages = await conversation({ id: "steps", image: rawImage, mask: { rects }, progress: true });
    for (const message of messages) assert.equal(message.id, "steps");
    const states = messages.map((message) => message.status);
    assert.equal(states[0], "queued");
    assert.ok(messages[0].position >= 0 && messages[0].eta_ms >= 0);
    assert.equal(states.at(-1), "done");
    const running = messages.find((message) => message.status === "running");
    assert.ok(running.batch_size >= 1 && running.device);
    for (const state of states.slice(0, -1)) assert.ok(["queued", "running"].includes(state), state);
  },

  async "without progress the final message is the only one"() {
    const messages = await conversation({ image: rawImage, mask: { rects } });
    assert.deepEqual(messages.map((message) => message.status), ["done"]);
  },

  async "a message that is not msgpack is a bad request"() {
    await refused(new TextEncoder().encode("hello"), "bad_request", 400, /msgpack/);
    await refused(encode({ image: rawImage, mask: { rects } }).subarray(0, 50), "bad_request", 400, /truncated/);
  },

  async "the error about an unknown key names the key, and has the id"() {
    const request = { id: "typo", image: rawImage, mask: { rects }, options: { fether: 3 } };
    const reply = await refused(encode(request), "bad_request", 400, /options\.fether.*feather/);
    assert.equal(reply.id, "typo");
  },

  async "the error about a value out of range names the range"() {
    const request = { image: rawImage, mask: { rects }, options: { quality: 101 } };
    await refused(encode(request), "bad_request", 400, /quality.*1.*100/);
    await refused(encode({ image: rawImage, mask: { rects: [[0, 0, width + 1, 1]] } }), "bad_request", 400, /./);
  },

  async "a mask of another size is refused"() {
    const mask = { w: width - 1, h: height, data: maskBytes.subarray(height) };
    await refused(encode({ image: rawImage, mask }), "size_mismatch", 422, /47|48/);
  },

  async "bytes that are not a picture are refused"() {
    const image = new TextEncoder().encode("GIF89a, or so");
    await refused(encode({ image, mask: { rects } }), "unsupported_image", 415, /./);
  },

  async "every request ends with one final message, whether or not it is cancelled"() {
    const ids = Array.from({ length: 12 }, (_, i) => `cancel-${process.pid}-${i}`);
    const ends = ids.map((id) => conversation({ id, image: rawImage, mask: { rects } }));
    for (const id of ids) connection.publish(`${prefix}.cancel`, encode({ id }));
    connection.publish(`${prefix}.cancel`, encode({ id: "nobody-has-this-id" }));
    for (const [i, messages] of (await Promise.all(ends)).entries()) {
      assert.equal(messages.length, 1);
      assert.equal(messages[0].id, ids[i]);
      if (messages[0].status === "error") assert.equal(messages[0].error.code, "cancelled");
    }
  },

  async "every message has the trace context of the request, and a malformed context is ignored"() {
    const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const ask = async (request, traceparent) => {
      const header = headers();
      header.set("traceparent", traceparent);
      const options = { timeout: patience, headers: header };
      return (await connection.request(`${prefix}.run`, encode(request), options)).headers?.get("traceparent") ?? "";
    };
    assert.equal(await ask({ image: rawImage, mask: { rects } }, trace), trace);
    assert.equal(await ask({ image: rawImage }, trace), trace); // in an error as well
    assert.equal(await ask({ image: rawImage, mask: { rects } }, trace.toUpperCase()), "");
    assert.equal(await ask({ image: rawImage, mask: { rects } }, "00-0-0-0"), "");
  },

  async "replies name the instance that service discovery finds"() {
    const ping = (await connection.request("$SRV.PING.inpaint", "", { timeout: patience })).json();
    const reply = await run({ image: rawImage, mask: { rects } });
    assert.equal(reply.service, ping.id);
  },
};

await runTests(tests);
await connection.close();
