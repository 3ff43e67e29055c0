// SPDX-License-Identifier: Apache-2.0
// What a person does at the page, in a real browser, against the whole service. Screenshots go to out/page/.
//   INPAINTD_BIN=build/release/bin node --test tests/page/
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { Service } from "./service.mjs";

const shots = "out/page";
const photo = readFileSync(new URL("../../examples/demo/photo.jpg", import.meta.url));
let browser;

before(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"], // tests may run as root
  });
});
after(() => browser?.close());

/** Opens the page of a service with these settings, runs `steps`, and checks what no step may cause. */
async function visit(settings, steps, options = {}) {
  const service = await Service.start(settings);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const complaints = [];
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol !== "blob:" && protocol !== "data:" && host !== new URL(service.url).host)
        complaints.push(`a request to another host: ${request.url()}`);
    });
    await page.goto(service.url);
    await steps(page, service);
    assert.deepEqual(complaints.filter((each) => !options.mayFail?.test(each)), []);
  } finally {
    await context.close();
    await service.stop();
  }
}

const button = (page, name) => page.getByRole("button", { name, exact: true });
const status = (page) => page.locator(".status-text");
const says = (page, pattern) =>
  page.waitForFunction((source) => new RegExp(source).test(document.querySelector(".status-text")?.textContent ?? ""), pattern.source);

async function choose(page, files) {
  await page.locator("input[type=file][multiple]").first().setInputFiles(files);
  await page.waitForSelector("canvas");
  // The first drawing comes when the picture is decoded.
  await page.waitForFunction(() => Number(document.querySelector("canvas").dataset.drawn) > 0);
}

const file = (name, buffer = photo, mimeType = "image/jpeg") => ({ name, mimeType, buffer });

/** Paints a line through the middle of the canvas. */
async function paint(page) {
  const { x, y, width, height } = await page.locator("canvas").boundingBox();
  await page.mouse.move(x + width / 2 - 60, y + height / 2);
  await page.mouse.down();
  for (let step = 0; step <= 12; ++step) await page.mouse.move(x + width / 2 - 60 + 10 * step, y + height / 2 + (step % 3) * 4);
  await page.mouse.up();
}

const shot = (page, name) => page.screenshot({ path: `${shots}/${name}.png` });

test("a person opens the example, paints, and gets the result; undo, compare and download work", async () => {
  await visit({}, async (page) => {
    await shot(page, "start");
    await button(page, "Try an example").click();
    await page.waitForSelector("canvas");
    assert.ok(await button(page, "Remove").isDisabled(), "nothing is painted yet");
    await paint(page);
    await shot(page, "painted");
    await button(page, "Remove").click();
    await says(page, /^Done in \d+ ms/);
    await shot(page, "done");
    await button(page, "Compare").click();
    await shot(page, "compare");
    await button(page, "Compare").click();
    const download = page.waitForEvent("download");
    await button(page, "Download").click();
    const saved = await download;
    assert.equal(saved.suggestedFilename(), "example.jpg");
    const bytes = readFileSync(await saved.path());
    assert.equal(bytes.subarray(0, 3).toString("hex"), "ffd8ff");
    assert.notDeepEqual(bytes, photo);
    await button(page, "Undo").click(); // back to the strokes on the original
    assert.ok(await button(page, "Remove").isEnabled());
    await button(page, "Redo").click();
    assert.ok(await button(page, "Remove").isDisabled());
  });
});

const slow = { "model.engine": "null", "model.null_pace": "700ms", "batch.size_max": 1, "model.cpu_replicas": 1, "device.warm_up": "0ms" };

/** Different pictures, so that no two requests are identical: trailing bytes after a JPEG's end are allowed. */
const pictures = (count) =>
  Array.from({ length: count }, (_, i) => file(`picture${i}.jpg`, Buffer.concat([photo, Buffer.from([i])])));

