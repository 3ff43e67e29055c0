// SPDX-License-Identifier: Apache-2.0
// A reader for the samples of PNG files as the files store them. A canvas would return other numbers: colours that were
// multiplied with alpha, 8 of 16 bits, no indices of a palette; and privacy settings of browsers falsify what a canvas
// returns. https://www.w3.org/TR/png-3/

/** The samples of a picture file, row by row, without gaps. */
export interface Stored {
  readonly width: number;
  readonly height: number;
  /** 1: grey, or the indices of `palette`; 2: grey and alpha; 3: RGB; 4: RGBA. */
  readonly channels: number;
  /** Bits of a sample. */
  readonly depth: number;
  readonly samples: Uint8Array | Uint8ClampedArray | Uint16Array;
  /** Three bytes of RGB for each index. */
  readonly palette: Uint8Array | null;
  /** The bytes of the chunk tRNS: alphas of the palette's first indices, or the one colour that is transparent. */
  readonly transparency: Uint8Array | null;
}

/** A file that this reader does not read: broken, or with an EXIF block that may turn the picture. */
export class NotRead extends Error {}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export const isPng = (file: Uint8Array): boolean => signature.every((byte, i) => file[i] === byte);

interface Chunks {
  readonly header: DataView;
  readonly palette: Uint8Array | null;
  readonly transparency: Uint8Array | null;
  readonly data: readonly Uint8Array[];
}

function chunksOf(file: Uint8Array): Chunks {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const found = new Map<string, Uint8Array>();
  const data: Uint8Array[] = [];
  for (let at = signature.length; at + 12 <= file.length; ) {
    const length = view.getUint32(at);
    if (at + 12 + length > file.length) throw new NotRead("a chunk is cut off");
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    const bytes = file.subarray(at + 8, at + 8 + length);
    if (type === "IDAT") data.push(bytes);
    else if (!found.has(type)) found.set(type, bytes);
    if (type === "IEND") break;
    at += 12 + length;
  }
  const header = found.get("IHDR");
  if (!header || header.length !== 13) throw new NotRead("there is no header");
  if (found.has("eXIf")) throw new NotRead("the picture may be turned");
  return {
    header: new DataView(header.buffer, header.byteOffset, header.byteLength),
    palette: found.get("PLTE") ?? null,
    transparency: found.get("tRNS") ?? null,
    data,
  };
}

/** Width and height as the file's header tells them. */
export function pngSize(file: Uint8Array): { width: number; height: number } {
  if (file.length < 24) throw new NotRead("there is no header");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** The pixels x0 + i * dx, y0 + j * dy of a picture, which an interlaced file stores together. */
interface Pass {
  readonly x0: number;
  readonly y0: number;
  readonly dx: number;
  readonly dy: number;
}
const whole: readonly Pass[] = [{ x0: 0, y0: 0, dx: 1, dy: 1 }];
const adam7: readonly Pass[] = [
  { x0: 0, y0: 0, dx: 8, dy: 8 },
  { x0: 4, y0: 0, dx: 8, dy: 8 },
  { x0: 0, y0: 4, dx: 4, dy: 8 },
  { x0: 2, y0: 0, dx: 4, dy: 4 },
  { x0: 0, y0: 2, dx: 2, dy: 4 },
  { x0: 1, y0: 0, dx: 2, dy: 2 },
  { x0: 0, y0: 1, dx: 1, dy: 2 },
];

/** zlib's format (RFC 1950), which is what DecompressionStream calls "deflate". */
async function inflate(parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const stream = new Blob(parts as readonly BlobPart[] as BlobPart[]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function paeth(left: number, above: number, corner: number): number {
  const estimate = left + above - corner;
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - above), Math.abs(estimate - corner)];
  return a <= b && a <= c ? left : b <= c ? above : corner;
}

/** What each filter adds to a byte, from its neighbours to the left, above, and above to the left. */
const filters: readonly ((left: number, above: number, corner: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  paeth,
];

/** Undoes the filter of the line at `at`, in place. `step`: the bytes of a pixel, at least 1. */
function unfilter(lines: Uint8Array, at: number, stride: number, step: number, first: boolean): void {
  const number = lines[at - 1]!;
  if (number === 0) return;
  const filter = filters[number];
  if (!filter) throw new NotRead("a filter is unknown");
  const up = stride + 1;
  for (let x = 0; x < stride; ++x) {
    const left = x >= step ? lines[at + x - step]! : 0;
    const above = first ? 0 : lines[at + x - up]!;
    const corner = first || x < step ? 0 : lines[at + x - up - step]!;
    lines[at + x] = lines[at + x]! + filter(left, above, corner);
  }
}

/** The sample with this number in a line of packed samples. */
function sampleAt(lines: Uint8Array, at: number, index: number, depth: number): number {
  if (depth === 8) return lines[at + index]!;
  if (depth === 16) return (lines[at + 2 * index]! << 8) | lines[at + 2 * index + 1]!;
  const bit = index * depth;
  return (lines[at + (bit >> 3)]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}

/** Throws NotRead, and TypeError where the compressed data is broken. */
export async function readPng(file: Uint8Array): Promise<Stored> {
  const { header, palette, transparency, data } = chunksOf(file);
  const [width, height, depth, colour] = [header.getUint32(0), header.getUint32(4), header.getUint8(8), header.getUint8(9)];
  const channels = channelsOf[colour];
  if (!channels || ![1, 2, 4, 8, 16].includes(depth) || width * height === 0) throw new NotRead("the header is broken");
  if (colour === 3 && !palette) throw new NotRead("the palette is missing");
  const lines = await inflate(data);
  const samples = new (depth === 16 ? Uint16Array : Uint8Array)(width * height * channels);
  let at = 1; // after the byte that names the filter of the line
  for (const { x0, y0, dx, dy } of header.getUint8(12) === 1 ? adam7 : whole) {
    const [columns, rows] = [Math.ceil((width - x0) / dx), Math.ceil((height - y0) / dy)];
    if (columns <= 0 || rows <= 0) continue;
    const stride = Math.ceil((columns * channels * depth) / 8);
    if (at + (stride + 1) * rows - 1 > lines.length) throw new NotRead("pixels are missing");
    for (let row = 0; row < rows; ++row, at += stride + 1) {
      unfilter(lines, at, stride, Math.max(1, (channels * depth) >> 3), row === 0);
      for (let column = 0; column < columns; ++column) {
        const pixel = ((y0 + row * dy) * width + x0 + column * dx) * channels;
        for (let c = 0; c < channels; ++c) samples[pixel + c] = sampleAt(lines, at, column * channels + c, depth);
      }
    }
  }
  return { width, height, channels, depth, samples, palette: colour === 3 ? palette : null, transparency };
}
