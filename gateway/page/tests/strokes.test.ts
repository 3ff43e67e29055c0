// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { encodeMask } from "../src/png.ts";
import { hasHole, rasterise, type BitMask, type Stroke } from "../src/strokes.ts";

const rows = ({ width, height, bits }: BitMask): string[] =>
  Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => (bits[y * ((width + 7) >> 3) + (x >> 3)]! & (0x80 >> (x & 7)) ? "#" : ".")).join(""),
  );

test("a dab of radius 2 on a pixel corner is a disc of pixels whose centres it covers", () => {
  const dab: Stroke = { kind: "brush", radius: 2, points: [{ x: 3, y: 3 }] };
  assert.deepEqual(rows(rasterise([dab], 7, 6)), [".......", "..##...", ".####..", ".####..", "..##...", "......."]);
});

test("a horizontal line has round ends and a constant width", () => {
  const line: Stroke = { kind: "brush", radius: 1, points: [{ x: 2, y: 2 }, { x: 8, y: 2 }] };
  assert.deepEqual(rows(rasterise([line], 10, 4)), ["..........", ".########.", ".########.", ".........."]);
});

test("a diagonal line covers exactly the pixels whose centres lie within the radius", () => {
  const a = { x: 2.3, y: 3.1 };
  const b = { x: 17.9, y: 11.4 };
  const radius = 2.7;
  const mask = rasterise([{ kind: "brush", radius, points: [a, b] }], 21, 15);
  const near = (x: number, y: number): boolean => {
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const along = Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy)));
    return Math.hypot(x - a.x - along * dx, y - a.y - along * dy) <= radius;
  };
  const expected = Array.from({ length: 15 }, (_, y) =>
    Array.from({ length: 21 }, (_, x) => (near(x + 0.5, y + 0.5) ? "#" : ".")).join(""),
  );
  assert.deepEqual(rows(mask), expected);
});

test("strokes beyond the edges of the picture are cut off there", () => {
  const line: Stroke = { kind: "brush", radius: 3, points: [{ x: -10, y: 1 }, { x: 40, y: 1 }] };
  assert.deepEqual(rows(rasterise([line], 9, 5)), ["#########", "#########", "#########", "#########", "........."]);
});

test("the eraser takes away what was painted before it, and nothing that comes after it", () => {
  const box: Stroke = { kind: "rectangle", from: { x: 0, y: 0 }, to: { x: 8, y: 3 } };
  const eraser: Stroke = { kind: "eraser", radius: 1, points: [{ x: 4, y: 0 }, { x: 4, y: 3 }] };
  assert.deepEqual(rows(rasterise([box, eraser], 8, 3)), ["###..###", "###..###", "###..###"]);
  assert.deepEqual(rows(rasterise([eraser, box], 8, 3)), ["########", "########", "########"]);
});

test("a rectangle may be drawn from any corner", () => {
  const expected = ["....", ".##.", ".##.", "...."];
  assert.deepEqual(rows(rasterise([{ kind: "rectangle", from: { x: 3, y: 3 }, to: { x: 1, y: 1 } }], 4, 4)), expected);
  assert.deepEqual(rows(rasterise([{ kind: "rectangle", from: { x: 1, y: 3 }, to: { x: 3, y: 1 } }], 4, 4)), expected);
});

test("no strokes make a mask without a hole", () => {
  assert.equal(hasHole(rasterise([], 100, 100)), false);
  assert.equal(hasHole(rasterise([{ kind: "brush", radius: 1, points: [{ x: 50, y: 50 }] }], 100, 100)), true);
});

test("a mask becomes a one-bit grey PNG file whose chunks add up", async () => {
  const mask = rasterise([{ kind: "rectangle", from: { x: 2, y: 1 }, to: { x: 9, y: 2 } }], 11, 3);
  const file = Buffer.from(await (await encodeMask(mask)).arrayBuffer());
  assert.equal(file.subarray(0, 8).toString("hex"), "89504e470d0a1a0a");
  const chunks: [string, Buffer][] = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at))
    chunks.push([file.toString("latin1", at + 4, at + 8), file.subarray(at + 8, at + 8 + file.readUInt32BE(at))]);
  assert.deepEqual(chunks.map(([type]) => type), ["IHDR", "IDAT", "IEND"]);
  assert.equal(chunks[0]![1].toString("hex"), "0000000b" + "00000003" + "0100000000");
  assert.equal(inflateSync(chunks[1]![1]).toString("hex"), "00" + "0000" + "00" + "3f80" + "00" + "0000");
  assert.equal(file.readUInt32BE(file.length - 4), 0xae426082); // the CRC of an empty IEND
});
