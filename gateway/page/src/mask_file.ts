// SPDX-License-Identifier: Apache-2.0
// Masks that come from files. Their pixels can only be read back from a canvas, which some privacy settings falsify.
import { emptyMask, rowBytes, type BitMask } from "./strokes.ts";

export class OtherSize extends Error {}

let trusted: boolean | null = null;

/** Whether this browser returns from a canvas what was drawn there: tried once, with a known pattern. */
export function canReadBack(): boolean {
  if (trusted !== null) return trusted;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 16;
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  const drawn = context.createImageData(16, 16);
  for (let i = 0; i < drawn.data.length; ++i) drawn.data[i] = i % 4 === 3 ? 255 : (i * 37) & 0xff;
  context.putImageData(drawn, 0, 0);
  const read = context.getImageData(0, 0, 16, 16).data;
  trusted = read.every((value, i) => value === drawn.data[i]);
  return trusted;
}

/** The mask's holes: a luma above 127, as the service decides it. Throws OtherSize where the size does not fit. */
export async function readMask(image: HTMLImageElement, width: number, height: number): Promise<BitMask> {
  if (image.naturalWidth !== width || image.naturalHeight !== height) throw new OtherSize();
  const mask = emptyMask(width, height);
  const stride = rowBytes(width);
  const band = Math.max(1, Math.floor((1 << 22) / width)); // lines at a time: canvases have limits that pictures exceed
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = Math.min(band, height);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  for (let top = 0; top < height; top += band) {
    const lines = Math.min(band, height - top);
    context.globalCompositeOperation = "copy";
    context.drawImage(image, 0, top, width, lines, 0, 0, width, lines);
    const { data } = context.getImageData(0, 0, width, lines);
    for (let y = 0; y < lines; ++y)
      for (let x = 0; x < width; ++x) {
        const i = 4 * (y * width + x);
        const luma = 0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!;
        if (luma > 127) mask.bits[(top + y) * stride + (x >> 3)]! |= 0x80 >> (x & 7);
      }
  }
  return mask;
}
