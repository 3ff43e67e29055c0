// SPDX-License-Identifier: Apache-2.0
// The canvas on which one paints. It has the size of the window, not of the picture, and is drawn only on change.
import { effect, signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { loadImage, options, run } from "./album.ts";
import type { Document, Version } from "./document.ts";
import { rowBytes, type BitMask, type Point, type Stroke } from "./strokes.ts";
import { t } from "./texts.ts";
import { fitted, moved, toPicture, zoomed, type View } from "./view.ts";

export type Tool = "brush" | "eraser" | "rectangle" | "pan";

export const tool = signal<Tool>("brush");
/** The brush's diameter in pixels of the picture. */
export const brushSize = signal(40);
export const brushSizeMax = 400;
/** While true, the first version is shown in place of the present one. */
export const showOriginal = signal(false);
/** 0..1: how much of the width, from the left, shows the first version; null without comparison. */
export const comparison = signal<number | null>(null);

const maskColour = "#e5007d";

const images = new WeakMap<Version, HTMLImageElement | Promise<HTMLImageElement>>();

/** The version's image if it is decoded; else decodes it and then calls `ready`. */
function imageOf(version: Version, ready: () => void): HTMLImageElement | null {
  const known = images.get(version);
  if (known instanceof HTMLImageElement) return known;
  if (known === undefined) {
    const loading = loadImage(version.blob);
    images.set(version, loading);
    loading.then((image) => {
      images.set(version, image);
      ready();
    }, ready);
  } else {
    void known.then(ready, ready);
  }
  return null;
}

const maskPictures = new WeakMap<BitMask, HTMLCanvasElement>();

/** A loaded mask as a picture of the mask's colour, at most 2048 pixels wide and high: it is only looked at. */
function pictureOf(mask: BitMask): HTMLCanvasElement {
  const known = maskPictures.get(mask);
  if (known) return known;
  const step = Math.max(1, Math.ceil(Math.max(mask.width, mask.height) / 2048));
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(mask.width / step);
  canvas.height = Math.ceil(mask.height / step);
  const context = canvas.getContext("2d")!;
  const pixels = context.createImageData(canvas.width, canvas.height);
  const stride = rowBytes(mask.width);
  for (let y = 0; y < canvas.height; ++y)
    for (let x = 0; x < canvas.width; ++x) {
      const byte = mask.bits[y * step * stride + ((x * step) >> 3)]!;
      if (byte & (0x80 >> ((x * step) & 7))) pixels.data.set([0xe5, 0, 0x7d, 0xff], 4 * (y * canvas.width + x));
    }
  context.putImageData(pixels, 0, 0);
  maskPictures.set(mask, canvas);
  return canvas;
}

function drawStroke(context: CanvasRenderingContext2D, stroke: Stroke): void {
  context.globalCompositeOperation = stroke.kind === "eraser" ? "destination-out" : "source-over";
  if (stroke.kind === "loaded") {
    context.drawImage(pictureOf(stroke.mask), 0, 0, stroke.mask.width, stroke.mask.height);
  } else if (stroke.kind === "rectangle") {
    context.fillRect(stroke.from.x, stroke.from.y, stroke.to.x - stroke.from.x, stroke.to.y - stroke.from.y);
  } else {
    context.lineWidth = 2 * stroke.radius;
    context.beginPath();
    const [first, ...rest] = stroke.points;
    context.moveTo(first!.x, first!.y);
    for (const point of rest.length > 0 ? rest : [first!]) context.lineTo(point.x, point.y);
    context.stroke();
  }
}

class Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #document: Document;
  readonly #layer = document.createElement("canvas");
  readonly #changed: () => void;
  readonly view = signal<View | null>(null);
  /** What is being painted and is not yet a stroke of the document. */
  readonly wet = signal<Stroke | null>(null);
  /** Where the brush is, in the picture; null while it is elsewhere. */
  readonly brush = signal<Point | null>(null);
  #fitted = true;
  #frame = 0;
  #window = { width: 1, height: 1 };

  constructor(canvas: HTMLCanvasElement, shown: Document, changed: () => void) {
    this.#canvas = canvas;
    this.#document = shown;
    this.#changed = changed;
  }

  get picture(): HTMLImageElement | null {
    return imageOf(this.#document.version.value, () => this.redraw());
  }

  resize(width: number, height: number): void {
    this.#window = { width, height };
    for (const canvas of [this.#canvas, this.#layer]) {
      canvas.width = Math.max(1, Math.round(width * devicePixelRatio));
      canvas.height = Math.max(1, Math.round(height * devicePixelRatio));
    }
    if (this.#fitted) this.view.value = null;
    this.redraw();
  }

  fit(): void {
    this.#fitted = true;
    this.view.value = null;
    this.redraw();
  }

  setView(view: View): void {
    this.#fitted = false;
    this.view.value = view;
    this.redraw();
  }

  zoom(at: Point, factor: number): void {
    const image = this.picture;
    if (!image || !this.view.value) return;
    const whole = fitted({ width: image.naturalWidth, height: image.naturalHeight }, this.#window).scale;
    this.setView(zoomed(this.view.value, at, factor, Math.min(whole, 1) / 2));
  }

  get centre(): Point {
    return { x: this.#window.width / 2, y: this.#window.height / 2 };
  }

  redraw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    const image = this.picture;
    const context = this.#canvas.getContext("2d")!;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (!image) return;
    const extent = { width: image.naturalWidth, height: image.naturalHeight };
    if (this.view.value === null) this.view.value = fitted(extent, this.#window);
    const { scale, x, y } = this.view.value;
    const place = (target: CanvasRenderingContext2D) =>
      target.setTransform(scale * devicePixelRatio, 0, 0, scale * devicePixelRatio, x * devicePixelRatio, y * devicePixelRatio);
    place(context);
    context.imageSmoothingEnabled = scale < 4;
    const original = imageOf(this.#document.versions.value[0]!, () => this.redraw());
    const shown = showOriginal.value && original ? original : image;
    context.drawImage(shown, 0, 0, extent.width, extent.height);
    if (comparison.value !== null && original) this.#drawComparison(context, original, extent);
    else if (!showOriginal.value) this.#drawMask(context, place);
    this.#changed();
  }

  #drawComparison(context: CanvasRenderingContext2D, original: HTMLImageElement, { width, height }: { width: number; height: number }): void {
    const edge = width * comparison.value!;
    context.save();
    context.beginPath();
    context.rect(0, 0, edge, height);
    context.clip();
    context.drawImage(original, 0, 0, width, height);
    context.restore();
    context.fillStyle = "#fff";
    context.fillRect(edge - 1 / this.view.value!.scale, 0, 2 / this.view.value!.scale, height);
  }

  /** The strokes are drawn in full colour on a layer of their own, so that they do not darken where they overlap. */
  #drawMask(context: CanvasRenderingContext2D, place: (target: CanvasRenderingContext2D) => void): void {
    const layer = this.#layer.getContext("2d")!;
    layer.setTransform(1, 0, 0, 1, 0, 0);
    layer.globalCompositeOperation = "source-over";
    layer.clearRect(0, 0, this.#layer.width, this.#layer.height);
    place(layer);
    layer.fillStyle = layer.strokeStyle = maskColour;
    layer.lineCap = layer.lineJoin = "round";
    const strokes = this.wet.value ? [...this.#document.strokes.value, this.wet.value] : this.#document.strokes.value;
    for (const stroke of strokes) drawStroke(layer, stroke);
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = 0.55;
    context.drawImage(this.#layer, 0, 0);
    context.restore();
    if (this.brush.value && (tool.value === "brush" || tool.value === "eraser")) {
      context.lineWidth = 1.5 / this.view.value!.scale;
      context.strokeStyle = "#fff";
      context.beginPath();
      context.arc(this.brush.value.x, this.brush.value.y, brushSize.value / 2, 0, 2 * Math.PI);
      context.stroke();
      context.setLineDash([4 / this.view.value!.scale, 4 / this.view.value!.scale]);
      context.strokeStyle = "#000";
      context.stroke();
      context.setLineDash([]);
    }
  }
}

/** Turns pointers and keys into strokes and movements of the view. */
class Hand {
  readonly #painter: Painter;
  readonly #document: Document;
  readonly #pointers = new Map<number, Point>();
  #action: "none" | "paint" | "pan" | "pinch" = "none";
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
    if (moves || this.#document.busy || comparison.value !== null) {
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

  /** The arrow keys move the brush, Enter starts and ends a stroke. Returns whether the key meant something here. */
  key(event: KeyboardEvent): boolean {
    const steps: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key];
    const image = this.#painter.picture;
    if (!image || this.#document.busy) return false;
    const place = this.#painter.brush.value ?? { x: image.naturalWidth / 2, y: image.naturalHeight / 2 };
    if (step) {
      const length = event.shiftKey ? 1 : Math.max(1, brushSize.value / 4);
      const next = {
        x: Math.min(image.naturalWidth, Math.max(0, place.x + step[0] * length)),
        y: Math.min(image.naturalHeight, Math.max(0, place.y + step[1] * length)),
      };
      this.#painter.brush.value = next;
      this.#extend(next);
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

function at(event: MouseEvent): Point {
  const box = (event.currentTarget ?? event.target) as HTMLElement;
  const { left, top } = box.getBoundingClientRect();
  return { x: event.clientX - left, y: event.clientY - top };
}

/** What the toolbar's buttons and the page's shortcuts may do to the view. */
export interface EditorHandle {
  fit(): void;
  zoom(factor: number): void;
}
export const editor = signal<EditorHandle | null>(null);

export function Editor({ shown }: { shown: Document }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useSignal(0);

  useEffect(() => {
    const element = canvas.current!;
    const painter = new Painter(element, shown, () => (drawn.value += 1));
    const hand = new Hand(painter, shown);
    editor.value = { fit: () => painter.fit(), zoom: (factor) => painter.zoom(painter.centre, factor) };
    const size = new ResizeObserver(() => painter.resize(element.clientWidth, element.clientHeight));
    size.observe(element);
    // Reads every signal that the drawing depends on, so that a change of any of them draws again.
    const stop = effect(() => {
      void [shown.step.value, shown.versions.value, brushSize.value, tool.value, showOriginal.value, comparison.value];
      painter.redraw();
    });
    const space = (event: KeyboardEvent) => {
      if (event.key === " ") hand.spaceHeld = event.type === "keydown";
    };
    const key = (event: KeyboardEvent) => {
      if (event.key === " ") event.preventDefault(); // else the page would scroll
      if (hand.key(event)) event.preventDefault();
    };
    const listeners: [string, (event: never) => void][] = [
      ["pointerdown", (event: PointerEvent) => hand.down(event)],
      ["pointermove", (event: PointerEvent) => hand.move(event)],
      ["pointerup", (event: PointerEvent) => hand.up(event)],
      ["pointercancel", (event: PointerEvent) => hand.up(event)],
      ["pointerleave", () => hand.leave()],
      ["contextmenu", (event: Event) => event.preventDefault()],
      ["keydown", key],
    ];
    for (const [name, listener] of listeners) element.addEventListener(name, listener as EventListener);
    const wheel = (event: WheelEvent) => hand.wheel(event);
    element.addEventListener("wheel", wheel, { passive: false });
    addEventListener("keydown", space);
    addEventListener("keyup", space);
    return () => {
      stop();
      size.disconnect();
      for (const [name, listener] of listeners) element.removeEventListener(name, listener as EventListener);
      element.removeEventListener("wheel", wheel);
      removeEventListener("keydown", space);
      removeEventListener("keyup", space);
      editor.value = null;
    };
  }, [shown]);

  return <canvas ref={canvas} class={`canvas tool-${tool.value}`} tabIndex={0} role="application" aria-label={t.value.canvas} data-drawn={drawn.value} />;
}
