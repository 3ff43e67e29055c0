// SPDX-License-Identifier: Apache-2.0
import { render } from "preact";
import { restore } from "./album.ts";
import { App } from "./app.tsx";
import { language, setLanguage } from "./texts.ts";
import "./style.css";

setLanguage(language.value);
void restore().then(() => render(<App />, document.getElementById("app")!));
