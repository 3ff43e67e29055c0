// SPDX-License-Identifier: Apache-2.0
// The tools in the hand and the ways of looking, which are the same for every picture.
import { signal } from "@preact/signals";
import type { Document } from "./document.ts";

export type Tool = "brush" | "eraser" | "rectangle" | "pan";

export const tool = signal<Tool>("brush");
/** The brush's diameter in pixels of the picture. */
export const brushSize = signal(40);
export const brushSizeMax = 400;
/** While true, the first version is shown in place of the present one. */
export const showOriginal = signal(false);
/** 0..1: how much of the width, from the left, shows the first version; null without comparison. */
export const comparison = signal<number | null>(null);

/** The comparison where there is something to compare: a picture without a result is shown as it is. */
export function comparisonOf(document: Document): number | null {
  return document.step.value.version > 0 ? comparison.value : null;
}
