// SPDX-License-Identifier: Apache-2.0
// Masks that come from files and go to files.
import type { Reading } from "./mask_values.ts";
import type { MaskAnswer, MaskOrder } from "./mask_worker.ts";
import { asShown, loadImage } from "./images.ts";
import { isPng, pngSize, type Stored } from "./png_reader.ts";
import type { Stroke } from "./strokes.ts";
import type { Extent } from "./view.ts";
import { isLossless, isWebp } from "./webp.ts";

export class OtherSize extends Error {}
/** This browser falsifies the pixels that a page reads. */
export class Falsified extends Error {}

function inWorker(order: MaskOrder, moved: Transferable[] = []): Promise<MaskAnswer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./mask_worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<MaskAnswer>) => {
      worker.terminate();
      resolve(data);
    };
    worker.onerror = (event) => {
      worker.terminate();
      reject(new Error(event.message));
    };
    worker.postMessage(order, moved);
  });
}

/** The mask to send: a loaded file unchanged, or else the strokes as a PNG file; null where they paint nothing. */
export async function maskOf(strokes: readonly Stroke[], { width, height }: Extent): Promise<Blob | null> {
  const [only] = strokes;
  if (strokes.length === 1 && only?.kind === "loaded" && only.file) return only.file;
  return (await inWorker({ kind: "rasterise", strokes, width, height })) as Blob | null;
}

let trusted: boolean | null = null;

/** Whether this browser returns from a canvas what was drawn there: tried once, with a known pattern. */
function canReadBack(): boolean {
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

/** The samples of a picture as a canvas returns them, upright. */
function samplesOf(image: HTMLImageElement): Stored {
  const { naturalWidth: width, naturalHeight: height } = image;
  const samples = new Uint8ClampedArray(4 * width * height);
  const band = Math.min(height, Math.max(1, Math.floor((1 << 22) / width))); // canvases have limits that pictures exceed
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = band;
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.globalCompositeOperation = "copy";
  for (let top = 0; top < height; top += band) {
    const lines = Math.min(band, height - top);
    context.drawImage(image, 0, top, width, lines, 0, 0, width, lines);
    samples.set(context.getImageData(0, 0, width, lines).data, 4 * width * top);
  }
  return { width, height, channels: 4, depth: 8, samples, palette: null, transparency: null };
}

/** Whether the service reads files of this format. */
const isSent = (bytes: Uint8Array): boolean => isPng(bytes) || isWebp(bytes) || (bytes[0] === 0xff && bytes[1] === 0xd8);

/** A PNG file by our own reader; others, and those that it does not read, as the browser decodes them. */
async function readFile(file: Blob, bytes: Uint8Array, { width, height }: Extent): Promise<Reading> {
  if (isPng(bytes)) {
    const size = pngSize(bytes);
    if (Math.max(size.width, size.height) > Math.max(width, height)) throw new OtherSize(); // before it is decoded
    const reading = (await inWorker({ kind: "png", file: bytes })) as Reading | null;
    if (reading) return reading;
  }
  const image = await loadImage(file);
  if (image.naturalWidth !== width || image.naturalHeight !== height) throw new OtherSize();
  if (!canReadBack()) throw new Falsified();
  const stored = samplesOf(image);
  const order: MaskOrder = { kind: "samples", stored, exact: isLossless(bytes) };
  return (await inWorker(order, [stored.samples.buffer])) as Reading;
}

/** Reads a mask for a picture of this size, as the service reads it. Throws OtherSize, Falsified, or what else failed. */
export async function readMask(file: File, extent: Extent): Promise<Reading & { readonly sent: Blob | null }> {
  const { file: shown, bytes } = await asShown(file);
  const reading = await readFile(shown, bytes, extent);
  if (reading.mask.width !== extent.width || reading.mask.height !== extent.height) throw new OtherSize();
  return { ...reading, sent: isSent(bytes) ? shown : null };
}
