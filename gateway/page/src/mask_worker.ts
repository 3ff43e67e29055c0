// SPDX-License-Identifier: Apache-2.0
// Rasterises strokes and writes the PNG away from the page's thread, so that large pictures do not freeze it.
import { encodeMask } from "./png.ts";
import { hasHole, rasterise, type Stroke } from "./strokes.ts";

export interface MaskOrder {
  readonly strokes: readonly Stroke[];
  readonly width: number;
  readonly height: number;
}
/** The mask file; null when no pixel is a hole. */
export type MaskAnswer = Blob | null;

self.onmessage = async ({ data }: MessageEvent<MaskOrder>) => {
  const mask = rasterise(data.strokes, data.width, data.height);
  const answer: MaskAnswer = hasHole(mask) ? await encodeMask(mask) : null;
  self.postMessage(answer);
};
