// SPDX-License-Identifier: Apache-2.0
// A writer for one-bit grey PNG files, the form in which masks are sent. https://www.w3.org/TR/png-3/
import { rowBytes, type BitMask } from "./strokes.ts";

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; ++bit) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 0xff]!;
  return ~crc >>> 0;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + data.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; ++i) out[4 + i] = type.charCodeAt(i);
  out.set(data, 8);
  view.setUint32(8 + data.length, crc32(out.subarray(4, 8 + data.length)));
  return out;
}

/** zlib's format (RFC 1950), which is what CompressionStream calls "deflate". */
async function deflate(data: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([data as BlobPart]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The mask as a PNG file: holes are white. */
export async function encodeMask(mask: BitMask): Promise<Blob> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, mask.width);
  view.setUint32(4, mask.height);
  header.set([1, 0, 0, 0, 0], 8); // bit depth, grey, deflate, adaptive filters, not interlaced

  const stride = rowBytes(mask.width);
  const lines = new Uint8Array((stride + 1) * mask.height); // each line begins with its filter: 0, none
  for (let y = 0; y < mask.height; ++y)
    lines.set(mask.bits.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);

  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  const parts = [signature, chunk("IHDR", header), chunk("IDAT", await deflate(lines)), chunk("IEND", new Uint8Array())];
  return new Blob(parts as BlobPart[], { type: "image/png" });
}
