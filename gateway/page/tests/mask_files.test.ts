// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { readHoles } from "../src/mask_values.ts";
import { NotRead, pngSize, readPng } from "../src/png_reader.ts";
import { rowBytes, type BitMask } from "../src/strokes.ts";
import { pngFile } from "./png_files.mjs";

const [width, height] = [19, 13];
const size = { width, height };

for (const [colour, depths] of [[0, [1, 2, 4, 8, 16]], [2, [8, 16]], [3, [1, 2, 4, 8]], [4, [8, 16]], [6, [8, 16]]] as const)
  for (const depth of depths)
    for (const interlaced of [false, true])
      test(`the samples of a PNG file are read: colour type ${colour}, ${depth} bits, interlaced: ${interlaced}`, async () => {
        const channels = [1, 0, 3, 1, 2, 0, 4][colour]!;
        const at = (x: number, y: number, c: number) => (x * 7919 + y * 104729 + c * 1299709) % (1 << depth);
        const palette = colour === 3 ? Array(3 << depth).fill(9) : undefined;
        const sample = (x: number, y: number) => Array.from({ length: channels }, (_, c) => at(x, y, c));
        const file = pngFile({ ...size, colour, depth, interlaced, palette, sample });
        assert.deepEqual(pngSize(file), size);
        const stored = await readPng(file);
        assert.deepEqual([stored.width, stored.height, stored.channels, stored.depth], [width, height, channels, depth]);
        const expected = Array.from({ length: width * height }, (_, i) => sample(i % width, Math.floor(i / width))).flat();
        assert.deepEqual([...stored.samples], expected);
      });

test("a PNG file that is cut off, or that its EXIF block may turn, is not read", async () => {
  const sample = () => [1];
  const file = pngFile({ ...size, colour: 0, sample });
  await assert.rejects(readPng(file.subarray(0, file.length - 40)), NotRead);
  await assert.rejects(readPng(pngFile({ ...size, colour: 0, exif: Buffer.from("MM"), sample })), NotRead);
});

const isHole = ({ width: w, bits }: BitMask, x: number, y: number) => (bits[y * rowBytes(w) + (x >> 3)]! & (0x80 >> (x & 7))) !== 0;
const left = (x: number) => x < 7;

/** Reads a mask whose holes should be the pixels where `holes` is true. */
async function expect(file: object, note: string | null, holes: (x: number, y: number) => boolean, exact = true) {
  const reading = readHoles(await readPng(pngFile({ ...size, ...file } as Parameters<typeof pngFile>[0])), exact);
  assert.equal(reading.note, note);
  for (let y = 0; y < height; ++y)
    for (let x = 0; x < width; ++x) assert.equal(isHole(reading.mask, x, y), holes(x, y), `at ${x}, ${y}`);
}

test("a luma above half decides where it shows holes and known pixels, whatever the alpha is", async () => {
  await expect({ colour: 0, sample: (x: number) => [left(x) ? 128 : 127] }, null, left);
  await expect({ colour: 0, depth: 16, sample: (x: number) => [left(x) ? 40000 : 30000] }, null, left);
  await expect({ colour: 6, sample: (x: number) => (left(x) ? [255, 255, 255, 0] : [0, 0, 0, 255]) }, null, left);
  await expect({ colour: 6, sample: (x: number) => (left(x) ? [0, 255, 0, 9] : [255, 0, 0, 99]) }, null, left);
});

test("a mask that is white everywhere is a hole everywhere", () => expect({ colour: 0, sample: () => [255] }, null, () => true));

test("a drawing on transparent ground is read by its alpha, in every form of alpha", async () => {
  await expect({ colour: 6, sample: (x: number) => [0, 0, 0, left(x) ? 128 : 127] }, "mask_alpha", left);
  await expect({ colour: 6, sample: (x: number) => [255, 255, 255, left(x) ? 255 : 0] }, "mask_alpha", left);
  await expect({ colour: 4, depth: 16, sample: (x: number) => [0, left(x) ? 65535 : 0] }, "mask_alpha", left);
  const palette = [0, 0, 0, 9, 9, 9];
  await expect({ colour: 3, palette, transparency: [0], sample: (x: number) => [left(x) ? 1 : 0] }, "mask_alpha", left);
  await expect({ colour: 0, transparency: [0, 5], sample: (x: number) => [left(x) ? 6 : 5] }, "mask_alpha", left);
});

test("labels, indices and drawings in a dark colour are read as what is not the ground", async () => {
  await expect({ colour: 0, sample: (x: number) => [left(x) ? 1 : 0] }, "mask_nonzero", left);
  await expect({ colour: 2, sample: (x: number) => (left(x) ? [200, 0, 0] : [0, 0, 0]) }, "mask_nonzero", left);
  const dark = [0, 0, 0, 128, 0, 0, 255, 255, 255]; // index 1 is a label in a dark colour, index 2 in a bright one
  await expect({ colour: 3, palette: dark, sample: (x: number) => [left(x) ? 1 : x < 12 ? 2 : 0] }, "mask_nonzero", (x) => x < 12);
  const blackLast = [90, 90, 90, 0, 0, 0];
  await expect({ colour: 3, depth: 1, palette: blackLast, sample: (x: number) => [left(x) ? 0 : 1] }, "mask_nonzero", left);
  await expect({ colour: 3, palette: [0, 0, 0, 255, 255, 255], sample: (x: number) => [left(x) ? 1 : 0] }, null, left);
});

test("a dark mask without a plain meaning has no hole", async () => {
  await expect({ colour: 0, sample: (x: number) => [left(x) ? 2 : 0] }, "mask_empty", () => false);
  await expect({ colour: 0, sample: () => [0] }, "mask_empty", () => false);
  await expect({ colour: 2, sample: (x: number) => (left(x) ? [200, 0, 0] : [0, 0, 0]) }, "mask_empty", () => false, false);
});
