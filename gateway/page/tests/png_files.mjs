// SPDX-License-Identifier: Apache-2.0
// A writer for PNG files of all kinds, for tests of what reads them.
import * as zlib from "node:zlib";

function crc32(bytes) {
  if (zlib.crc32) return zlib.crc32(bytes); // since Node 20.15
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(8 + body.length);
  out.writeUInt32BE(data.length);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), 4 + body.length);
  return out;
}

const channelsOf = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const passes = {
  false: [[0, 0, 1, 1]],
  true: [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]],
};

/** The samples of one line, packed into bytes. */
function packed(samples, depth) {
  const line = Buffer.alloc(Math.ceil((samples.length * depth) / 8));
  samples.forEach((sample, i) => {
    if (depth === 16) line.writeUInt16BE(sample, 2 * i);
    else line[(i * depth) >> 3] |= sample << (8 - depth - ((i * depth) & 7));
  });
  return line;
}

function paeth(a, b, c) {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

function filtered(line, above, filter, step) {
  const predict = [() => 0, (a) => a, (a, b) => b, (a, b) => (a + b) >> 1, paeth][filter];
  const out = Buffer.from(line);
  for (let x = 0; x < line.length; ++x)
    out[x] = line[x] - predict(line[x - step] ?? 0, above?.[x] ?? 0, above?.[x - step] ?? 0);
  return Buffer.concat([Buffer.from([filter]), out]);
}

/**
 * A PNG file. `sample(x, y)` returns the samples of a pixel, as many as the colour type has; the lines use all filters in
 * turn. `palette` and `transparency` are the bytes of PLTE and tRNS, `exif` those of eXIf.
 */
export function pngFile({ width, height, colour, depth = 8, interlaced = false, palette, transparency, exif, sample }) {
  const step = Math.max(1, (channelsOf[colour] * depth) >> 3);
  const lines = [];
  for (const [x0, y0, dx, dy] of passes[interlaced]) {
    let above;
    if (x0 >= width) continue;
    for (let y = y0; y < height; y += dy) {
      const samples = [];
      for (let x = x0; x < width; x += dx) samples.push(...sample(x, y));
      const line = packed(samples, depth);
      lines.push(filtered(line, above, lines.length % 5, step));
      above = line;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, interlaced ? 1 : 0], 8);
  const data = zlib.deflateSync(Buffer.concat(lines));
  const half = data.length >> 1; // data may be in any number of chunks
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    ...(palette ? [chunk("PLTE", Buffer.from(palette))] : []),
    ...(transparency ? [chunk("tRNS", Buffer.from(transparency))] : []),
    ...(exif ? [chunk("eXIf", exif)] : []),
    chunk("IDAT", data.subarray(0, half)),
    chunk("IDAT", data.subarray(half)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
