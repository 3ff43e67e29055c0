// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { resultName } from "../src/document.ts";
import { fitted, toPicture, toScreen, zoomed } from "../src/view.ts";

test("a large picture is shrunk into the window, a small one is not enlarged", () => {
  assert.deepEqual(fitted({ width: 2000, height: 1000 }, { width: 1032, height: 832 }), { scale: 0.5, x: 16, y: 166 });
  assert.deepEqual(fitted({ width: 100, height: 50 }, { width: 300, height: 150 }), { scale: 1, x: 100, y: 50 });
});

test("zooming keeps the point under the pointer where it is, between the limits", () => {
  const view = { scale: 0.5, x: 10, y: 20 };
  const at = { x: 110, y: 70 };
  const closer = zoomed(view, at, 2, 0.1);
  assert.equal(closer.scale, 1);
  assert.deepEqual(toPicture(closer, at), toPicture(view, at));
  assert.deepEqual(toScreen(closer, toPicture(view, at)), at);
  assert.equal(zoomed(view, at, 0.001, 0.1).scale, 0.1);
  assert.equal(zoomed(view, at, 1e6, 0.1).scale, 32);
});

test("a result keeps the name of its file, and gets another ending only with another format", () => {
  assert.equal(resultName("a.b.JPG", "image/jpeg"), "a.b.JPG");
  assert.equal(resultName("photo.jfif", "image/jpeg"), "photo.jfif");
  assert.equal(resultName("photo.webp", "image/png"), "photo.png");
  assert.equal(resultName("photo", "image/png"), "photo.png");
  assert.equal(resultName("photo.jpg", "application/octet-stream"), "photo.jpg");
});
