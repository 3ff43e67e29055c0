// SPDX-License-Identifier: Apache-2.0
// What a person does at the page, in a real browser, against the whole service. Screenshots go to out/page/.
//   INPAINTD_BIN=build/release/bin node --test tests/page/page_test.mjs
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import {
  button, choose, closeBrowser, disabled, drag, drawn, enabled, file, keptStrokes, openBrowser, paint, photo, pictures,
  quick, says, shot, show, visit,
} from "./visit.mjs";

before(openBrowser);
after(closeBrowser);

test("a person opens the example, paints, and gets the result; undo, compare and download work", async () => {
  await visit({}, async (page) => {
    await button(page, "Try an example").waitFor();
    await shot(page, "start");
    await button(page, "Try an example").click();
    await drawn(page);
    await disabled(page, "Remove");
    await paint(page);
    await shot(page, "painted");
    await button(page, "Remove").click();
    await says(page, /^Done in \d+ ms/);
    await shot(page, "done");
    await button(page, "Compare").click();
    await page.locator("input.comparison").waitFor();
    await drag(page, 0, 0, { to: [-150, 0] }); // the edge follows the pointer
    assert.ok(Math.abs(Number(await page.locator("input.comparison").inputValue()) - 305) < 20);
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
    await enabled(page, "Remove");
    await button(page, "Redo").click();
    await disabled(page, "Remove");
    await drag(page, -60, 80); // the next strokes are painted on the result
    await button(page, "Remove").click();
    await page.getByRole("navigation", { name: "Results" }).getByRole("button").nth(2).waitFor();
  });
});

test("pictures are queued in their order, the place in the queue is seen to move, and a task can be cancelled", async () => {
  // The first picture takes two seconds, and the second one longer than the test, on any machine.
  const stuck = { "model.null_pace": "2s", "model.null_faults": "hang:@2:1000s", "device.watchdog": "1h" };
  await visit({ ...quick, ...stuck, "batch.size_max": 1, "device.warm_up": "0ms" }, async (page, service) => {
    await choose(page, pictures(5));
    await paint(page);
    await button(page, "More").click();
    await button(page, "Use this mask for all pictures").click();
    await button(page, "More").click();
    await button(page, "Remove in all pictures").click();
    await says(page, /^Done in/);
    await show(page, 1);
    await says(page, /^Running in a batch of 1 on cpu/);
    await show(page, 4);
    await says(page, /^Queued, 2 ahead, about \d+ s/);
    await shot(page, "queued");
    await show(page, 2);
    await button(page, "Cancel").click();
    await says(page, /^Cancelled/);
    await enabled(page, "Remove"); // the strokes are still there
    await show(page, 4);
    await says(page, /^Queued, 1 ahead/);
    await shot(page, "cancelled");
    await service.kill("worker"); // nobody waits for the others
    for (const index of [1, 3, 4]) {
      await show(page, index);
      await page.keyboard.press("Escape");
      await enabled(page, "Remove");
    }
  }, { gateway: ["--timeout", "10min"] });
});

test("when the worker dies, the person is told, the strokes stay, and another try succeeds", async () => {
  await visit({ ...quick, "model.null_pace": "1000s", "device.warm_up": "0ms" }, async (page, service) => {
    await choose(page, [file("photo.jpg")]);
    await paint(page);
    await button(page, "Remove").click();
    await says(page, /^(Running|Queued)/);
    await service.kill("worker");
    await says(page, /^The picture was not finished in time/);
    await shot(page, "failed");
    service.settings = quick;
    service.startWorker();
    await service.ready();
    await button(page, "Try again").click();
    await says(page, /^Done in/);
  }, { mayFail: /503|504/, gateway: ["--timeout", "15s"] });
});

test("without a worker the person is told so, and the picture is sent again by itself", async () => {
  await visit(quick, async (page, service) => {
    await service.kill("worker");
    await choose(page, [file("photo.jpg")]);
    await paint(page);
    await button(page, "Remove").click();
    await says(page, /^No worker is connected to the service\. Trying again in \d+ s/);
    service.startWorker();
    await says(page, /^Done in/);
  }, { mayFail: /503/ });
});

test("strokes survive a reload of the page", async () => {
  await visit(quick, async (page) => {
    await choose(page, [file("photo.jpg")]);
    await paint(page);
    await keptStrokes(page, 1);
    await page.reload();
    await drawn(page);
    await button(page, "Remove").click();
    await says(page, /^Done in/);
  });
});

test("the page works at an address without HTTPS, where browsers offer less", async () => {
  const names = ["http://inpaint.test", "http://127.0.0.1"];
  await visit(quick, async (page, service) => {
    await page.goto(service.url.replace(names[1], names[0]));
    assert.equal(await page.evaluate(() => isSecureContext), false);
    await choose(page, [file("photo.jpg")]);
    await paint(page);
    await button(page, "Remove").click();
    await says(page, /^Done in/);
  }, { gateway: ["--host", "inpaint.test"], hosts: ["inpaint.test"] });
});

