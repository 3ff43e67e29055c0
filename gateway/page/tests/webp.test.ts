// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { isLossless, withoutExif } from "../src/webp.ts";

function chunk(type: string, data: number[]): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, "latin1");
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, Buffer.from(data), Buffer.alloc(data.length & 1)]);
}

function webp(...chunks: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from("WEBP"), ...chunks]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from("RIFF"), size, body]);
}

const extended = (flags: number) => chunk("VP8X", [flags, 0, 0, 0, 9, 0, 0, 9, 0, 0]);

test("the EXIF data of a WebP file is left out, and everything else stays", () => {
  const file = webp(extended(0x28), chunk("ICCP", [1, 2, 3]), chunk("VP8 ", [4, 5, 6]), chunk("EXIF", [7]), chunk("XMP ", [8, 9]));
  const expected = webp(extended(0x20), chunk("ICCP", [1, 2, 3]), chunk("VP8 ", [4, 5, 6]), chunk("XMP ", [8, 9]));
  assert.deepEqual(Buffer.from(withoutExif(file)!), expected);
});

test("a file without EXIF data, or of another format, is left as it is", () => {
  assert.equal(withoutExif(webp(chunk("VP8L", [1]))), null);
  assert.equal(withoutExif(Buffer.from("no picture")), null);
});

test("a WebP file without losses is known by its chunk of pixels", () => {
  assert.equal(isLossless(webp(extended(0), chunk("ICCP", [1]), chunk("VP8L", [1, 2]))), true);
  assert.equal(isLossless(webp(chunk("VP8 ", [1, 2]))), false);
  assert.equal(isLossless(Buffer.from([0xff, 0xd8])), false);
});
