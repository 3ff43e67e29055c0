// SPDX-License-Identifier: Apache-2.0
// Fills the holes of a picture: node inpaint.mjs IMAGE MASK RESULT [URL]
import { readFile, writeFile } from "node:fs/promises";
import { decode, encode } from "@msgpack/msgpack";
import { connect } from "@nats-io/transport-node";

const [image, mask, result, url = "nats://127.0.0.1:4222"] = process.argv.slice(2);
const connection = await connect({ servers: url });
const request = { image: await readFile(image), mask: await readFile(mask) };
const message = await connection.request("inpaint.v1.run", encode(request), { timeout: 60_000 });
const reply = decode(message.data);
await connection.close();
if (reply.status === "error") throw new Error(`${reply.error.code}: ${reply.error.message}`);
await writeFile(result, reply.image);
