// SPDX-License-Identifier: Apache-2.0
// Reads and writes the PNG files of the tests: 8-bit grey or RGB, not interlaced.
import { deflateSync, inflateSync } from "node:zlib";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function chunk(type, data) {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, "latin1");
  Buffer.from(data).copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

/** Makes a PNG file of `pixels` with `channels` (1 or 3) bytes each. */
export function makePng(width, height, channels, pixels) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 3 ? 2 : 0], 8);
  const stride = width * channels;
  const rows = Buffer.alloc((stride + 1) * height); // the first byte of each row is its filter, 0: none
  for (let y = 0; y < height; ++y) rows.set(pixels.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", [])]);
}

/** Reads the pixels of a PNG file that must be 8-bit with this size and number of channels. */
export function inflatePng(file, width, height, channels) {
  const png = Buffer.from(file);
  const parts = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const data = png.subarray(at + 8, at + 8 + png.readUInt32BE(at));
    const type = png.toString("latin1", at + 4, at + 8);
    if (type === "IDAT") parts.push(data);
    if (type !== "IHDR") continue;
    const found = [data.readUInt32BE(0), data.readUInt32BE(4), data[8], data[9], data[12]].join();
    const wanted = [width, height, 8, channels === 3 ? 2 : 0, 0].join();
    if (found !== wanted) throw new Error(`PNG header ${found}, not ${wanted}`);
  }
  return unfilter(inflateSync(Buffer.concat(parts)), width * channels, height, channels);
}

function unfilter(rows, stride, height, channels) {
  const out = new Uint8Array(stride * height);
  const at = (y, i) => (y < 0 || i < 0 ? 0 : out[y * stride + i]);
  for (let y = 0; y < height; ++y) {
    const filter = rows[y * (stride + 1)];
    for (let i = 0; i < stride; ++i) {
      const left = at(y, i - channels);
      const up = at(y - 1, i);
      const corner = i < channels ? 0 : at(y - 1, i - channels);
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      out[y * stride + i] = rows[y * (stride + 1) + 1 + i] + predicted;
    }
  }
  return out;
}

function paeth(left, up, corner) {
  const estimate = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(estimate - value));
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
