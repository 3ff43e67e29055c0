// SPDX-License-Identifier: Apache-2.0
// Fills the holes of a picture: node inpaint.mjs IMAGE MASK RESULT [URL]
import { readFile, writeFile } from "node:fs/promises";
import { decode, encode } from "@msgpack/msgpack";
import { connect, createInbox, nuid } from "@nats-io/transport-node";

const [image, mask, result, url = "nats://127.0.0.1:4222"] = process.argv.slice(2);
const patience = 65_000; // a little longer than the service's default deadline

/** The map in a message about the request, or null: streams that keep the requests answer them, too. */
function replyTo(id, message) {
  if (message.headers?.code === 503) throw new Error("no service listens; start inpaintd");
  let reply;
  try {
    reply = decode(message.data);
  } catch {
    return null;
  }
  const aboutUs = reply?.id === id || (reply?.id === "" && reply?.status === "error");
  return aboutUs ? reply : null;
}

/** The error of a forbidden operation. The server tells it beside the messages. */
async function denial(connection) {
  for await (const event of connection.status()) if (event.type === "error") throw event.error;
}

async function finalReply(id, messages) {
  for await (const message of messages) {
    const reply = replyTo(id, message);
    if (reply) return reply;
  }
  throw new Error("no answer arrived in time");
}

const connection = await connect({ servers: url });
const inbox = createInbox();
const messages = connection.subscribe(inbox);
const timer = setTimeout(() => messages.unsubscribe(), patience);
const request = { id: `example-${nuid.next()}`, image: await readFile(image), mask: await readFile(mask) };
connection.publish("inpaint.v1.run", encode(request), { reply: inbox });
try {
  const reply = await Promise.race([finalReply(request.id, messages), denial(connection)]);
  if (reply.status === "error") throw new Error(`${reply.error.code}: ${reply.error.message}`);
  await writeFile(result, reply.image);
} finally {
  clearTimeout(timer);
  await connection.close();
}
