// SPDX-License-Identifier: Apache-2.0
// Where the picture stands in the window: screen = picture * scale + offset, in CSS pixels.
import type { Point } from "./strokes.ts";

export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Extent {
  readonly width: number;
  readonly height: number;
}

export const scaleMax = 32;
/** Between the picture and the border of the window, in CSS pixels. */
export const margin = 16;

export const toPicture = (view: View, at: Point): Point => ({ x: (at.x - view.x) / view.scale, y: (at.y - view.y) / view.scale });
export const toScreen = (view: View, at: Point): Point => ({ x: at.x * view.scale + view.x, y: at.y * view.scale + view.y });

/** The whole picture, in the middle of the window; never enlarged. */
export function fitted(picture: Extent, window: Extent): View {
  const room = { width: Math.max(1, window.width - 2 * margin), height: Math.max(1, window.height - 2 * margin) };
  const scale = Math.min(1, room.width / picture.width, room.height / picture.height);
  return { scale, x: (window.width - picture.width * scale) / 2, y: (window.height - picture.height * scale) / 2 };
}

/** Zooms by `factor`; the point of the picture that is at `at` on the screen stays there. */
export function zoomed(view: View, at: Point, factor: number, scaleMin: number): View {
  const scale = Math.min(scaleMax, Math.max(scaleMin, view.scale * factor));
  const fixed = toPicture(view, at);
  return { scale, x: at.x - fixed.x * scale, y: at.y - fixed.y * scale };
}

export const moved = (view: View, dx: number, dy: number): View => ({ ...view, x: view.x + dx, y: view.y + dy });
