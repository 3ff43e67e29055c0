// SPDX-License-Identifier: Apache-2.0
import { useLayoutEffect } from "preact/hooks";
import examplePhoto from "../../../examples/demo/photo.jpg";
import { cancel, current, documents, download, notice, open, run } from "./album.ts";
import { Editor, editor } from "./editor.tsx";
import { Status } from "./status.tsx";
import { Pictures, Results } from "./strip.tsx";
import { language, setLanguage, t, tables, type Language } from "./texts.ts";
import { FileButton, Toolbar } from "./toolbar.tsx";
import { brushSize, brushSizeMax, showOriginal, tool, type Tool } from "./tools.ts";

const pictureTypes = "image/jpeg,image/png,image/webp";

async function openExample(): Promise<void> {
  const blob = await (await fetch(examplePhoto)).blob();
  await open([new File([blob], "example.jpg", { type: "image/jpeg" })]);
}

function resize(factor: number): void {
  const step = Math.max(1, Math.round(brushSize.value * Math.abs(factor)));
  brushSize.value = Math.min(brushSizeMax, Math.max(1, brushSize.value + Math.sign(factor) * step));
}

/** Keys that mean the same everywhere on the page. Returns whether the key was one of them. */
function shortcut(event: KeyboardEvent): boolean {
  const document = current.value;
  if (!document) return false;
  const control = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
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

function useGlobalEvents(): void {
  // Before the first frame, so that no event is lost.
  useLayoutEffect(() => {
    const keydown = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLSelectElement || (event.target instanceof HTMLInputElement && event.target.type === "text");
      if (!typing && shortcut(event)) event.preventDefault();
    };
    const keyup = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === "o") showOriginal.value = false;
    };
    const paste = (event: ClipboardEvent) => void open([...(event.clipboardData?.files ?? [])]);
    const dragover = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      void open([...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener("keydown", keydown);
    addEventListener("keyup", keyup);
    addEventListener("paste", paste);
    addEventListener("dragover", dragover);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("keydown", keydown);
      removeEventListener("keyup", keyup);
      removeEventListener("paste", paste);
      removeEventListener("dragover", dragover);
      removeEventListener("drop", drop);
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

function Start() {
  return (
    <main class="start">
      <h1>{t.value.title}</h1>
      <p>{t.value.drop}</p>
      <div class="start-buttons">
        <FileButton accept={pictureTypes} multiple chosen={(files) => void open(files)}>
          {t.value.choose}
        </FileButton>
        <button type="button" onClick={() => void openExample()}>
          {t.value.example}
        </button>
      </div>
      <p class="quiet">{t.value.privacy}</p>
    </main>
  );
}

export function App() {
  useGlobalEvents();
  const shown = current.value;
  return (
    <>
      <header>
        <span class="name">inpaintd</span>
        {shown && <Status key={shown.id} shown={shown} />}
        <Languages />
      </header>
      <p class="notice" role="alert" hidden={notice.value === ""}>
        {notice.value}
        <button type="button" aria-label={t.value.dismiss} onClick={() => (notice.value = "")}>
          ×
        </button>
      </p>
      {documents.value.length === 0 || !shown ? (
        <Start />
      ) : (
        <main class="work">
          <Toolbar shown={shown} />
          <Editor key={shown.id} shown={shown} />
          <Results shown={shown} />
          <Pictures />
          <p class="quiet shortcuts">{t.value.shortcuts}</p>
        </main>
      )}
    </>
  );
}
