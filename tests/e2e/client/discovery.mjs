// SPDX-License-Identifier: Apache-2.0
// Tests how tools for NATS micro services (ADR-32) find the service: node discovery.mjs URL
import assert from "node:assert/strict";
import { encode } from "@msgpack/msgpack";
import { Svcm } from "@nats-io/services";
import { connect } from "@nats-io/transport-node";
import { runTests } from "./run_tests.mjs";

const url = process.argv[2] ?? "nats://127.0.0.1:4222";
const patience = 60_000; // long enough for every machine; only a failure waits for all of it
const connection = await connect({ servers: url, timeout: patience });
const subject = "inpaint.v1.run";
// "stall": the answers are complete when none has come for a while after the last; the first may take its time.
const client = new Svcm(connection).client({ strategy: "stall", maxWait: patience });

async function all(answers) {
  const found = [];
  for await (const each of await answers) found.push(each);
  return found;
}
async function only(answers) {
  const found = await all(answers);
  assert.equal(found.length, 1);
  return found[0];
}
/** Returns the first value that passes, or after some time the last one, whose faults the assertions then show. */
async function eventually(read, good) {
  const end = Date.now() + patience;
  let value = await read();
  while (!good(value) && Date.now() < end) value = await read();
  return value;
}
async function run(request) {
  return (await connection.request(subject, encode(request), { timeout: patience })).headers;
}

const tests = {
  async "PING finds the service without a name, by its name, and by its instance"() {
    const ping = await only(client.ping());
    assert.equal(ping.type, "io.nats.micro.v1.ping_response");
    assert.equal(ping.name, "inpaint");
    assert.match(ping.version, /^\d+\.\d+\.\d+/);
    assert.deepEqual(await only(client.ping("inpaint")), ping);
    assert.deepEqual(await only(client.ping("inpaint", ping.id)), ping);
    await assert.rejects(all(client.ping("another")), /no responders/);
  },

  async "INFO names the subject for requests"() {
    const info = await only(client.info("inpaint"));
    assert.equal(info.type, "io.nats.micro.v1.info_response");
    assert.ok(info.description);
    const [endpoint] = info.endpoints;
    assert.equal(endpoint.subject, subject);
    assert.equal(endpoint.queue_group, "inpaint");
  },

  async "STATS has the number of requests and the load of every device"() {
    const before = await only(client.stats("inpaint"));
    const picture = { w: 32, h: 32, data: new Uint8Array(32 * 32 * 3).map((_, i) => i) };
    for (let i = 0; i < 3; ++i) await run({ image: picture, mask: { rects: [[4 + i, 4, 9, 9]] } });
    await run({ image: picture }); // no mask: refused
    // A reply may arrive before it is counted.
    const after = await eventually(
      () => only(client.stats("inpaint")),
      ({ endpoints: [run] }) => run.data.requests_in_flight === 0 && run.num_requests - before.endpoints[0].num_requests === 4,
    );
    assert.equal(after.type, "io.nats.micro.v1.stats_response");
    assert.equal(after.started, before.started);
    const [was, is] = [before.endpoints[0], after.endpoints[0]];
    assert.equal(is.num_requests - was.num_requests, 4);
    assert.equal(is.num_errors - was.num_errors, 1);
    assert.match(is.last_error, /^400:.*mask/);
    assert.ok(is.processing_time > was.processing_time);
    assert.equal(is.average_processing_time, Math.floor(is.processing_time / is.num_requests));

    const load = is.data;
    assert.equal(load.ready, true);
    assert.equal(load.requests_in_flight, 0);
    assert.equal(load.bytes_in_flight, 0);
    assert.ok(load.devices.length >= 1);
    const sum = (stats, key) => stats.data.devices.reduce((total, device) => total + device[key], 0);
    assert.ok(sum({ data: load }, "batches") > sum({ data: was.data }, "batches"));
    for (const device of load.devices) {
      assert.equal(device.state, "ready");
      assert.ok(device.device && device.model);
      assert.equal(device.in_flight, 0);
      assert.ok(device.busy >= 0 && device.busy <= 1);
      if (device.batches > 0) assert.ok(device.batch_size_mean >= 1 && device.batch_ms > 0);
    }
  },
};

await runTests(tests);
await connection.close();
