// SPDX-License-Identifier: Apache-2.0
// Small pictures in a row: those on the page, and the results of the present one.
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { close, currentId, documents, open, runAll, runnable } from "./album.ts";
import type { Document } from "./document.ts";
import { Icon } from "./icons.tsx";
import { notesOf, shortStatus, statusText } from "./status.tsx";
import { t } from "./texts.ts";
import { FileButton } from "./toolbar.tsx";

const thumbnailSide = 96; // CSS pixels, for screens of twice the density

/** Decodes the picture once, at a small size. */
function Thumbnail({ blob }: { blob: Blob }) {
  const url = useSignal("");
  useEffect(() => {
    let made = "";
    let gone = false;
    void createImageBitmap(blob, { imageOrientation: "from-image", resizeHeight: thumbnailSide, resizeQuality: "medium" })
      .then((small) => {
        const canvas = document.createElement("canvas");
        canvas.width = small.width;
        canvas.height = small.height;
        canvas.getContext("2d")!.drawImage(small, 0, 0);
        return new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
      })
      .then((thumbnail) => {
        if (gone || !thumbnail) return;
        made = URL.createObjectURL(thumbnail);
        url.value = made;
      })
      .catch(() => undefined);
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [blob]);
  return url.value ? <img src={url.value} alt="" /> : <span class="thumbnail-waits" />;
}

/** The state of a picture with everything that one should know about its result. */
const stateInWords = (document: Document): string => [statusText(document), ...notesOf(document)].filter(Boolean).join(" ");

export function Pictures() {
  return (
    <nav class="strip" aria-label={t.value.pictures}>
      {documents.value.map((each) => (
        <div key={each.id} class={`picture state-${each.state.value.kind}`}>
          <button
            type="button"
            aria-current={each.id === currentId.value}
            aria-label={`${each.name}. ${stateInWords(each)}`}
            title={`${each.name}\n${stateInWords(each)}`}
            onClick={() => (currentId.value = each.id)}
          >
            <Thumbnail blob={each.version.value.blob} />
            <span class="badge" aria-hidden="true">
              {shortStatus(each)}
            </span>
          </button>
          <button type="button" class="close" aria-label={`${t.value.remove}: ${each.name}`} title={t.value.remove} onClick={() => close(each)}>
            ×
          </button>
        </div>
      ))}
      <FileButton multiple chosen={(files) => void open(files)}>
        <Icon name="add" />
        <b class="add-label">{t.value.add}</b>
      </FileButton>
      {documents.value.length > 1 && (
        <button type="button" class="run-all" disabled={runnable.value.length === 0} onClick={runAll}>
          {t.value.runAll}
        </button>
      )}
    </nav>
  );
}

export function Results({ shown }: { shown: Document }) {
  if (shown.versions.value.length < 2) return null;
  return (
    <nav class="strip results" aria-label={t.value.history}>
      <span class="strip-title" aria-hidden="true">
        {t.value.history}
      </span>
      {shown.versions.value.map((version, index) => (
        <button
          key={index}
          type="button"
          disabled={shown.busy}
          aria-current={index === shown.step.value.version}
          aria-label={index === 0 ? t.value.originalPicture : `${t.value.history} ${index}`}
          onClick={() => shown.showVersion(index)}
        >
          <Thumbnail blob={version.blob} />
          <span class="badge" aria-hidden="true">
            {index === 0 ? t.value.originalPicture : index}
          </span>
        </button>
      ))}
    </nav>
  );
}
