// SPDX-License-Identifier: Apache-2.0
// Works on masks away from the page's thread, so that large pictures do not freeze it: rasterises strokes and writes the
// PNG, or reads the holes of a mask file.
import { readHoles, type Reading } from "./mask_values.ts";
import { encodeMask } from "./png.ts";
import { readPng, type Stored } from "./png_reader.ts";
import { hasHole, rasterise, type Stroke } from "./strokes.ts";

export type MaskOrder =
  | { readonly kind: "rasterise"; readonly strokes: readonly Stroke[]; readonly width: number; readonly height: number }
  | { readonly kind: "png"; readonly file: Uint8Array }
  | { readonly kind: "samples"; readonly stored: Stored; readonly exact: boolean };

/** The mask file, or null when no pixel is a hole; or the holes of a file, or null when it cannot be read. */
export type MaskAnswer = Blob | Reading | null;

async function answer(order: MaskOrder): Promise<MaskAnswer> {
  if (order.kind === "samples") return readHoles(order.stored, order.exact);
  if (order.kind === "png") return readPng(order.file).then((stored) => readHoles(stored, true), () => null);
  const mask = rasterise(order.strokes, order.width, order.height);
  return hasHole(mask) ? encodeMask(mask) : null;
}

self.onmessage = async ({ data }: MessageEvent<MaskOrder>) => self.postMessage(await answer(data));