test("pictures are dropped and pasted, and comparing one with its original does not hinder painting another", async () => {
  await visit(quick, async (page) => {
    const give = (type) =>
      page.evaluate(([kind, base64]) => {
        const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], `${kind}.jpg`, { type: "image/jpeg" }));
        const event = kind === "drop" ? new DragEvent(kind, { dataTransfer: data, cancelable: true }) : new ClipboardEvent(kind, { clipboardData: data });
        dispatchEvent(event);
      }, [type, photo.toString("base64")]);
    await button(page, "Try an example").waitFor();
    await give("drop");
    await drawn(page);
    await paint(page);
    await button(page, "Remove").click();
    await says(page, /^Done in/);
    await button(page, "Compare").click();
    await give("paste");
    await page.locator(".picture").nth(1).waitFor();
    await show(page, 1);
    await disabled(page, "Compare");
    await paint(page);
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

/** A WebP file whose EXIF block says: turn me by 90 degrees. Runs in the page. */
async function turnedWebp() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 300, height: 200 });
  canvas.getContext("2d").fillRect(50, 50, 100, 100);
  const made = await new Promise((resolve) => canvas.toBlob(resolve, "image/webp", 0.8));
  const bytes = new Uint8Array(await made.arrayBuffer());
  const tiff = [77, 77, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
  const file = [...bytes, 69, 88, 73, 70, tiff.length, 0, 0, 0, ...tiff];
  file[20] |= 8; // the extended header, which a picture with alpha has, says that there is EXIF data
  const size = file.length - 8;
  [file[4], file[5]] = [size & 255, size >> 8];
  return file;
}

test("a WebP file that the browser does not turn is filled as it is shown", async () => {
  await visit(quick, async (page) => {
    const bytes = Buffer.from(await page.evaluate(turnedWebp));
    assert.equal(bytes.subarray(12, 16).toString(), "VP8X");
    await choose(page, [file("turned.webp", bytes, "image/webp")]);
    await drag(page, -20, 0, { to: [20, 0] });
    await button(page, "Remove").click();
    await says(page, /^Done in/);
  });
});

/** Moves the focus by the Tab key until it is on an element that matches. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 60; ++presses) {
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`the Tab key does not lead to ${selector}`);
}

test("the page works with the keyboard alone", async () => {
  await visit(quick, async (page) => {
    await tabTo(page, ".start-buttons button");
    await page.keyboard.press("Enter");
    await drawn(page);
    await tabTo(page, "canvas");
    await page.keyboard.press("Enter");
    for (let i = 0; i < 8; ++i) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.keyboard.press("]");
    await page.getByText("Brush size 46").waitFor();
    await enabled(page, "Remove"); // the stroke is there
    await page.keyboard.press("Control+Enter");
    await says(page, /^Done in/);
    await page.keyboard.press("Control+z");
    await enabled(page, "Remove");
  });
});

test("a phone's screen and fingers are enough, and everything stands in Chinese", async () => {
  const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2, locale: "zh-CN" };
  await visit(quick, async (page) => {
    await shot(page, "phone_start");
    await choose(page, [file("photo.jpg")]);
    const { x, y, width, height } = await page.locator("canvas").boundingBox();
    await page.touchscreen.tap(x + width / 2, y + height / 2);
    await button(page, "移除").click();
    await says(page, /^完成/);
    await shot(page, "phone_done");
    await button(page, "对比").click();
    await page.locator("input.comparison").waitFor();
    await shot(page, "phone_compare");
    await button(page, "对比").click();
    await button(page, "更多").click();
    await button(page, "保存蒙版").waitFor();
    await shot(page, "phone_more");
    const outside = await page.evaluate(() =>
      [...document.querySelectorAll("button, select, input, .slider, canvas")]
        .filter((each) => each.offsetParent !== null)
        .filter((each) => {
          const { left, right } = each.getBoundingClientRect();
          return left < 0 || right > innerWidth;
        })
        .map((each) => each.textContent),
    );
    assert.deepEqual(outside, [], "everything is inside the screen");
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, "the page does not scroll sideways");
    assert.equal(await page.evaluate(() => document.documentElement.lang), "zh");
  }, phone);
});

test("the page follows the system's dark colours, and its keys stand in a dialog", async () => {
  await visit(quick, async (page) => {
    await button(page, "Try an example").waitFor();
    await shot(page, "dark_start");
    await choose(page, [file("photo.jpg")]);
    await paint(page);
    await button(page, "Remove").click();
    await says(page, /^Done in/);
    await shot(page, "dark");
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await shot(page, "help");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    const colour = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    assert.ok(colour.match(/\d+/g).every((part) => Number(part) < 64), `the ground is ${colour}`);
  }, { colorScheme: "dark" });
});

test("a file that is no picture is named, and nothing else happens", async () => {
  await visit(quick, async (page) => {
    await page.locator("input[type=file][multiple]").setInputFiles([file("notes.txt", Buffer.from("hello"), "text/plain")]);
    await page.getByText("notes.txt is not a picture").waitFor();
  });
});
