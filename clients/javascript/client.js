// SPDX-License-Identifier: Apache-2.0
import { createInbox, nuid } from "@nats-io/nats-core";
import { backOff, cancelSubject, encodeCancel, encodeRequest, readReply, runSubject } from "./messages.js";

const grace = 5_000; // ms after the timeout: the service answers when a batch that runs then is done

/** Why there is no picture. `code` is one of docs/protocol.md, or one of this client (client.d.ts lists them). */
export class InpaintError extends Error {
  constructor(code, message, { retryable = false, retryAfterMs, cause } = {}) {
    super(message, { cause });
    this.name = "InpaintError";
    this.code = code;
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Connects to a NATS server from Node.js. The options are those of @nats-io/transport-node, and `prefix`. */
export async function connect({ prefix, ...options } = {}) {
  const transport = await import("@nats-io/transport-node");
  let connection;
  try {
    connection = await transport.connect(options);
  } catch (cause) {
    throw new InpaintError("connection", `the NATS server cannot be reached: ${cause.message}`, { cause });
  }
  return new Client(connection, { prefix });
}

/** Waits for `ms`, or rejects with the reason of `signal`. */
function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** A Blob or ArrayBuffer as bytes; other forms of a picture or mask as they are. */
async function bytesOf(source) {
  if (typeof Blob !== "undefined" && source instanceof Blob) source = await source.arrayBuffer();
  return source instanceof ArrayBuffer ? new Uint8Array(source) : source;
}

function errorOf(reply) {
  const { code, message, retryable, retry_after_ms: retryAfterMs } = reply.error;
  return new InpaintError(code, message, { retryable, retryAfterMs });
}

export class Client {
  #connection;
  #prefix;
  #waiting = new Set(); // of calls {subject, inbox, fail}

  constructor(connection, { prefix = "inpaint" } = {}) {
    this.#connection = connection;
    this.#prefix = prefix;
    this.#watchDenials();
    connection.closed().then((cause) => {
      for (const call of this.#waiting) call.fail(new InpaintError("connection", "the connection to NATS has ended", { cause }));
    });
  }

  async inpaint(request, { signal, timeout = 60_000, retries = 4, onProgress, onRetry } = {}) {
    const { priority, image, mask, ...rest } = request;
    const subject = runSubject(this.#prefix, priority);
    const message = { image: await bytesOf(image), mask: await bytesOf(mask), ...rest };
    const deadline = Date.now() + timeout;
    for (let attempt = 0; ; ++attempt) {
      signal?.throwIfAborted();
      const left = Math.max(1, Math.round(deadline - Date.now()));
      const id = request.id ?? `js-${nuid.next()}`;
      try {
        return await this.#tryOnce(subject, { ...message, id, timeout_ms: left, progress: !!onProgress }, { signal, onProgress });
      } catch (error) {
        if (!(error instanceof InpaintError) || !error.retryable || attempt >= retries) throw error;
        const wait = backOff(error.retryAfterMs, attempt);
        if (Date.now() + wait >= deadline) throw error;
        onRetry?.(error, wait);
        await sleep(wait, signal);
      }
    }
  }

  async cancel(id) {
    this.#connection.publish(cancelSubject(this.#prefix), encodeCancel(id));
    await this.#connection.flush();
  }

  close() {
    return this.#connection.close();
  }

  /** Sends one request, and returns its picture. */
  async #tryOnce(subject, request, { signal, onProgress }) {
    const payload = encodeRequest(request);
    const limit = this.#connection.info?.max_payload;
    if (limit && payload.length > limit)
      throw new InpaintError(
        "too_large",
        `the request has ${payload.length} bytes, and the NATS server accepts at most ${limit}; send JPEG or WebP, or ` +
          "raise max_payload in the configuration of the server",
      );
    const inbox = createInbox(this.#connection.options?.inboxPrefix);
    const call = { subject, inbox };
    const ended = new Promise((resolve, reject) => {
      call.done = resolve;
      call.fail = reject;
    });
    const stop = () => {
      this.cancel(request.id).catch(() => {}); // the call ends even when the message cannot be sent
      call.fail(signal.reason);
    };
    const timer = setTimeout(() => call.fail(new InpaintError("no_answer", "no answer arrived in time")), request.timeout_ms + grace);
    signal?.addEventListener("abort", stop, { once: true });
    this.#waiting.add(call);
    let subscription;
    try {
      const callback = (error, message) => (error ? this.#deny(call, error) : this.#receive(call, message, request.id, onProgress));
      subscription = this.#connection.subscribe(inbox, { callback });
      this.#connection.publish(subject, payload, { reply: inbox });
      return await ended;
    } catch (error) {
      if (error instanceof InpaintError || signal?.aborted) throw error;
      throw new InpaintError("connection", error.message, { cause: error });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      this.#waiting.delete(call);
      if (subscription && !this.#connection.isClosed()) subscription.unsubscribe();
    }
  }

  #receive(call, message, id, onProgress) {
    if (message.headers?.code === 503 && message.data.length === 0)
      return call.fail(
        new InpaintError("no_service", `no inpainting service listens on ${call.subject}; start inpaintd`, { retryable: true }),
      );
    const reply = readReply(message.data, id);
    if (reply === null) return;
    if (reply.status === "done") call.done({ notes: [], ...reply });
    else if (reply.status === "error") call.fail(errorOf(reply));
    else onProgress?.(reply);
  }

  #deny(call, cause) {
    call.fail(new InpaintError("connection", `${cause.message}; extend the permissions of this user, or use another one`, { cause }));
  }

  /** The server tells that an operation is forbidden beside all messages, as an event of the connection. */
  async #watchDenials() {
    for await (const { type, error } of this.#connection.status()) {
      if (type !== "error") continue;
      for (const call of this.#waiting)
        if (error.subject === call.subject || error.message.includes(call.inbox)) this.#deny(call, error);
    }
  }
}
