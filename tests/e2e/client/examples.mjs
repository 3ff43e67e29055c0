// SPDX-License-Identifier: Apache-2.0
// The example clients beside a listener that answers each request before the service does, as a JetStream stream on
// `inpaint.>` does: node examples.mjs URL EXAMPLES_FOLDER. The example in Python runs where its libraries are installed.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { connect } from "@nats-io/transport-node";

const run = promisify(execFile);
const [url, examples] = process.argv.slice(2);
const files = [`${examples}/demo/photo.jpg`, `${examples}/demo/mask.png`];

const connection = await connect({ servers: url });
let acknowledged = 0;
connection.subscribe("inpaint.>", {
  callback: (_, message) => {
    if (message.respond(JSON.stringify({ stream: "AUDIT", seq: ++acknowledged }))) connection.flush();
  },
});
await connection.flush();

async function check(program, script) {
  const before = acknowledged;
  await run(program, [script, ...files, "result.jpg", url]);
  assert.ok(acknowledged > before, "the request was acknowledged by the listener");
  const result = await readFile("result.jpg");
  assert.deepEqual([...result.subarray(0, 2)], [0xff, 0xd8], "the result is a JPEG");
}

await check(process.execPath, "inpaint.mjs");
const python = await run("python3", ["-c", "import msgpack, nats"]).then(() => true, () => false);
process.env.PYTHONPATH = `${examples}/../clients/python`;
if (python) await check("python3", `${examples}/python/inpaint.py`);
await connection.close();
