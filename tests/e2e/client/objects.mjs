// SPDX-License-Identifier: Apache-2.0
// Pictures in the object store of NATS, which the official library stores and reads: node objects.mjs URL EXAMPLES_FOLDER
// The bucket inpaint_pictures is that of inpaint-setup.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Objm } from "@nats-io/obj";
import { connect as connectNats } from "@nats-io/transport-node";
import { connect } from "inpaintd-client";
import { runTests } from "./run_tests.mjs";

const [url, examples] = process.argv.slice(2);
const timeout = 600_000; // long enough for every machine; only a failure waits for all of it
const bucket = "inpaint_pictures";
// Bytes after the end of a JPEG file are allowed: they make it several chunks long.
const photo = Buffer.concat([await readFile(`${examples}/demo/photo.jpg`), randomBytes(500_000)]);
const mask = await readFile(`${examples}/demo/mask.png`);
const client = await connect({ servers: url });
const connection = await connectNats({ servers: url });
const store = await new Objm(connection).open(bucket);

const fill = (image, result) =>
  client.inpaint({ image, mask, options: { ...(result && { result }) } }, { timeout, retries: 10 });

await runTests({
  async "the service reads what the library stored, and the library reads what the service stored"() {
    await store.putBlob({ name: "in/photo", options: { max_chunk_size: 100_000 } }, photo);
    const sent = await fill(photo);
    const stored = await fill({ object: { bucket, name: "in/photo" } }, { bucket, name: "out/photo" });
    assert.deepEqual(stored.result, { bucket, name: "out/photo" });
    assert.equal(stored.image, undefined);
    assert.equal(stored.exact, sent.exact);
    assert.deepEqual(Buffer.from(await store.getBlob("out/photo")), Buffer.from(sent.image)); // its digest is checked
    const { size, chunks } = await store.info("out/photo");
    assert.equal(size, sent.image.length);
    assert.equal(chunks, Math.ceil(size / 131_072));
  },
  async "an object that the service replaces has the new bytes, and its old chunks are gone"() {
    await store.putBlob({ name: "out/again" }, randomBytes(900_000));
    await fill(photo, { bucket, name: "out/again" });
    assert.deepEqual(Buffer.from(await store.getBlob("out/again")), Buffer.from(await store.getBlob("out/photo")));
    const before = (await store.status()).size;
    await fill(photo, { bucket, name: "out/again" });
    assert.equal((await store.status()).size, before);
  },
  async "an object that the library deleted does not exist for the service"() {
    await store.delete("in/photo");
    await assert.rejects(fill({ object: { bucket, name: "in/photo" } }), { code: "object_not_found" });
  },
});
await client.close();
await connection.close();
