// SPDX-License-Identifier: Apache-2.0
// What the tests of the page share: a browser, a service for each visit, and what a person does at the page.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { patience, Service, until } from "./service.mjs";

const shots = "out/page"; // below the folder where the tests are started
/** Settings with which the service answers at once. */
export const quick = { "model.engine": "null" };
export const photo = readFileSync(new URL("../../examples/demo/photo.jpg", import.meta.url));

let browser;

export async function openBrowser() {
  mkdirSync(shots, { recursive: true });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", // Debian's
    args: ["--no-sandbox", "--host-resolver-rules=MAP inpaint.test 127.0.0.1"], // tests may run as root
    timeout: patience,
  });
}
export const closeBrowser = () => browser?.close();

/**
 * Opens the page of a service with these settings, runs `steps`, and checks what no step may cause: errors in the
 * browser's console, but for those that match `mayFail`, and requests to other hosts; `hosts`: other names of this one.
 */
export async function visit(settings, steps, { mayFail, gateway = [], streams, hosts = [], ...options } = {}) {
  const service = await Service.start(settings, gateway, streams);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const complaints = [];
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(patience);
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol !== "blob:" && protocol !== "data:" && ![new URL(service.url).hostname, ...hosts].includes(hostname))
        complaints.push(`a request to another host: ${request.url()}`);
    });
    await page.goto(service.url);
    await steps(page, service);
    assert.deepEqual(complaints.filter((each) => !mayFail?.test(each)), []);
  } finally {
    await context.close();
    await service.stop();
  }
}

export const button = (page, name) => page.getByRole("button", { name, exact: true });
/** Waits until the button can be pressed, or cannot. */
export const enabled = (page, name) => page.locator("button:enabled", { hasText: new RegExp(`^${name}$`) }).waitFor();
export const disabled = (page, name) => page.locator("button:disabled", { hasText: new RegExp(`^${name}$`) }).waitFor();
/** Waits until the status of the shown picture matches. */
export const says = (page, pattern) =>
  page.waitForFunction(
    (source) => new RegExp(source).test(document.querySelector(".status-text")?.textContent ?? ""),
    pattern.source,
    { polling: 50 }, // not at each frame: a busy machine draws few
  );

export const file = (name, buffer = photo, mimeType = "image/jpeg") => ({ name, mimeType, buffer });
/** Different pictures, so that no two requests are identical: bytes after a JPEG's end are allowed. */
export const pictures = (count) =>
  Array.from({ length: count }, (_, i) => file(`picture${i}.jpg`, Buffer.concat([photo, Buffer.from([i])])));

/** Waits until the shown picture is decoded and drawn. */
export async function drawn(page) {
  await page.waitForSelector("canvas");
  await page.waitForFunction(() => Number(document.querySelector("canvas").dataset.drawn) > 0, null, { polling: 50 });
}

export async function choose(page, files) {
  await page.locator("input[type=file][multiple]").first().setInputFiles(files);
  await page.waitForFunction((count) => document.querySelectorAll(".picture").length >= count, files.length, { polling: 50 });
  await drawn(page);
}

/** Shows the picture with this index. */
export async function show(page, index) {
  await page.locator(".picture > button:first-child").nth(index).click();
  await page.locator(`.picture:nth-child(${index + 1}) > button[aria-current=true]`).waitFor();
  await drawn(page);
}

/** Moves the pointer by 120 pixels from a point, given relative to the middle of the canvas, with the button down. */
export async function drag(page, x = -60, y = 0, { button: pressed = "left", to = [x + 120, y + 8] } = {}) {
  const box = await page.locator("canvas").boundingBox();
  const middle = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(middle[0] + x, middle[1] + y);
  await page.mouse.down({ button: pressed });
  await page.mouse.move(middle[0] + to[0], middle[1] + to[1], { steps: 8 });
  await page.mouse.up({ button: pressed });
}

/** Paints a line through the middle of the picture. */
export async function paint(page) {
  await drag(page);
  await enabled(page, "Remove");
}

/** Loads a mask file for the shown picture; the controls of masks must be open. */
export const loadMask = (page, name, bytes) =>
  page.locator("input[type=file][accept='image/*']").setInputFiles([file(name, bytes, "image/png")]);

/** Saves the mask of the shown picture, and returns the file's name and bytes. */
export async function saveMask(page) {
  const download = page.waitForEvent("download");
  await button(page, "Save mask").click();
  const saved = await download;
  return { name: saved.suggestedFilename(), bytes: readFileSync(await saved.path()) };
}

/** The strokes of the first picture that the page has stored to survive a reload. Runs in the page. */
const readStrokes = () =>
  new Promise((resolve, reject) => {
    const opening = indexedDB.open("keyval-store");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const reading = opening.result.transaction("keyval").objectStore("keyval").getAll();
      reading.onsuccess = () => {
        opening.result.close();
        const [first] = reading.result;
        resolve(first?.steps[first.at].strokes ?? []);
      };
    };
  });

/** Waits until the page has stored `count` strokes of the first picture, and returns them. */
export const keptStrokes = (page, count) =>
  until(`${count} strokes are stored`, async () => {
    const strokes = await page.evaluate(readStrokes);
    return strokes.length === count && strokes;
  });

/** Makes a screenshot when the small pictures are drawn. */
export async function shot(page, name) {
  await page.waitForFunction(() => document.querySelector(".thumbnail-waits") === null, null, { polling: 50 });
  await page.screenshot({ path: `${shots}/${name}.png` });
}
