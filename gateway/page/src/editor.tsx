// SPDX-License-Identifier: Apache-2.0
// The canvas on which one paints, and what lies over it: the buttons of the view, the slider of the comparison.
import { effect, signal, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Document } from "./document.ts";
import { Hand } from "./hand.ts";
import { Painter } from "./painter.ts";
import { t } from "./texts.ts";
import { IconButton } from "./toolbar.tsx";
import { brushSize, comparison, comparisonOf, showOriginal, tool } from "./tools.ts";

/** What the toolbar's buttons and the page's shortcuts may do to the view. */
export interface EditorHandle {
  fit(): void;
  zoom(factor: number): void;
}
export const editor = signal<EditorHandle | null>(null);

function ViewButtons() {
  return (
    <div class="view-buttons">
      <IconButton icon="farther" label={t.value.zoomOut} shortcut="-" press={() => editor.value?.zoom(0.8)} />
      <button type="button" title="0" onClick={() => editor.value?.fit()}>
        {t.value.fit}
      </button>
      <IconButton icon="closer" label={t.value.zoomIn} shortcut="+" press={() => editor.value?.zoom(1.25)} />
    </div>
  );
}

function ComparisonSlider({ edge }: { edge: number }) {
  return (
    <label class="comparison-bar">
      <span>{t.value.originalPicture}</span>
      <input
        type="range"
        class="comparison"
        aria-label={t.value.compare}
        min={0}
        max={1000}
        value={edge * 1000}
        onInput={(event) => (comparison.value = Number(event.currentTarget.value) / 1000)}
      />
      <span>{t.value.result}</span>
    </label>
  );
}

export function Editor({ shown }: { shown: Document }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useSignal(0);

  useLayoutEffect(() => {
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

  const edge = comparisonOf(shown);
  return (
    <div class="stage">
      <canvas
        ref={canvas}
        class={edge === null ? `canvas tool-${tool.value}` : "canvas compares"}
        tabIndex={0}
        role="application"
        aria-label={t.value.canvas}
        data-drawn={drawn.value}
      />
      {edge !== null && <ComparisonSlider edge={edge} />}
      <ViewButtons />
    </div>
  );
}
