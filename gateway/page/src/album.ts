// SPDX-License-Identifier: Apache-2.0
// The pictures on the page, their tasks, and what is kept over a reload.
import { computed, effect, signal } from "@preact/signals";
import { del, entries, set } from "idb-keyval";
import { cancelTask, fetchResult, RequestFailed, submit, TaskWatcher, type ServiceError, type TaskEvent } from "./client.ts";
import { Document, resultName, type Saved } from "./document.ts";
import { asShown, loadImage } from "./images.ts";
import { Falsified, maskOf, OtherSize, readMask } from "./mask_file.ts";
import { t, type Texts } from "./texts.ts";

export const documents = signal<readonly Document[]>([]);
export const currentId = signal<string | null>(null);
export const current = computed(() => documents.value.find(({ id }) => id === currentId.value) ?? null);
/** What to tell the person, such as that a file cannot be used; in words of the language that is chosen. */
const message = signal<((texts: Texts) => string) | null>(null);
export const notice = computed(() => message.value?.(t.value) ?? "");
/** Shows a message, or takes it away. */
export const tell = (words: ((texts: Texts) => string) | null): void => void (message.value = words);

export const options = {
  dilate: signal(0),
  feather: signal(0),
  atOnce: signal(false),
};

/** Queued, and no worker has said yet how many are ahead. */
const unknownPlace = { kind: "queued", position: null, eta: 0, note: "" } as const;

/** The longest wait between two tries, as a multiple of what the service asked for. */
const patienceMax = 5;
const timers = new Map<string, number>();

const watcher = new TaskWatcher((event) => {
  const document = documents.value.find(({ task }) => task.value === event.task_id);
  if (document) void take(document, event);
});

async function take(document: Document, event: TaskEvent): Promise<void> {
  switch (event.status) {
    case "queued":
      document.state.value = { kind: "queued", position: event.position ?? null, eta: event.eta_ms ?? 0, note: event.note ?? "" };
      return;
    case "running":
      document.state.value = { kind: "running", batch: event.batch_size, device: event.device };
      return;
    case "error":
      document.task.value = null;
      refused(document, event.error, attempts.get(document.id) ?? 1);
      return;
    case "done":
      try {
        const blob = await fetchResult(event.url);
        if (document.task.value !== event.task_id) return;
        document.task.value = null;
        const { timings_us: timings, batch_size: batch, device, model, cached, notes = [] } = event;
        document.addVersion({ blob, made: { timings, batch, device, model, cached, notes } });
        document.state.value = { kind: "idle" };
      } catch (failure) {
        document.task.value = null;
        document.state.value = { kind: "failed", error: (failure as RequestFailed).error };
      }
  }
}

const attempts = new Map<string, number>();

/**
 * Tries again by itself where the service says when, until the person cancels: workers may need minutes to start. Other
 * errors are shown. The strokes stay either way.
 */
function refused(document: Document, error: ServiceError, attempt: number): void {
  if (error.code === "cancelled") {
    document.state.value = { kind: "cancelled" };
    return;
  }
  if (!error.retryable || error.retry_after_ms === undefined) {
    document.state.value = { kind: "failed", error };
    return;
  }
  const wait = Math.max(500, error.retry_after_ms) * Math.min(attempt, patienceMax) * (1 + Math.random() / 4);
  document.state.value = { kind: "waiting", until: Date.now() + wait, error };
  timers.set(document.id, setTimeout(() => void sendInTurn(document, attempt + 1), wait) as unknown as number);
}

const masked = (name: string): string => name.replace(/(\.[^.]*)?$/, "_mask.png");

/** Loads a mask from a file, as one stroke, and says so where its holes were found in an unusual way. */
export async function loadMask(document: Document, file: File): Promise<void> {
  const { width, height } = document.extent;
  tell(null);
  try {
    const { mask, note, sent } = await readMask(file, document.extent);
    if (note) tell(({ noHole, notes }) => (note === "mask_empty" ? noHole(file.name) : notes[note]!));
    if (note !== "mask_empty") document.addStroke({ kind: "loaded", file: sent, mask });
  } catch (failure) {
    if (failure instanceof OtherSize) tell((texts) => texts.otherSize(width, height));
    else if (failure instanceof Falsified) tell((texts) => texts.falsified);
    else tell((texts) => texts.notAPicture(file.name));
  }
}

/** The strokes as a mask file, to be kept. */
export async function saveMask(document: Document): Promise<void> {
  const mask = await maskOf(document.strokes.value, document.extent);
  if (mask === null) tell((texts) => texts.emptyMask);
  else saveAs(mask, masked(document.name));
}

