// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from "preact";
import { download, loadMask, maskToAll, documents, options, run, runAll, saveMask } from "./album.ts";
import type { Document } from "./document.ts";
import { brushSize, brushSizeMax, comparison, editor, showOriginal, tool, type Tool } from "./editor.tsx";
import { t } from "./texts.ts";

function ToolButton({ name, label, shortcut }: { name: Tool; label: string; shortcut: string }) {
  return (
    <button type="button" aria-pressed={tool.value === name} title={`${label} (${shortcut})`} onClick={() => (tool.value = name)}>
      {label}
    </button>
  );
}

interface SliderProps {
  readonly label: string;
  readonly help?: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly set: (value: number) => void;
}

function Slider({ label, help, value, min, max, set }: SliderProps) {
  return (
    <label class="slider" title={help}>
      <span>
        {label} <output>{value}</output>
      </span>
      <input type="range" min={min} max={max} value={value} onInput={(event) => set(Number(event.currentTarget.value))} />
    </label>
  );
}

/** A button that opens the dialog for files. */
export function FileButton({ children, accept, multiple = false, chosen }: {
  children: ComponentChildren;
  accept: string;
  multiple?: boolean;
  chosen: (files: File[]) => void;
}) {
  return (
    <label class="file-button">
      <input
        type="file"
        accept={accept}
        multiple={multiple}
        onChange={(event) => {
          chosen([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = ""; // the same file may be chosen again
        }}
      />
      <span>{children}</span>
    </label>
  );
}

export function Toolbar({ shown }: { shown: Document }) {
  const several = documents.value.length > 1;
  const changed = shown.step.value.version > 0;
  const painted = shown.strokes.value.length > 0;
  return (
    <div class="toolbar">
      <div class="group" role="group" aria-label={t.value.size}>
        <ToolButton name="brush" label={t.value.brush} shortcut="B" />
        <ToolButton name="eraser" label={t.value.eraser} shortcut="E" />
        <ToolButton name="rectangle" label={t.value.rectangle} shortcut="R" />
        <ToolButton name="pan" label={t.value.pan} shortcut="M" />
        <Slider label={t.value.size} value={brushSize.value} min={1} max={brushSizeMax} set={(value) => (brushSize.value = value)} />
      </div>
      <div class="group">
        <button type="button" disabled={!shown.canUndo.value || shown.busy} onClick={() => shown.undo()}>
          {t.value.undo}
        </button>
        <button type="button" disabled={!shown.canRedo.value || shown.busy} onClick={() => shown.redo()}>
          {t.value.redo}
        </button>
        <button type="button" disabled={!painted || shown.busy} onClick={() => shown.setStrokes([])}>
          {t.value.clear}
        </button>
        <button type="button" title="0" onClick={() => editor.value?.fit()}>
          {t.value.fit}
        </button>
      </div>
      <div class="group">
        <Slider label={t.value.grow} help={t.value.growHelp} value={options.dilate.value} min={0} max={64} set={(value) => (options.dilate.value = value)} />
        <Slider label={t.value.soften} help={t.value.softenHelp} value={options.feather.value} min={0} max={64} set={(value) => (options.feather.value = value)} />
      </div>
      <div class="group">
        <FileButton accept="image/*" chosen={([file]) => file && void loadMask(shown, file)}>
          {t.value.loadMask}
        </FileButton>
        <button type="button" disabled={!painted} onClick={() => void saveMask(shown)}>
          {t.value.saveMask}
        </button>
        {several && (
          <button type="button" disabled={!painted} onClick={() => maskToAll(shown)}>
            {t.value.maskToAll}
          </button>
        )}
      </div>
      <div class="group">
        <button
          type="button"
          disabled={!changed}
          title={`${t.value.original} (O)`}
          aria-pressed={showOriginal.value}
          onPointerDown={() => (showOriginal.value = true)}
          onPointerUp={() => (showOriginal.value = false)}
          onPointerLeave={() => (showOriginal.value = false)}
        >
          {t.value.originalPicture}
        </button>
        <button
          type="button"
          disabled={!changed}
          aria-pressed={comparison.value !== null}
          onClick={() => (comparison.value = comparison.value === null ? 0.5 : null)}
        >
          {t.value.compare}
        </button>
        {comparison.value !== null && changed && (
          <input
            type="range"
            class="comparison"
            aria-label={t.value.compare}
            min={0}
            max={1000}
            value={comparison.value * 1000}
            onInput={(event) => (comparison.value = Number(event.currentTarget.value) / 1000)}
          />
        )}
        <button type="button" disabled={!changed} onClick={() => download(shown)}>
          {t.value.download}
        </button>
      </div>
      <div class="group run">
        <label class="switch">
          <input type="checkbox" checked={options.atOnce.value} onChange={(event) => (options.atOnce.value = event.currentTarget.checked)} />
          {t.value.atOnce}
        </label>
        {several && (
          <button type="button" onClick={runAll}>
            {t.value.runAll}
          </button>
        )}
        <button type="button" class="primary" disabled={!painted || shown.busy} onClick={() => run(shown)}>
          {t.value.run}
        </button>
      </div>
    </div>
  );
}
