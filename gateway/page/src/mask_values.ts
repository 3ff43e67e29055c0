// SPDX-License-Identifier: Apache-2.0
// Which pixels of a mask file are holes: the service's rule `auto`, as docs/protocol.md tells it under mask_values.
// Programs disagree about what a mask's values mean, and the page must show the mask that the service will use.
import type { Stored } from "./png_reader.ts";
import { emptyMask, rowBytes, type BitMask } from "./strokes.ts";

/** The holes of a mask, and the code of the protocol's note about how they were found, if there is one. */
export interface Reading {
  readonly mask: BitMask;
  readonly note: "mask_alpha" | "mask_nonzero" | "mask_empty" | null;
}

const holeAbove = 127;
const chromaMin = 64; // between the channels of a colour, in labels

type Value = (pixel: number) => number;

/** The luma of 8-bit colours with the weights that the service's library uses, in the same integers. */
const lumaOf = (red: number, green: number, blue: number): number => (9798 * red + 19235 * green + 3735 * blue + 16384) >> 15;

/** A stored sample on the scale of 0 to 255. */
function scaled({ depth }: Stored): (sample: number) => number {
  if (depth === 8) return (sample) => sample;
  return (sample) => Math.round((sample * 255) / ((1 << depth) - 1));
}

/** The luma of each pixel, 0 to 255. */
function lumas(file: Stored): Value {
  const { samples, channels, palette } = file;
  const scale = scaled(file);
  if (palette) {
    const table = Array.from({ length: palette.length / 3 }, (_, i) => lumaOf(palette[3 * i]!, palette[3 * i + 1]!, palette[3 * i + 2]!));
    return (pixel) => table[samples[pixel]!] ?? 0;
  }
  if (channels < 3) return (pixel) => scale(samples[pixel * channels]!);
  return (pixel) => {
    const i = pixel * channels;
    return lumaOf(scale(samples[i]!), scale(samples[i + 1]!), scale(samples[i + 2]!));
  };
}

/** The alpha of each pixel, 0 to 255; null for a file without alpha. */
function alphas(file: Stored): Value | null {
  const { samples, channels, palette, transparency } = file;
  const scale = scaled(file);
  if (channels % 2 === 0) return (pixel) => scale(samples[pixel * channels + channels - 1]!);
  if (!transparency) return null;
  if (palette) return (pixel) => transparency[samples[pixel]!] ?? 255;
  const colour = Array.from({ length: channels }, (_, c) => (transparency[2 * c]! << 8) | transparency[2 * c + 1]!);
  return (pixel) => (colour.every((value, c) => samples[pixel * channels + c] === value) ? 0 : 255);
}

interface Decided {
  readonly mask: BitMask;
  readonly holes: boolean;
  readonly known: boolean;
}

/** The pixels whose value is above `limit`. */
function above({ width, height }: Stored, value: Value, limit: number): Decided {
  const mask = emptyMask(width, height);
  const stride = rowBytes(width);
  let holes = 0;
  for (let y = 0, pixel = 0; y < height; ++y)
    for (let x = 0; x < width; ++x, ++pixel)
      if (value(pixel) > limit) {
        mask.bits[y * stride + (x >> 3)]! |= 0x80 >> (x & 7);
        holes += 1;
      }
  return { mask, holes: holes > 0, known: holes < width * height };
}

const isBlack = (palette: Uint8Array, index: number): boolean =>
  palette[3 * index] === 0 && palette[3 * index + 1] === 0 && palette[3 * index + 2] === 0;

/** 1 for pixels that are not the ground: index 0 or black of a palette, and otherwise black. */
function nonzeros({ samples, channels, palette }: Stored): Value {
  if (palette) {
    const all = Array.from({ length: palette.length / 3 }, (_, i) => i);
    const byColour = !isBlack(palette, 0) && all.some((i) => isBlack(palette, i));
    return (pixel) => ((byColour ? isBlack(palette, samples[pixel]!) : samples[pixel] === 0) ? 0 : 1);
  }
  const colours = channels - (channels % 2 === 0 ? 1 : 0);
  return (pixel) => {
    for (let c = 0; c < colours; ++c) if (samples[pixel * channels + c] !== 0) return 1;
    return 0;
  };
}

/** Whether a palette of labels in colours has dark ones, which the luma would leave out. */
function hasDarkLabels({ samples, palette }: Stored): boolean {
  if (!palette || !isBlack(palette, 0)) return false;
  const used = new Set<number>(samples);
  return [...used].some((index) => {
    const colour = [...palette.subarray(3 * index, 3 * index + 3)];
    if (index === 0 || colour.length < 3) return false;
    const luma = Math.floor((299 * colour[0]! + 587 * colour[1]! + 114 * colour[2]! + 500) / 1000);
    return luma <= holeAbove && Math.max(...colour) - Math.min(...colour) >= chromaMin;
  });
}

/** Whether all samples are plainly labels or indices, or the drawing one in a dark colour on black. */
function isPlain(file: Stored, lumaSplits: boolean): boolean {
  if (file.palette) return !lumaSplits || hasDarkLabels(file);
  if (lumaSplits) return false;
  const { samples, channels, depth } = file;
  let largest = 0;
  for (let i = 0; i < samples.length; ++i)
    if (channels % 2 === 1 || i % channels !== channels - 1) largest = Math.max(largest, samples[i]!);
  return largest === 1 || (channels >= 3 && largest > (1 << depth) / 2 - 1);
}

/** `exact`: the samples are the numbers that the file's author wrote, and no lossy compression has changed them. */
export function readHoles(file: Stored, exact: boolean): Reading {
  const luma = above(file, lumas(file), holeAbove);
  const lumaSplits = luma.holes && luma.known;
  const alpha = lumaSplits ? null : alphas(file);
  if (alpha) {
    const drawn = above(file, alpha, holeAbove);
    if (drawn.holes && drawn.known) return { mask: drawn.mask, note: "mask_alpha" };
  }
  if (!luma.known || (lumaSplits && !file.palette)) return { mask: luma.mask, note: null };
  if (exact && isPlain(file, lumaSplits)) {
    const labels = above(file, nonzeros(file), 0);
    if (labels.holes && labels.known) return { mask: labels.mask, note: "mask_nonzero" };
  }
  return { mask: luma.mask, note: lumaSplits ? null : "mask_empty" };
}
