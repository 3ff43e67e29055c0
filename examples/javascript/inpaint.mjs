// SPDX-License-Identifier: Apache-2.0
// Fills the holes of a picture: node inpaint.mjs IMAGE MASK RESULT [URL]
import { readFile, writeFile } from "node:fs/promises";
import { connect } from "inpaintd-client";

const [image, mask, result, url = "nats://127.0.0.1:4222"] = process.argv.slice(2);

const client = await connect({ servers: url });
try {
  const picture = await client.inpaint({ image: await readFile(image), mask: await readFile(mask) });
  await writeFile(result, picture.image);
} catch (error) {
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
} finally {
  await client.close();
}
