// SPDX-License-Identifier: Apache-2.0
// The gateway's HTTP interface, as docs/gateway.md describes it.

export interface Timings {
  readonly decode: number;
  readonly queue: number;
  readonly infer: number;
  readonly encode: number;
  readonly total: number;
}

export type TaskEvent =
  | { status: "queued"; task_id: string; position?: number | null; eta_ms?: number | null; note?: string }
  | { status: "running"; task_id: string; batch_size: number; device: string }
  | { status: "done"; task_id: string; url: string; timings_us: Timings; batch_size: number; device: string; model: string; cached: boolean; notes?: readonly Note[] }
  | { status: "error"; task_id: string; error: ServiceError };

/** What one should know about a result, such as how its mask was read. */
export interface Note {
  readonly code: string;
  readonly message: string;
}

export interface ServiceError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly retry_after_ms?: number;
}

/** A request that the gateway or the service refused, or that did not reach it. */
export class RequestFailed extends Error {
  readonly error: ServiceError;
  constructor(error: ServiceError) {
    super(error.message);
    this.error = error;
  }
}

const unreachable: ServiceError = { code: "unreachable", message: "", retryable: true };

async function ask(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new RequestFailed(unreachable);
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  const wait = Number(response.headers.get("Retry-After"));
  throw new RequestFailed({
    code: body?.error?.code ?? String(response.status),
    message: body?.error?.message ?? `${response.status} ${response.statusText}`,
    retryable: body?.error?.retryable ?? (response.status === 429 || response.status === 503),
    retry_after_ms: body?.error?.retry_after_ms ?? (wait > 0 ? wait * 1000 : undefined),
  });
}

export interface RunOptions {
  readonly dilate: number;
  readonly feather: number;
}

/** Sends a picture and its mask; returns the id of the task that was queued. */
export async function submit(image: Blob, name: string, mask: Blob, options: RunOptions): Promise<string> {
  const form = new FormData();
  form.append("image", image, name);
  form.append("mask", mask, "mask.png");
  form.append("dilate", String(options.dilate));
  form.append("feather", String(options.feather));
  const response = await ask("inpaint", { method: "POST", body: form });
  return (await response.json()).task_id;
}

export async function fetchResult(url: string): Promise<Blob> {
  return (await ask(url)).blob();
}

export async function cancelTask(id: string): Promise<void> {
  await ask(`tasks/${id}`, { method: "DELETE" }).catch(() => undefined);
}

/** The number of tasks that the gateway tells about in one stream. */
const streamTasksMax = 100;

/**
 * Follows any number of tasks over one event stream: browsers open only six connections to a server, all tabs together.
 * The server sends the present state of each task first, so a stream that is opened again misses nothing.
 */
export class TaskWatcher {
  readonly #tasks = new Set<string>();
  readonly #told: (event: TaskEvent) => void;
  #stream: EventSource | null = null;
  #reopening = 0;

  constructor(told: (event: TaskEvent) => void) {
    this.#told = told;
  }

  follow(id: string): void {
    this.#tasks.add(id);
    this.#reopen();
  }

  leave(id: string): void {
    if (this.#tasks.delete(id)) this.#reopen();
  }

  /** Opens the stream for the present set of tasks, once for several changes in a row. */
  #reopen(): void {
    clearTimeout(this.#reopening);
    this.#reopening = setTimeout(() => this.#open(), 0) as unknown as number;
  }

  #open(): void {
    this.#stream?.close();
    this.#stream = null;
    if (this.#tasks.size === 0) return;
    // The first tasks end first, and then the stream is opened again for others.
    const query = [...this.#tasks].slice(0, streamTasksMax).map((id) => `task=${id}`).join("&");
    const stream = new EventSource(`events?${query}`);
    this.#stream = stream;
    for (const name of ["queued", "running", "result", "error"])
      stream.addEventListener(name, (event) => {
        // A lost connection is also called "error", and brings no data.
        if (event instanceof MessageEvent && typeof event.data === "string") this.#read(name, event.data);
      });
    stream.onerror = () => {
      if (stream.readyState === EventSource.CLOSED && this.#stream === stream) void this.#poll();
    };
  }

  #read(name: string, data: string): void {
    const body = JSON.parse(data);
    const id: string = body.task_id;
    if (!this.#tasks.has(id)) return;
    if (name === "result") this.#finish({ ...body, status: "done" });
    else if (name === "error") this.#finish({ status: "error", task_id: id, error: body.error ?? body });
    else this.#told({ ...body, status: name });
  }

  #finish(event: TaskEvent): void {
    this.leave(event.task_id);
    this.#told(event);
  }

  /** The server refused the stream: asks for each task by itself. */
  async #poll(): Promise<void> {
    for (const id of [...this.#tasks]) {
      try {
        const event: TaskEvent = await (await ask(`tasks/${id}`)).json();
        if (event.status === "done" || event.status === "error") this.#finish(event);
      } catch (failure) {
        const { error } = failure as RequestFailed;
        if (!error.retryable)
          this.#finish({ status: "error", task_id: id, error: { code: "lost", message: "", retryable: true } });
      }
    }
    if (this.#tasks.size > 0) this.#reopening = setTimeout(() => this.#open(), 2000) as unknown as number;
  }
}
