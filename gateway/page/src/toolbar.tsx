// SPDX-License-Identifier: Apache-2.0
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { download, loadMask, maskToAll, documents, options, run, runAll, saveMask } from "./album.ts";
import type { Document } from "./document.ts";
import { editor } from "./editor.tsx";
import { t } from "./texts.ts";
import { brushSize, brushSizeMax, comparison, comparisonOf, showOriginal, tool, type Tool } from "./tools.ts";

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

/** The original while the button is held, by the pointer or by a key. */
function OriginalButton({ disabled }: { disabled: boolean }) {
  const show = () => (showOriginal.value = true);
  const hide = () => (showOriginal.value = false);
  return (
    <button
      type="button"
      disabled={disabled}
      title={`${t.value.original} (O)`}
      aria-pressed={showOriginal.value}
      onPointerDown={show}
      onPointerUp={hide}
      onPointerLeave={hide}
      onKeyDown={({ key }) => (key === " " || key === "Enter") && show()}
      onKeyUp={hide}
      onBlur={hide}
    >
      {t.value.originalPicture}
    </button>
  );
}

function Comparison({ shown }: { shown: Document }) {
  const changed = shown.step.value.version > 0;
  const edge = comparisonOf(shown);
  return (
    <div class="group">
      <OriginalButton disabled={!changed} />
      <button
        type="button"
        disabled={!changed}
        aria-pressed={edge !== null}
        onClick={() => (comparison.value = edge === null ? 0.5 : null)}
      >
        {t.value.compare}
      </button>
      {edge !== null && (
        <input
          type="range"
          class="comparison"
          aria-label={t.value.compare}
          min={0}
          max={1000}
          value={edge * 1000}
          onInput={(event) => (comparison.value = Number(event.currentTarget.value) / 1000)}
        />
      )}
    </div>
  );
}

function Steps({ shown }: { shown: Document }) {
  return (
    <div class="group">
      <Slider label={t.value.size} value={brushSize.value} min={1} max={brushSizeMax} set={(value) => (brushSize.value = value)} />
      <button type="button" disabled={!shown.canUndo.value || shown.busy} onClick={() => shown.undo()}>
        {t.value.undo}
      </button>
      <button type="button" disabled={!shown.canRedo.value || shown.busy} onClick={() => shown.redo()}>
        {t.value.redo}
      </button>
    </div>
  );
}

function MaskFiles({ shown }: { shown: Document }) {
  const painted = shown.strokes.value.length > 0;
  return (
    <div class="group">
      <FileButton accept="image/*" chosen={([file]) => file && void loadMask(shown, file)}>
        {t.value.loadMask}
      </FileButton>
      <button type="button" disabled={!painted} onClick={() => void saveMask(shown)}>
        {t.value.saveMask}
      </button>
      {documents.value.length > 1 && (
        <button type="button" disabled={!painted} onClick={() => maskToAll(shown)}>
          {t.value.maskToAll}
        </button>
      )}
    </div>
  );
}

/** The controls that few pictures need; on small screens they are shown on demand. */
function More({ shown }: { shown: Document }) {
  return (
    <div class="more" id="more">
      <div class="group">
        <button type="button" disabled={shown.strokes.value.length === 0 || shown.busy} onClick={() => shown.setStrokes([])}>
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
      <MaskFiles shown={shown} />
      <Comparison shown={shown} />
      <label class="switch">
        <input type="checkbox" checked={options.atOnce.value} onChange={(event) => (options.atOnce.value = event.currentTarget.checked)} />
        {t.value.atOnce}
      </label>
    </div>
  );
}

export function Toolbar({ shown }: { shown: Document }) {
  const open = useSignal(false);
  return (
    <div class={open.value ? "toolbar open" : "toolbar"}>
      <div class="group" role="group" aria-label={t.value.tools}>
        <ToolButton name="brush" label={t.value.brush} shortcut="B" />
        <ToolButton name="eraser" label={t.value.eraser} shortcut="E" />
        <ToolButton name="rectangle" label={t.value.rectangle} shortcut="R" />
        <ToolButton name="pan" label={t.value.pan} shortcut="M" />
      </div>
      <Steps shown={shown} />
      <More shown={shown} />
      <div class="group run">
        <button type="button" class="more-button" aria-expanded={open.value} aria-controls="more" onClick={() => (open.value = !open.value)}>
          {t.value.more}
        </button>
        <button type="button" disabled={shown.step.value.version === 0} onClick={() => download(shown)}>
          {t.value.download}
        </button>
        {documents.value.length > 1 && (
          <button type="button" onClick={runAll}>
            {t.value.runAll}
          </button>
        )}
        <button type="button" class="primary" disabled={shown.strokes.value.length === 0 || shown.busy} onClick={() => run(shown)}>
          {t.value.run}
        </button>
      </div>
    </div>
  );
}
