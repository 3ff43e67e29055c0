// SPDX-License-Identifier: Apache-2.0
import { signal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { cancel, current, download, notice, open, run, tell } from "./album.ts";
import { Editor, editor } from "./editor.tsx";
import { Help, help } from "./help.tsx";
import { Icon } from "./icons.tsx";
import { Start } from "./start.tsx";
import { Status } from "./status.tsx";
import { Pictures, Results } from "./strip.tsx";
import { language, setLanguage, t, tables, type Language } from "./texts.ts";
import { Toolbar } from "./toolbar.tsx";
import { brushSize, brushSizeMax, showOriginal, tool, type Tool } from "./tools.ts";

function resize(factor: number): void {
  const step = Math.max(1, Math.round(brushSize.value * Math.abs(factor)));
  brushSize.value = Math.min(brushSizeMax, Math.max(1, brushSize.value + Math.sign(factor) * step));
}

/** Keys that mean the same everywhere on the page. Returns whether the key was one of them. */
function shortcut(event: KeyboardEvent): boolean {
  const control = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (key === "?" && !control) {
    help.open();
    return true;
  }
  const document = current.value;
  if (!document) return false;
  if (control && key === "z") {
    if (!document.busy) event.shiftKey ? document.redo() : document.undo();
  } else if (control && key === "y") {
    if (!document.busy) document.redo();
  } else if (control && key === "s") download(document);
  else if (control && key === "enter") {
    if (document.strokes.value.length > 0) run(document);
  } else if (control || event.altKey) return false;
  else if (key === "escape") {
    if (document.busy) cancel(document);
  } else if (key === "o") showOriginal.value = true;
  else if (key === "[") resize(-0.15);
  else if (key === "]") resize(0.15);
  else if (key === "+" || key === "=") editor.value?.zoom(1.25);
  else if (key === "-") editor.value?.zoom(0.8);
  else if (key === "0") editor.value?.fit();
  else {
    const tools: Record<string, Tool> = { b: "brush", e: "eraser", r: "rectangle", m: "pan" };
    const chosen = tools[key];
    if (!chosen) return false;
    tool.value = chosen;
  }
  return true;
}

/** While files are dragged over the page. */
const dragging = signal(false);

function useGlobalEvents(): void {
  // Before the first frame, so that no event is lost.
  useLayoutEffect(() => {
    const listeners: [string, (event: never) => void][] = [
      [
        "keydown",
        (event: KeyboardEvent) => {
          const { target } = event;
          const typing = target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type === "text");
          const inDialog = target instanceof Element && target.closest("dialog") !== null;
          if (!typing && !inDialog && shortcut(event)) event.preventDefault();
        },
      ],
      ["keyup", ({ key }: KeyboardEvent) => key.toLowerCase() === "o" && (showOriginal.value = false)],
      ["blur", () => (showOriginal.value = false)],
      ["paste", (event: ClipboardEvent) => void open([...(event.clipboardData?.files ?? [])])],
      [
        "dragover",
        (event: DragEvent) => {
          event.preventDefault();
          dragging.value = event.dataTransfer?.types.includes("Files") ?? false;
        },
      ],
      ["dragleave", ({ relatedTarget }: DragEvent) => relatedTarget === null && (dragging.value = false)],
      [
        "drop",
        (event: DragEvent) => {
          event.preventDefault();
          dragging.value = false;
          void open([...(event.dataTransfer?.files ?? [])]);
        },
      ],
    ];
    for (const [name, listener] of listeners) addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of listeners) removeEventListener(name, listener as EventListener);
    };
  }, []);
}

function Languages() {
  return (
    <select aria-label="Language / 语言" value={language.value} onChange={(event) => setLanguage(event.currentTarget.value as Language)}>
      {Object.entries(tables).map(([code, table]) => (
        <option key={code} value={code}>
          {table.language}
        </option>
      ))}
    </select>
  );
}

export function App() {
  useGlobalEvents();
  const shown = current.value;
  return (
    <>
      <header>
        <span class="name">
          <Icon name="remove" /> inpaintd
        </span>
        <Help />
        <Languages />
      </header>
      <p class="notice" role="alert" hidden={notice.value === ""}>
        {notice.value}
        <button type="button" aria-label={t.value.dismiss} onClick={() => tell(null)}>
          ×
        </button>
      </p>
      {shown ? (
        <main class="work">
          <Toolbar shown={shown} />
          <Status key={shown.id} shown={shown} />
          <Editor key={shown.id} shown={shown} />
          <div class="strips">
            <Pictures />
            <Results shown={shown} />
          </div>
        </main>
      ) : (
        <Start />
      )}
      {dragging.value && <div class="dragging">{t.value.dropHere}</div>}
    </>
  );
}
