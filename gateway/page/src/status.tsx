// SPDX-License-Identifier: Apache-2.0
// What the service is doing with a picture, in words.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ServiceError } from "./client.ts";
import type { Document } from "./document.ts";
import { cancel, run } from "./album.ts";
import { t } from "./texts.ts";

export function errorText(error: ServiceError): string {
  if (error.code === "unreachable") return t.value.unreachable;
  if (error.code === "lost") return t.value.lost;
  return error.message;
}

/** Draws again every second while somebody waits for a time to come. */
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
      return t.value.queued(state.position, Math.round(state.eta / 1000));
    case "running":
      return t.value.running(state.batch, state.device);
    case "waiting":
      return t.value.waitAndRetry(Math.max(0, Math.ceil((state.until - Date.now()) / 1000)));
    case "failed":
      return errorText(state.error);
    case "idle": {
      const made = document.version.value.made;
      return made ? t.value.done(Math.round(made.timings.total / 1000), made.batch, made.cached) : "";
    }
  }
}

export function Status({ shown }: { shown: Document }) {
  const state = shown.state.value;
  useSeconds(state.kind === "waiting");
  const made = state.kind === "idle" ? shown.version.value.made : undefined;
  return (
    <div class={`status status-${state.kind}`}>
      <span role="status" aria-live="polite" class="status-text" title={made ? `${made.model}, ${made.device}` : undefined}>
        {statusText(shown)}
      </span>
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
