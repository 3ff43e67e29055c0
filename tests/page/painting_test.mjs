// SPDX-License-Identifier: Apache-2.0
// Painting at the page, in a real browser, against the whole service.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  button, choose, closeBrowser, drag, file, keptStrokes, openBrowser, photo, quick, says, visit,
} from "./visit.mjs";

before(openBrowser);
after(closeBrowser);

test("strokes are painted where the pointer is, with each tool, also after zooming and moving", async () => {
  await visit(quick, async (page) => {
    await choose(page, [file("photo.jpg")]); // 768 by 512 pixels, shown without scaling in the middle
    await drag(page, -60, 0, { to: [60, 0] });
    await drag(page, -60, 0, { button: "right", to: [60, 0] });
    await button(page, "Rectangle").click();
    await drag(page, -100, -100, { to: [-40, -50] });
    await page.keyboard.press("b");
    await page.keyboard.down("Shift");
    await drag(page, 100, 100, { to: [150, 30] });
    await page.keyboard.up("Shift");
    const [brush, eraser, rectangle, line] = await keptStrokes(page, 4);
    const near = (a, b) => assert.ok(Math.abs(a - b) <= 1, `${a} is not near ${b}`);
    assert.equal(brush.kind, "brush");
    near(brush.points[0].x, 324);
    near(brush.points.at(-1).x, 444);
    near(brush.points.at(-1).y, 256);
    assert.equal(eraser.kind, "eraser");
    assert.equal(rectangle.kind, "rectangle");
    near(rectangle.from.x, 284);
    near(rectangle.to.y, 206);
    assert.equal(line.points.length, 2);

    await page.mouse.wheel(0, -500); // zooms in at the pointer, which is at the end of the line
    await drag(page, 150, 30, { to: [210, 30] });
    const zoomed = (await keptStrokes(page, 5))[4];
    near(zoomed.points[0].x, line.points[1].x);
    near(zoomed.points[0].y, line.points[1].y);
    const scale = 60 / (zoomed.points.at(-1).x - zoomed.points[0].x);
    assert.ok(scale > 2 && scale < 3, `the scale is ${scale}`);
    await page.keyboard.down("Space"); // moves the picture by 40 pixels of the screen
    await drag(page, 0, 0, { to: [40, 0] });
    await page.keyboard.up("Space");
    await drag(page, 190, 30, { to: [200, 30] });
    near((await keptStrokes(page, 6))[5].points[0].x, zoomed.points[0].x);
  });
});

/** Keeps what the page sends for a task. Runs in the page. */
function keepSent() {
  const send = window.fetch;
  window.fetch = async (path, init) => {
    if (init?.body instanceof FormData) {
      window.sent = {};
      for (const [name, value] of init.body)
        window.sent[name] = value instanceof Blob ? [...new Uint8Array(await value.arrayBuffer())] : value;
    }
    return send(path, init);
  };
}

test("a stroke runs at once if the switch says so; the picture's own bytes, a small mask and the options are sent", async () => {
  await visit(quick, async (page) => {
    await choose(page, [file("photo.jpg")]);
    await page.evaluate(keepSent);
    await button(page, "More").click();
    await page.getByRole("slider", { name: /^Grow/ }).fill("5");
    await page.getByRole("slider", { name: /^Soften/ }).fill("3");
    await page.getByRole("checkbox").check();
    await page.keyboard.down("Alt"); // erases, so nothing runs
    await drag(page, -60, 100);
    await page.keyboard.up("Alt");
    assert.equal((await keptStrokes(page, 1))[0].kind, "eraser");
    assert.equal(await page.evaluate(() => window.sent), undefined);
    await drag(page);
    await says(page, /^Done in/);
    const { image, mask, ...options } = await page.evaluate(() => window.sent);
    assert.deepEqual(options, { dilate: "5", feather: "3" });
    assert.ok(Buffer.from(image).equals(photo));
    assert.equal(Buffer.from(mask.slice(24, 26)).toString("hex"), "0100", "one bit of grey for each pixel");
    assert.ok(mask.length < 3000, `the mask has ${mask.length} bytes`);
  });
});

test("two fingers zoom and move the picture, and paint nothing; one finger paints", async () => {
  await visit(quick, async (page) => {
    await choose(page, [file("photo.jpg")]);
    const box = await page.locator("canvas").boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const devices = await page.context().newCDPSession(page);
    const touch = (type, ...offsets) =>
      devices.send("Input.dispatchTouchEvent", { type, touchPoints: offsets.map((offset, id) => ({ x: x + offset, y, id })) });
    await touch("touchStart", -40);
    await touch("touchStart", -40, 40);
    for (let distance = 45; distance <= 80; distance += 5) await touch("touchMove", -distance, distance);
    await touch("touchEnd");
    await touch("touchStart", 0);
    await touch("touchMove", 50);
    await touch("touchMove", 100);
    await touch("touchEnd");
    const [stroke] = await keptStrokes(page, 1);
    const length = stroke.points.at(-1).x - stroke.points[0].x;
    assert.ok(length > 40 && length < 60, `100 pixels of the screen are ${length} of the picture, which is shown twice as large`);
  }, { hasTouch: true });
});
