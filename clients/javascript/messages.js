// SPDX-License-Identifier: Apache-2.0
// The messages of docs/protocol.md. Keys have the names of the protocol.
import { decode, encode } from "@msgpack/msgpack";

const options = { ignoreUndefined: true };

/** The bytes of a request. */
export const encodeRequest = (request) => encode(request, options);

/** The bytes of the cancellation of the request `id`. */
export const encodeCancel = (id) => encode({ id });

/** The subject of requests of this priority: "high", "normal" or "low". */
export const runSubject = (prefix, priority = "normal") =>
  priority === "normal" ? `${prefix}.v1.run` : `${prefix}.v1.run.${priority}`;

/** The subject of cancellations. */
export const cancelSubject = (prefix) => `${prefix}.v1.cancel`;

/**
 * The reply in a message, or null when the message is not about the request `id`: others, such as a stream that keeps
 * the requests, may send to an inbox as well.
 */
export function readReply(data, id) {
  let reply;
  try {
    reply = decode(data);
  } catch {
    return null;
  }
  if (reply === null || typeof reply !== "object") return null;
  const refused = reply.id === "" && reply.status === "error"; // the request's id was not readable
  return reply.id === id || refused ? reply : null;
}

/** The back-off in milliseconds after attempt number `attempt` (from 0); `jitter` (0 to 1) adds up to a quarter. */
export function backOff(retryAfterMs, attempt, jitter = Math.random()) {
  return Math.round((retryAfterMs ?? 200 * 2 ** Math.min(attempt, 5)) * (1 + jitter / 4));
}
