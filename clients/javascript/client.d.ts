// SPDX-License-Identifier: Apache-2.0
import type { NatsConnection, NodeConnectionOptions } from "@nats-io/transport-node";

/** The bytes of a JPEG, PNG or WebP file. */
export type File = Uint8Array | ArrayBuffer | Blob;
/** Raw samples, row by row: 3 bytes for each pixel of a picture, 1 for each pixel of a mask. */
export interface RawPixels {
  w: number;
  h: number;
  data: Uint8Array;
}
/** One bit for each pixel, rows padded to bytes, most significant bit first. */
export interface BitMask {
  w: number;
  h: number;
  bits: Uint8Array;
}
export interface RectMask {
  /** [x, y, width, height] */
  rects: [number, number, number, number][];
}

/** A place in the object store of NATS, for pictures that no message can hold. */
export interface ObjectName {
  bucket: string;
  name: string;
}

/** A request as docs/protocol.md describes it. */
export interface InpaintRequest {
  image: File | RawPixels | { object: ObjectName };
  mask: File | RawPixels | BitMask | RectMask | { object: ObjectName };
  /** Without an id, every attempt gets a new one. */
  id?: string;
  priority?: "high" | "normal" | "low";
  options?: {
    format?: "same" | "png" | "jpeg" | "webp" | "raw";
    quality?: number;
    lossless?: boolean;
    region?: "full" | "patch";
    strategy?: "auto" | "whole" | "crop" | "resize";
    dilate?: number;
    feather?: number;
    mask_values?: "auto" | "luma" | "alpha" | "nonzero";
    background?: string;
    alpha?: "keep" | "fill";
    /** Where the picture is to be stored, instead of in the answer. */
    result?: ObjectName;
  };
}

/** The final message of a request that succeeded. Newer services may add members. */
export interface Picture {
  id: string;
  status: "done";
  /** Missing if the picture is stored at `result`. */
  image?: Uint8Array;
  result?: ObjectName;
  format: "png" | "jpeg" | "webp" | "raw";
  width: number;
  height: number;
  region: [number, number, number, number];
  timings_us: { decode: number; queue: number; infer: number; encode: number; total: number };
  batch_size: number;
  device: string;
  model: string;
  cached: boolean;
  service: string;
  /** How exact the picture is outside of the holes. */
  exact?: "bits" | "pixels" | "recoded";
  notes: { code: string; message: string }[];
}

export type Progress =
  | { id: string; status: "queued"; position: number; eta_ms: number }
  | { id: string; status: "running"; batch_size: number; device: string };

/** How one request is sent. */
export interface Sending {
  /** Cancels the request; the call then rejects with the reason of the signal. */
  signal?: AbortSignal;
  /** Milliseconds for all attempts, 1 to 600000; default 60000. */
  timeout?: number;
  /** Further attempts after a retryable error, within the timeout; default 4. */
  retries?: number;
  onProgress?: (progress: Progress) => void;
  /** Is told each error that is followed by another attempt, and the milliseconds until then. */
  onRetry?: (error: InpaintError, wait: number) => void;
}

export class InpaintError extends Error {
  /**
   * A code of docs/protocol.md, or `no_service` (no worker is connected), `no_answer` (none arrived in time), or
   * `connection` (it has ended, or the server's permissions forbid the request).
   */
  readonly code: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** The milliseconds after which the service asks for the next attempt. */
  readonly retryAfterMs?: number;
}

export class Client {
  /** Uses a connection of any NATS transport, such as that of `wsconnect` in a browser. */
  constructor(connection: NatsConnection, options?: { prefix?: string });
  /** Sends a request, again after errors that may be temporary. Rejects with InpaintError. */
  inpaint(request: InpaintRequest, sending?: Sending): Promise<Picture>;
  /** Cancels a request of this or another client that no device has started. */
  cancel(id: string): Promise<void>;
  close(): Promise<void>;
}

/** Connects to a NATS server from Node.js. Rejects with InpaintError. */
export function connect(options?: NodeConnectionOptions & { prefix?: string }): Promise<Client>;
