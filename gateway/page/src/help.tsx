// SPDX-License-Identifier: Apache-2.0
// The keys and the less obvious ways of painting, in a dialog.
import { useRef } from "preact/hooks";
import { t } from "./texts.ts";

/** Opens the dialog, also for the key "?". */
export const help: { open: () => void } = { open: () => undefined };

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  help.open = () => dialog.current?.showModal();
  return (
    <>
      <button type="button" class="help-button" aria-label={t.value.help} title={`${t.value.help} (?)`} onClick={help.open}>
        ?
      </button>
      <dialog ref={dialog} class="help" aria-label={t.value.help} onClick={({ target, currentTarget }) => target === currentTarget && currentTarget.close()}>
        <h2>{t.value.help}</h2>
        <dl>
          {t.value.keys.map(([keys, meaning]) => (
            <div key={keys}>
              <dt>{keys}</dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
        <form method="dialog">
          <button class="primary">{t.value.closeHelp}</button>
        </form>
      </dialog>
    </>
  );
}
