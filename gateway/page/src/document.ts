// SPDX-License-Identifier: Apache-2.0
import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { Note, ServiceError, Timings } from "./client.ts";
import type { Stroke } from "./strokes.ts";
import type { Extent } from "./view.ts";

/** How a picture looks after some number of runs; the first one is the file that was opened. */
export interface Version {
  readonly blob: Blob;
  /** How it was made; none for the file itself. */
  readonly made?: Making;
}

export interface Making {
  readonly timings: Timings;
  readonly batch: number;
  readonly device: string;
  readonly model: string;
  readonly cached: boolean;
  readonly notes: readonly Note[];
}

/** One step that undo and redo go to. */
interface Step {
  readonly version: number;
  readonly strokes: readonly Stroke[];
}

export type State =
  | { kind: "idle" }
  | { kind: "cancelled" }
  | { kind: "sending" }
  | { kind: "queued"; position: number | null; eta: number; note: string }
  | { kind: "running"; batch: number; device: string }
  | { kind: "waiting"; until: number; error: ServiceError }
  | { kind: "failed"; error: ServiceError };

/** The parts of a document that survive a reload. */
export interface Saved {
  readonly id: string;
  readonly name: string;
  /** Of the upright picture, in pixels. */
  readonly extent: Extent;
  readonly versions: readonly Version[];
  readonly steps: readonly Step[];
  readonly at: number;
  readonly task: string | null;
}

const stepsMax = 200;

let opened = 0;

/** Ids that sort by the time at which they were made. Not crypto.randomUUID: without HTTPS browsers do not have it. */
function nextId(): string {
  opened += 1;
  return `${Date.now()}-${String(opened).padStart(6, "0")}-${Math.random().toString(36).slice(2)}`;
}

/** One picture with its strokes, its results, and the state of its task. */
export class Document {
  readonly id: string;
  readonly name: string;
  readonly extent: Extent;
  readonly state: Signal<State> = signal({ kind: "idle" });
  /** The task that the service works on. */
  readonly task: Signal<string | null>;
  readonly versions: Signal<readonly Version[]>;
  readonly step: ReadonlySignal<Step>;
  readonly strokes: ReadonlySignal<readonly Stroke[]>;
  readonly version: ReadonlySignal<Version>;
  readonly canUndo: ReadonlySignal<boolean>;
  readonly canRedo: ReadonlySignal<boolean>;
  readonly #steps: Signal<readonly Step[]>;
  readonly #at: Signal<number>;

  constructor(saved: Saved) {
    this.id = saved.id;
    this.name = saved.name;
    this.extent = saved.extent;
    this.versions = signal(saved.versions);
    this.#steps = signal(saved.steps);
    this.#at = signal(saved.at);
    this.task = signal(saved.task);
    this.step = computed(() => this.#steps.value[this.#at.value]!);
    this.strokes = computed(() => this.step.value.strokes);
    this.version = computed(() => this.versions.value[this.step.value.version]!);
    this.canUndo = computed(() => this.#at.value > 0);
    this.canRedo = computed(() => this.#at.value < this.#steps.value.length - 1);
  }

  static open(file: File, extent: Extent): Document {
    return new Document({
      id: nextId(),
      name: file.name,
      extent,
      versions: [{ blob: file }],
      steps: [{ version: 0, strokes: [] }],
      at: 0,
      task: null,
    });
  }

  saved(): Saved {
    return {
      id: this.id,
      name: this.name,
      extent: this.extent,
      versions: this.versions.value,
      steps: this.#steps.value,
      at: this.#at.value,
      task: this.task.value,
    };
  }

  get busy(): boolean {
    const { kind } = this.state.value;
    return kind !== "idle" && kind !== "failed" && kind !== "cancelled";
  }

  setStrokes(strokes: readonly Stroke[]): void {
    this.#push({ version: this.step.value.version, strokes });
  }

  addStroke(stroke: Stroke): void {
    this.setStrokes([...this.strokes.value, stroke]);
  }

  /** A result becomes the picture that the next strokes are painted on. */
  addVersion(version: Version): void {
    this.versions.value = [...this.versions.value, version];
    this.#push({ version: this.versions.value.length - 1, strokes: [] });
  }

  showVersion(index: number): void {
    if (index !== this.step.value.version) this.#push({ version: index, strokes: [] });
  }

  undo(): void {
    if (this.canUndo.value) this.#at.value -= 1;
  }

  redo(): void {
    if (this.canRedo.value) this.#at.value += 1;
  }

  #push(step: Step): void {
    if (this.state.value.kind === "cancelled") this.state.value = { kind: "idle" };
    const kept = this.#steps.value.slice(0, this.#at.value + 1).slice(-stepsMax);
    this.#steps.value = [...kept, step];
    this.#at.value = kept.length;
  }
}

/** The name under which a result is saved: the file's own, with the ending of the result's format. */
export function resultName(name: string, type: string): string {
  const endings: Record<string, string[]> = {
    "image/jpeg": ["jpg", "jpeg", "jpe", "jfif"],
    "image/png": ["png"],
    "image/webp": ["webp"],
  };
  const known = endings[type];
  const dot = name.lastIndexOf(".");
  const ending = dot > 0 ? name.slice(dot + 1).toLowerCase() : "";
  if (!known || known.includes(ending)) return name;
  return `${dot > 0 ? name.slice(0, dot) : name}.${known[0]}`;
}
