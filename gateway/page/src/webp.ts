// SPDX-License-Identifier: Apache-2.0
// The chunks of WebP files. https://developers.google.com/speed/webp/docs/riff_container

const exifFlag = 0x08;

interface Chunk {
  readonly type: string;
  /** Of the head; the data begins 8 bytes later. */
  readonly at: number;
  readonly end: number;
}

const text = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));

export const isWebp = (file: Uint8Array): boolean => text(file, 0) === "RIFF" && text(file, 8) === "WEBP";

function chunksOf(file: Uint8Array): Chunk[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const chunks: Chunk[] = [];
  for (let at = 12; at + 8 <= file.length; ) {
    const length = view.getUint32(at + 4, true);
    const end = Math.min(file.length, at + 8 + length + (length & 1));
    chunks.push({ type: text(file, at), at, end });
    at = end;
  }
  return chunks;
}

/** Whether the pixels are stored without losses. */
export const isLossless = (file: Uint8Array): boolean =>
  isWebp(file) && chunksOf(file).some(({ type }) => type === "VP8L");

/**
 * The file without its EXIF data; null where it has none. The service turns a picture as its EXIF data says, and
 * Chromium does not turn WebP files: without the data both see the same picture. The pixels stay as they are.
 */
export function withoutExif(file: Uint8Array): Uint8Array | null {
  if (!isWebp(file)) return null;
  const chunks = chunksOf(file);
  if (!chunks.some(({ type }) => type === "EXIF")) return null;
  const kept = chunks.filter(({ type }) => type !== "EXIF");
  const out = new Uint8Array(12 + kept.reduce((sum, { at, end }) => sum + end - at, 0));
  out.set(file.subarray(0, 12));
  let place = 12;
  for (const { type, at, end } of kept) {
    out.set(file.subarray(at, end), place);
    if (type === "VP8X") out[place + 8]! &= ~exifFlag;
    place += end - at;
  }
  new DataView(out.buffer).setUint32(4, out.length - 8, true);
  return out;
}
