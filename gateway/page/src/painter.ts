// SPDX-License-Identifier: Apache-2.0
// What the canvas shows. It has the size of the window, not of the picture, and is drawn only on change.
import { signal } from "@preact/signals";
import { imageOf } from "./images.ts";
import type { Document } from "./document.ts";
import { rowBytes, type BitMask, type Point, type Stroke } from "./strokes.ts";
import { brushSize, comparisonOf, showOriginal, tool } from "./tools.ts";
import { fitted, margin, moved, toPicture, toScreen, zoomed, type Extent, type View } from "./view.ts";

const maskColour = "#e5007d";

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

/** Draws a picture with its strokes on a canvas. */
export class Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #document: Document;
  readonly #layer = document.createElement("canvas");
  readonly #changed: () => void;
  readonly view = signal<View | null>(null);
  /** The stroke that is being painted and is not yet part of the document. */
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

  /** Moves the view just so far that this point of the picture is inside the window. */
  reveal(point: Point): void {
    const view = this.view.value;
    if (!view) return;
    const { x, y } = toScreen(view, point);
    const { width, height } = this.#window;
    const into = (at: number, length: number) => Math.max(0, margin - at) + Math.min(0, length - margin - at);
    const [dx, dy] = [into(x, width), into(y, height)];
    if (dx !== 0 || dy !== 0) this.setView(moved(view, dx, dy));
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
    const edge = comparisonOf(this.#document);
    if (edge !== null && original) this.#drawComparison(context, original, extent, edge * extent.width);
    else if (!showOriginal.value) this.#drawMask(context, place);
    this.#changed();
  }

  #drawComparison(context: CanvasRenderingContext2D, original: HTMLImageElement, { width, height }: Extent, edge: number): void {
    context.save();
    context.beginPath();
    context.rect(0, 0, edge, height);
    context.clip();
    context.drawImage(original, 0, 0, width, height);
    context.restore();
    const unit = 1 / this.view.value!.scale; // a CSS pixel
    const middle = toPicture(this.view.value!, this.centre).y;
    const y = Math.min(height - 18 * unit, Math.max(18 * unit, middle));
    context.fillStyle = "#fff";
    context.strokeStyle = "#0008";
    context.lineWidth = unit;
    context.fillRect(edge - unit, 0, 2 * unit, height);
    context.beginPath();
    context.arc(edge, y, 16 * unit, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    context.strokeStyle = "#333"; // two arrows, away from the edge
    context.lineWidth = 2 * unit;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    for (const side of [-1, 1]) {
      context.moveTo(edge + side * 4 * unit, y - 5 * unit);
      context.lineTo(edge + side * 9 * unit, y);
      context.lineTo(edge + side * 4 * unit, y + 5 * unit);
    }
    context.stroke();
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
