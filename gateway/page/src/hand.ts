// SPDX-License-Identifier: Apache-2.0
import { options, run } from "./album.ts";
import type { Document } from "./document.ts";
import type { Painter } from "./painter.ts";
import type { Point } from "./strokes.ts";
import { brushSize, comparison, comparisonOf, tool } from "./tools.ts";
import { moved, toPicture } from "./view.ts";

function at(event: MouseEvent): Point {
  const box = (event.currentTarget ?? event.target) as HTMLElement;
  const { left, top } = box.getBoundingClientRect();
  return { x: event.clientX - left, y: event.clientY - top };
}

/** How far an arrow key moves the picture, in CSS pixels. */
const panStep = 48;

/** Turns pointers and keys into strokes and movements of the view. */
export class Hand {
  readonly #painter: Painter;
  readonly #document: Document;
  readonly #pointers = new Map<number, Point>();
  #action: "none" | "paint" | "pan" | "pinch" | "compare" = "none";
  #last: Point | null = null; // the end of the latest stroke, where Shift draws a line from
  spaceHeld = false;

  constructor(painter: Painter, document: Document) {
    this.#painter = painter;
    this.#document = document;
  }

  down(event: PointerEvent): void {
    const canvas = event.currentTarget as HTMLCanvasElement;
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
    this.#pointers.set(event.pointerId, at(event));
    if (this.#pointers.size === 2) {
      this.#painter.wet.value = null; // the first finger did not mean to paint
      this.#action = "pinch";
      return;
    }
    const moves = event.button === 1 || this.spaceHeld || tool.value === "pan";
    if (!moves && comparisonOf(this.#document) !== null) {
      this.#action = "compare";
      this.#compare(at(event));
      return;
    }
    if (moves || this.#document.busy) {
      this.#action = "pan";
      return;
    }
    this.#action = "paint";
    const start = this.#inPicture(at(event));
    const erases = tool.value === "eraser" || event.altKey || event.button === 2 || (event.buttons & 32) !== 0;
    if (tool.value === "rectangle" && !erases) {
      this.#painter.wet.value = { kind: "rectangle", from: start, to: start };
    } else {
      const points = event.shiftKey && this.#last ? [this.#last, start] : [start];
      this.#painter.wet.value = { kind: erases ? "eraser" : "brush", radius: brushSize.value / 2, points };
    }
    this.#painter.redraw();
  }

  move(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    const now = at(event);
    this.#painter.brush.value = event.pointerType === "touch" && !before ? null : this.#inPicture(now);
    if (before) {
      if (this.#action === "paint") this.#paint(event);
      if (this.#action === "compare") this.#compare(now);
      if (this.#action === "pan" && this.#painter.view.value)
        this.#painter.setView(moved(this.#painter.view.value, now.x - before.x, now.y - before.y));
      if (this.#action === "pinch") this.#pinch(event.pointerId, before, now);
      this.#pointers.set(event.pointerId, now);
    }
    this.#painter.redraw();
  }

  up(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
    if (this.#action === "paint") this.finish();
    if (this.#pointers.size === 0) this.#action = "none";
  }

  leave(): void {
    this.#painter.brush.value = null;
    this.#painter.redraw();
  }

  wheel(event: WheelEvent): void {
    event.preventDefault();
    // Touch pads report a pinch as a wheel with Ctrl, in small steps.
    this.#painter.zoom(at(event), Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)));
  }

  /** Ends the stroke that is being painted. */
  finish(): void {
    const stroke = this.#painter.wet.value;
    this.#painter.wet.value = null;
    if (!stroke) return;
    if (stroke.kind === "brush" || stroke.kind === "eraser") this.#last = stroke.points.at(-1)!;
    this.#document.addStroke(stroke);
    if (options.atOnce.value && stroke.kind !== "eraser") run(this.#document);
  }

  /** The arrow keys move the brush, or the picture; Enter starts and ends a stroke. Returns whether the key was used. */
  key(event: KeyboardEvent): boolean {
    const steps: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key];
    const image = this.#painter.picture;
    const view = this.#painter.view.value;
    if (!image || !view) return false;
    if (step && tool.value === "pan") {
      this.#painter.setView(moved(view, -panStep * step[0], -panStep * step[1]));
      return true;
    }
    if (this.#document.busy || tool.value === "pan" || comparisonOf(this.#document) !== null) return false;
    const place = this.#painter.brush.value ?? { x: image.naturalWidth / 2, y: image.naturalHeight / 2 };
    if (step) {
      const length = event.shiftKey ? 1 : Math.max(1, brushSize.value / 4);
      const next = {
        x: Math.min(image.naturalWidth, Math.max(0, place.x + step[0] * length)),
        y: Math.min(image.naturalHeight, Math.max(0, place.y + step[1] * length)),
      };
      this.#painter.brush.value = next;
      this.#extend(next);
      this.#painter.reveal(next);
    } else if (event.key === "Escape" && this.#painter.wet.value) {
      this.#painter.wet.value = null;
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      if (this.#painter.wet.value) this.finish();
      else if (tool.value === "rectangle") this.#painter.wet.value = { kind: "rectangle", from: place, to: place };
      else
        this.#painter.wet.value = {
          kind: tool.value === "eraser" ? "eraser" : "brush",
          radius: brushSize.value / 2,
          points: [place],
        };
      this.#painter.brush.value = place;
    } else {
      return false;
    }
    this.#painter.redraw();
    return true;
  }

  /** Moves the edge between original and result to this place. */
  #compare(screen: Point): void {
    comparison.value = Math.min(1, Math.max(0, this.#inPicture(screen).x / this.#document.extent.width));
  }

  #inPicture(screen: Point): Point {
    return this.#painter.view.value ? toPicture(this.#painter.view.value, screen) : screen;
  }

  #paint(event: PointerEvent): void {
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length > 0 ? events : [event]) this.#extend(this.#inPicture(at(each)), event.shiftKey);
  }

  #extend(point: Point, straight = false): void {
    const stroke = this.#painter.wet.value;
    if (!stroke || stroke.kind === "loaded") return;
    if (stroke.kind === "rectangle") this.#painter.wet.value = { ...stroke, to: point };
    else if (straight) this.#painter.wet.value = { ...stroke, points: [stroke.points[0]!, point] };
    else this.#painter.wet.value = { ...stroke, points: [...stroke.points, point] };
  }

  #pinch(id: number, before: Point, now: Point): void {
    const other = [...this.#pointers].find(([each]) => each !== id)?.[1];
    const view = this.#painter.view.value;
    if (!other || !view) return;
    const distance = (p: Point) => Math.max(1, Math.hypot(p.x - other.x, p.y - other.y));
    const centre = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    this.#painter.setView(moved(view, (now.x - before.x) / 2, (now.y - before.y) / 2));
    this.#painter.zoom(centre, distance(now) / distance(before));
  }
}
