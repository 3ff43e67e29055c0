// SPDX-License-Identifier: Apache-2.0
// Strokes are vectors in the picture's own pixels. They are rasterised here rather than read back from a canvas:
// privacy settings of browsers falsify what a canvas returns, and canvases have limits that pictures exceed.

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line of constant width with round ends. */
export interface Line {
  readonly kind: "brush" | "eraser";
  readonly radius: number;
  readonly points: readonly Point[];
}

/** A filled rectangle between two opposite corners. */
export interface Rectangle {
  readonly kind: "rectangle";
  readonly from: Point;
  readonly to: Point;
}

/** A mask that was loaded from a file, and its holes. */
export interface Loaded {
  readonly kind: "loaded";
  /** The file, where the service reads files of its format. */
  readonly file: Blob | null;
  readonly mask: BitMask;
}

export type Stroke = Line | Rectangle | Loaded;

/** One bit per pixel, each row padded to whole bytes, most significant bit first; 1 is a hole. */
export interface BitMask {
  readonly width: number;
  readonly height: number;
  readonly bits: Uint8Array;
}

export const rowBytes = (width: number): number => (width + 7) >> 3;

export function emptyMask(width: number, height: number): BitMask {
  return { width, height, bits: new Uint8Array(rowBytes(width) * height) };
}

/** Sets or clears the pixels first..last (inclusive, cut to the mask) of a row. */
function fillSpan(mask: BitMask, y: number, first: number, last: number, value: boolean): void {
  const from = Math.max(0, first);
  const to = Math.min(mask.width - 1, last);
  const row = y * rowBytes(mask.width);
  for (let x = from; x <= to; ) {
    const place = row + (x >> 3);
    if ((x & 7) === 0 && x + 7 <= to) {
      mask.bits[place] = value ? 0xff : 0;
      x += 8;
    } else {
      const bit = 0x80 >> (x & 7);
      mask.bits[place] = value ? mask.bits[place]! | bit : mask.bits[place]! & ~bit;
      x += 1;
    }
  }
}

/** The pixels of row `y` whose centres lie within `radius` of the segment a-b, as [first, last]; null if there are none. */
export function capsuleSpan(a: Point, b: Point, radius: number, y: number): [number, number] | null {
  const centre = y + 0.5;
  let left = Infinity;
  let right = -Infinity;
  for (const end of [a, b]) {
    const dy = centre - end.y;
    if (Math.abs(dy) <= radius) {
      const half = Math.sqrt(radius * radius - dy * dy);
      left = Math.min(left, end.x - half);
      right = Math.max(right, end.x + half);
    }
  }
  // The sides of the capsule: the segment, shifted by the radius along its normal to both sides.
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length = Math.hypot(dx, dy);
  if (length > 0) {
    const nx = (-dy / length) * radius;
    const ny = (dx / length) * radius;
    for (const sign of [1, -1]) {
      const from = { x: a.x + sign * nx, y: a.y + sign * ny };
      const to = { x: b.x + sign * nx, y: b.y + sign * ny };
      const low = Math.min(from.y, to.y);
      const high = Math.max(from.y, to.y);
      if (centre < low || centre > high || low === high) continue;
      const x = from.x + ((centre - from.y) / (to.y - from.y)) * (to.x - from.x);
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
  }
  const first = Math.ceil(left - 0.5);
  const last = Math.floor(right - 0.5);
  return first <= last ? [first, last] : null;
}

function drawLine(mask: BitMask, line: Line): void {
  const value = line.kind === "brush";
  const radius = Math.max(0.5, line.radius);
  line.points.forEach((b, index) => {
    const a = line.points[Math.max(0, index - 1)]!;
    const top = Math.max(0, Math.floor(Math.min(a.y, b.y) - radius));
    const bottom = Math.min(mask.height - 1, Math.ceil(Math.max(a.y, b.y) + radius));
    for (let y = top; y <= bottom; ++y) {
      const span = capsuleSpan(a, b, radius, y);
      if (span) fillSpan(mask, y, span[0], span[1], value);
    }
  });
}

function drawRectangle(mask: BitMask, { from, to }: Rectangle): void {
  const left = Math.round(Math.min(from.x, to.x));
  const right = Math.round(Math.max(from.x, to.x)) - 1;
  const top = Math.max(0, Math.round(Math.min(from.y, to.y)));
  const bottom = Math.min(mask.height, Math.round(Math.max(from.y, to.y))) - 1;
  for (let y = top; y <= bottom; ++y) fillSpan(mask, y, left, right, true);
}

/** Draws the strokes one over the other, in their order. */
export function rasterise(strokes: readonly Stroke[], width: number, height: number): BitMask {
  const mask = emptyMask(width, height);
  for (const stroke of strokes) {
    if (stroke.kind === "loaded") stroke.mask.bits.forEach((byte, i) => (mask.bits[i] = mask.bits[i]! | byte));
    else if (stroke.kind === "rectangle") drawRectangle(mask, stroke);
    else drawLine(mask, stroke);
  }
  return mask;
}

export const hasHole = (mask: BitMask): boolean => mask.bits.some((byte) => byte !== 0);
