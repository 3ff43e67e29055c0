// SPDX-License-Identifier: Apache-2.0
// The page while the gateway keeps its tasks in JetStream. LARGE_PICTURE: another large file, tried by hand.
//   INPAINTD_BIN=build/release/bin node --test tests/page/jetstream_test.mjs
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { button, choose, closeBrowser, file, openBrowser, paint, photo, pictures, quick, says, visit } from "./visit.mjs";

before(openBrowser);
after(closeBrowser);

test("a picture that no message can hold goes to a worker and back", async () => {
  const given = process.env.LARGE_PICTURE;
  const large = given ?? file("large.jpg", Buffer.concat([photo, Buffer.alloc(9 << 20, 1)])); // bytes after its end
  await visit(given ? {} : quick, async (page) => {
    await choose(page, [large]);
    await paint(page);
    await button(page, "Remove").click();
    await says(page, /^Done in/);
    const download = page.waitForEvent("download");
    await button(page, "Download").click();
    const bytes = readFileSync(await (await download).path());
    assert.ok(bytes.length > 8 << 20 || given, `${bytes.length} bytes`);
  }, { streams: true });
});

test("tasks wait while no worker is there, and go on after the gateway and the worker were started again", async () => {
  await visit(quick, async (page, service) => {
    await service.kill("worker");
    await choose(page, pictures(1));
    await paint(page);
    await button(page, "Remove").click();
    await says(page, /^Queued/);
    await service.kill("gateway");
    service.startGateway();
    service.startWorker();
    await says(page, /^Done in/);
  }, { streams: true, mayFail: /ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|503|Failed to load/ });
});
