// SPDX-License-Identifier: Apache-2.0
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { download, loadMask, maskToAll, documents, options, run, saveMask } from "./album.ts";
import type { Document } from "./document.ts";
import { Icon, type IconName } from "./icons.tsx";
import { t } from "./texts.ts";
import { brushSize, brushSizeMax, comparison, comparisonOf, showOriginal, tool, type Tool } from "./tools.ts";

export const pictureTypes = "image/jpeg,image/png,image/webp";

function ToolButton({ name, label, shortcut }: { name: Tool; label: string; shortcut: string }) {
  return (
    <button type="button" aria-pressed={tool.value === name} title={`${label} (${shortcut})`} onClick={() => (tool.value = name)}>
      <Icon name={name} />
      <span>{label}</span>
    </button>
  );
}

/** A button with a sign, whose name is shown when the pointer rests on it. */
export function IconButton({ icon, label, shortcut, disabled, press }: {
  icon: IconName;
  label: string;
  shortcut?: string;
  disabled?: boolean;
  press: () => void;
}) {
  return (
    <button type="button" class="icon-button" disabled={disabled} title={shortcut ? `${label} (${shortcut})` : label} onClick={press}>
      <Icon name={icon} />
      <span class="unseen">{label}</span>
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
        {label} {value}
      </span>
      <input type="range" min={min} max={max} value={value} onInput={(event) => set(Number(event.currentTarget.value))} />
    </label>
  );
}

/** A button that opens the dialog for files. */
export function FileButton({ children, accept = pictureTypes, multiple = false, primary = false, chosen }: {
  children: ComponentChildren;
  accept?: string;
  multiple?: boolean;
  primary?: boolean;
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
      <span class={primary ? "primary" : ""}>{children}</span>
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
      onPointerCancel={hide}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={({ key }) => (key === " " || key === "Enter") && show()}
      onKeyUp={hide}
      onBlur={hide}
    >
      <Icon name="eye" />
      <span>{t.value.originalPicture}</span>
    </button>
  );
}

function Looks({ shown }: { shown: Document }) {
  const changed = shown.step.value.version > 0;
  const edge = comparisonOf(shown);
  return (
    <div class="group looks">
      <OriginalButton disabled={!changed} />
      <button type="button" disabled={!changed} aria-pressed={edge !== null} onClick={() => (comparison.value = edge === null ? 0.5 : null)}>
        <Icon name="compare" />
        <span>{t.value.compare}</span>
      </button>
    </div>
  );
}

function Steps({ shown }: { shown: Document }) {
  const painted = shown.strokes.value.length > 0;
  return (
    <div class="group steps-back">
      <IconButton icon="undo" label={t.value.undo} shortcut="Ctrl+Z" disabled={!shown.canUndo.value || shown.busy} press={() => shown.undo()} />
      <IconButton icon="redo" label={t.value.redo} shortcut="Ctrl+Shift+Z" disabled={!shown.canRedo.value || shown.busy} press={() => shown.redo()} />
      <IconButton icon="clear" label={t.value.clear} disabled={!painted || shown.busy} press={() => shown.setStrokes([])} />
    </div>
  );
}

/** What few pictures need; shown on demand. */
function More({ shown }: { shown: Document }) {
  const painted = shown.strokes.value.length > 0;
  return (
    <div class="more" id="more">
      <Slider label={t.value.grow} help={t.value.growHelp} value={options.dilate.value} min={0} max={64} set={(value) => (options.dilate.value = value)} />
      <Slider label={t.value.soften} help={t.value.softenHelp} value={options.feather.value} min={0} max={64} set={(value) => (options.feather.value = value)} />
      <div class="group">
        <FileButton accept="image/*" chosen={([file]) => file && !shown.busy && void loadMask(shown, file)}>
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
    <>
      <div class="toolbar">
        <div class="group tools" role="group" aria-label={t.value.tools}>
          <ToolButton name="brush" label={t.value.brush} shortcut="B" />
          <ToolButton name="eraser" label={t.value.eraser} shortcut="E" />
          <ToolButton name="rectangle" label={t.value.rectangle} shortcut="R" />
          <ToolButton name="pan" label={t.value.pan} shortcut="M" />
        </div>
        <Slider label={t.value.size} help="[ ]" value={brushSize.value} min={1} max={brushSizeMax} set={(value) => (brushSize.value = value)} />
        <Steps shown={shown} />
        <Looks shown={shown} />
      </div>
      <div class="group run">
        <button type="button" aria-expanded={open.value} aria-controls="more" onClick={() => (open.value = !open.value)}>
          <Icon name="options" />
          <span>{t.value.more}</span>
        </button>
        <button type="button" disabled={shown.step.value.version === 0} title="Ctrl+S" onClick={() => download(shown)}>
          <Icon name="download" />
          <span>{t.value.download}</span>
        </button>
        <button type="button" class="primary" disabled={shown.strokes.value.length === 0 || shown.busy} title="Ctrl+Enter" onClick={() => run(shown)}>
          <Icon name="remove" />
          <span>{t.value.run}</span>
        </button>
      </div>
      {open.value && <More shown={shown} />}
    </>
  );
}