test("the place in the queue is seen to move, and a task can be cancelled", async () => {
  await visit(slow, async (page) => {
    await choose(page, pictures(5));
    await paint(page);
    await button(page, "Use this mask for all pictures").click();
    await button(page, "Remove in all pictures").click();
    await page.locator(".picture > button:first-child").nth(4).click();
    await says(page, /^Queued, [2-4] ahead/);
    await shot(page, "queued");
    await says(page, /^Queued, 1 ahead/);
    await page.locator(".picture > button:first-child").nth(3).click();
    await button(page, "Cancel").click();
    await page.getByText("Cancelled").waitFor();
    await page.locator(".picture > button:first-child").nth(4).click();
    await says(page, /^Running in a batch of 1 on/);
    await says(page, /^Done in/);
  });
});

test("when the worker dies, the person is told, the strokes stay, and another try succeeds", async () => {
  await visit({ ...slow, "model.null_pace": "20s" }, async (page, service) => {
    await choose(page, [file("photo.jpg")]);
    await paint(page);
    await button(page, "Remove").click();
    await says(page, /^(Running|Queued)/);
    await service.kill("worker");
    service.settings = { "model.engine": "null" };
    service.startWorker();
    await service.ready();
    await button(page, "Cancel").click(); // nobody works on it any more
    await page.waitForFunction(() => !document.querySelector(".status-queued, .status-running, .status-sending"));
    assert.ok(await button(page, "Undo").isEnabled(), "the strokes are still there");
    await button(page, "Remove").click();
    await says(page, /^Done in/);
  }, { mayFail: /503|504|409|404/ });
});

test("strokes survive a reload of the page", async () => {
  await visit(slow, async (page) => {
    await choose(page, [file("photo.jpg")]);
    await paint(page);
    await page.waitForTimeout(1000); // they are saved a little later
    await page.reload();
    await page.waitForSelector("canvas");
    await button(page, "Remove").click();
    await says(page, /^Done in/);
  });
});

/** The picture with an EXIF block that says: turn me by 90 degrees. */
function turned() {
  const exif = Buffer.from("457869660000" + "4d4d002a00000008" + "0001" + "0112000300000001" + "00060000" + "00000000", "hex");
  const marker = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([photo.subarray(0, 2), marker, exif, photo.subarray(2)]);
}

test("a JPEG that its EXIF block turns is shown upright, and its mask fits", async () => {
  await visit({}, async (page) => {
    await choose(page, [file("turned.jpg", turned())]);
    await paint(page);
    await button(page, "Remove").click();
    await says(page, /^Done in/);
    await shot(page, "turned");
  });
});

test("the page works with the keyboard alone", async () => {
  await visit({ "model.engine": "null" }, async (page) => {
    await choose(page, [file("photo.jpg")]);
    await page.locator("canvas").focus();
    await page.keyboard.press("Enter");
    for (let i = 0; i < 8; ++i) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.keyboard.press("]");
    await page.locator("button:enabled", { hasText: /^Remove$/ }).waitFor(); // the stroke is there
    await page.keyboard.press("Control+Enter");
    await says(page, /^Done in/);
    await page.keyboard.press("Control+z");
    assert.ok(await button(page, "Remove").isEnabled());
  });
});

test("a phone's screen and fingers are enough, and everything stands in Chinese", async () => {
  const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2, locale: "zh-CN" };
  await visit({ "model.engine": "null" }, async (page) => {
    await shot(page, "phone_start");
    await choose(page, [file("photo.jpg")]);
    const { x, y, width, height } = await page.locator("canvas").boundingBox();
    await page.touchscreen.tap(x + width / 2, y + height / 2);
    await button(page, "移除").click();
    await says(page, /^完成/);
    await shot(page, "phone_done");
    const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(wider, false, "the page must not scroll sideways");
    assert.equal(await page.evaluate(() => document.documentElement.lang), "zh");
  }, phone);
});

test("a file that is no picture is named, and nothing else happens", async () => {
  await visit({ "model.engine": "null" }, async (page) => {
    await page.locator("input[type=file][multiple]").setInputFiles([file("notes.txt", Buffer.from("hello"), "text/plain")]);
    await page.getByText("notes.txt is not a picture").waitFor();
  });
});