export function saveAs(blob: Blob, name: string): void {
  const link = window.document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export function download(document: Document): void {
  const { blob } = document.version.value;
  saveAs(blob, resultName(document.name, blob.type));
}

/** Sends the picture with what is painted on it. */
export function run(document: Document): void {
  if (!document.busy) void sendInTurn(document, 1);
}

/** The pictures that something is painted on, and that are not being worked on. */
export const runnable = computed(() => documents.value.filter((each) => each.strokes.value.length > 0 && !each.busy));

export function runAll(): void {
  for (const document of runnable.value) run(document);
}

let turn: Promise<void> = Promise.resolve();

/** Sends one picture after the other, so that they are queued in the order in which they were asked for. */
function sendInTurn(document: Document, attempt: number): Promise<void> {
  timers.delete(document.id);
  document.state.value = { kind: "sending" };
  if (attempt === 1) tell(null); // what it told is done with
  turn = turn.then(() => send(document, attempt));
  return turn;
}

async function send(document: Document, attempt: number): Promise<void> {
  if (document.state.peek().kind !== "sending") return; // cancelled before its turn came
  attempts.set(document.id, attempt);
  try {
    const { blob } = document.version.value;
    const mask = await maskOf(document.strokes.value, document.extent);
    if (mask === null) {
      document.state.value = { kind: "idle" };
      tell((texts) => texts.emptyMask);
      return;
    }
    const task = await submit(blob, document.name, mask, { dilate: options.dilate.value, feather: options.feather.value });
    const state = document.state.peek() as { kind: string };
    if (state.kind !== "sending") {
      await cancelTask(task); // cancelled while it was being sent
      return;
    }
    document.task.value = task;
    document.state.value = unknownPlace;
    watcher.follow(task);
  } catch (failure) {
    const error =
      failure instanceof RequestFailed ? failure.error : { code: "page", message: String(failure), retryable: false };
    if ((document.state.peek() as { kind: string }).kind === "sending") refused(document, error, attempt);
  }
}

export function cancel(document: Document): void {
  clearTimeout(timers.get(document.id));
  timers.delete(document.id);
  const task = document.task.value;
  if (task === null) {
    if (document.busy) document.state.value = { kind: "cancelled" };
    return;
  }
  void cancelTask(task); // the final event follows, and is "done" if the cancel came too late
}

export async function open(files: Iterable<File>): Promise<void> {
  tell(null);
  for (const given of files) {
    let file: File;
    let image: HTMLImageElement;
    try {
      ({ file } = await asShown(given));
      image = await loadImage(file);
    } catch {
      tell((texts) => texts.notAPicture(given.name));
      continue;
    }
    const document = Document.open(file, { width: image.naturalWidth, height: image.naturalHeight });
    documents.value = [...documents.value, document];
    keep(document);
    currentId.value ??= document.id;
    if (current.value === null) currentId.value = document.id;
  }
}

export function close(document: Document): void {
  cancel(document);
  const at = documents.value.indexOf(document);
  documents.value = documents.value.filter((each) => each !== document);
  if (currentId.value === document.id) currentId.value = (documents.value[at] ?? documents.value[at - 1])?.id ?? null;
  savers.get(document.id)?.();
  savers.delete(document.id);
  void del(document.id).catch(() => undefined);
}

/** Gives the mask to all pictures of the same size, in which it is in the same place. */
export function maskToAll(from: Document): void {
  const others = documents.value.filter((each) => each !== from && !each.busy);
  const { width, height } = from.extent;
  const fits = ({ extent }: Document): boolean => extent.width === width && extent.height === height;
  for (const document of others.filter(fits)) document.setStrokes(from.strokes.value);
  const left = others.filter((each) => !fits(each)).length;
  tell(left > 0 ? (texts) => texts.maskNotForAll(left, width, height) : null);
}

const savers = new Map<string, () => void>();

/** Saves the picture whenever it changes, a little later, so that strokes survive a reload. */
function keep(document: Document): void {
  let timer = 0;
  const stop = effect(() => {
    const saved = document.saved();
    clearTimeout(timer);
    timer = setTimeout(() => void set(document.id, saved).catch(() => undefined), 300) as unknown as number;
  });
  savers.set(document.id, () => {
    clearTimeout(timer);
    stop();
  });
}

/** Brings back the pictures from before a reload. Private windows may keep nothing; then the page is empty. */
export async function restore(): Promise<void> {
  const saved = await entries<string, Saved>().catch(() => []);
  documents.value = saved.filter(([, { extent }]) => extent).map(([, each]) => new Document(each)); // of this version of the page
  for (const document of documents.value) {
    keep(document);
    const task = document.task.value;
    if (task === null) continue;
    document.state.value = unknownPlace;
    watcher.follow(task);
  }
  currentId.value = documents.value[0]?.id ?? null;
}
