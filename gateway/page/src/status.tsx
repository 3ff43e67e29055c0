// SPDX-License-Identifier: Apache-2.0
// What the service is doing with a picture, in words.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ServiceError } from "./client.ts";
import type { Document } from "./document.ts";
import { cancel, run } from "./album.ts";
import { Icon } from "./icons.tsx";
import { t } from "./texts.ts";

export function errorText(error: ServiceError): string {
  if (error.code === "unreachable") return t.value.unreachable;
  if (error.code === "lost") return t.value.lost;
  return t.value.errors[error.code] ?? error.message;
}

/** Draws again every second while a countdown is shown. */
function useSeconds(active: boolean): void {
  const tick = useSignal(0);
  void tick.value;
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => (tick.value += 1), 1000);
    return () => clearInterval(timer);
  }, [active]);
}

export function statusText(document: Document): string {
  const state = document.state.value;
  switch (state.kind) {
    case "sending":
      return t.value.sending;
    case "queued":
      return state.note ? t.value.delayed(state.note) : t.value.queued(state.position, Math.round(state.eta / 1000));
    case "running":
      return t.value.running(state.batch, state.device);
    case "waiting":
      return t.value.waitAndRetry(errorText(state.error), Math.max(0, Math.ceil((state.until - Date.now()) / 1000)));
    case "failed":
      return errorText(state.error);
    case "cancelled":
      return t.value.cancelled;
    case "idle": {
      const made = document.version.value.made;
      return made ? t.value.done(ms(made.timings.total), made.batch, made.cached) : "";
    }
  }
}

/** The state in one or two words, for a small picture; empty where there is nothing to say. */
export function shortStatus(document: Document): string {
  const state = document.state.value;
  switch (state.kind) {
    case "queued":
      return state.position === null || state.note ? t.value.inQueue : t.value.ahead(state.position);
    case "sending":
      return t.value.sending;
    case "running":
      return t.value.inBatch;
    case "waiting":
      return t.value.inQueue;
    case "failed":
      return t.value.failed;
    case "cancelled":
      return t.value.cancelledShort;
    case "idle":
      if (!document.version.value.made) return "";
      return notesOf(document).length > 0 ? t.value.finishedWithNote : t.value.finished;
  }
}

const ms = (microseconds: number): number => Math.round(microseconds / 1000);

/** More about the state, shown when the pointer rests on it. */
function details(document: Document): string | undefined {
  const state = document.state.value;
  if (state.kind === "failed" || state.kind === "waiting") return state.error.message || undefined;
  if (state.kind === "queued") return state.note || undefined;
  const made = state.kind === "idle" ? document.version.value.made : undefined;
  return made && t.value.times(ms(made.timings.queue), ms(made.timings.infer), made.model, made.device);
}

/** What one should know about the shown result, in words. */
export function notesOf(document: Document): string[] {
  const made = document.state.value.kind === "idle" ? document.version.value.made : undefined;
  return (made?.notes ?? []).map(({ code, message }) => t.value.notes[code] ?? message);
}

/** What the person may do next, while there is no state to tell. */
const hint = (document: Document): string => (document.strokes.value.length > 0 ? t.value.hintRun : t.value.hintPaint);

export function Status({ shown }: { shown: Document }) {
  const state = shown.state.value;
  useSeconds(state.kind === "waiting");
  const text = statusText(shown);
  return (
    <div class={`status status-${state.kind}`}>
      <span class="lamp" aria-hidden="true" />
      <div role="status" aria-live="polite" class="status-words">
        <span class="status-text" title={details(shown)}>
          {text}
        </span>
        {notesOf(shown).map((note) => (
          <span key={note} class="note">
            <Icon name="note" />
            {note}
          </span>
        ))}
      </div>
      {!text && <span class="quiet">{hint(shown)}</span>}
      {shown.busy && (
        <button type="button" onClick={() => cancel(shown)}>
          {t.value.cancel}
        </button>
      )}
      {state.kind === "failed" && (
        <button type="button" onClick={() => run(shown)}>
          {t.value.retry}
        </button>
      )}
    </div>
  );
}
