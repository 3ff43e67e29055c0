// SPDX-License-Identifier: Apache-2.0
// What is on the page while no picture is.
import examplePhoto from "../../../examples/demo/photo.jpg";
import { open, tell } from "./album.ts";
import { Icon, type IconName } from "./icons.tsx";
import { t } from "./texts.ts";
import { FileButton } from "./toolbar.tsx";

async function openExample(): Promise<void> {
  try {
    const response = await fetch(examplePhoto);
    if (!response.ok) throw new Error(response.statusText);
    await open([new File([await response.blob()], "example.jpg", { type: "image/jpeg" })]);
  } catch {
    tell((texts) => texts.unreachable);
  }
}

const stepIcons: readonly IconName[] = ["picture", "brush", "remove"];

export function Start() {
  return (
    <main class="start">
      <h1>{t.value.title}</h1>
      <p class="lead">{t.value.lead}</p>
      <div class="drop">
        <Icon name="picture" />
        <div class="start-buttons">
          <FileButton multiple primary chosen={(files) => void open(files)}>
            {t.value.choose}
          </FileButton>
          <button type="button" onClick={() => void openExample()}>
            {t.value.example}
          </button>
        </div>
        <p class="quiet">{t.value.drop}</p>
      </div>
      <ol class="steps">
        {t.value.steps.map((step, index) => (
          <li key={index}>
            <Icon name={stepIcons[index]!} />
            {step}
          </li>
        ))}
      </ol>
      <p class="quiet">{t.value.privacy}</p>
    </main>
  );
}
