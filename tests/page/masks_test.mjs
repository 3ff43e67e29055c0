// SPDX-License-Identifier: Apache-2.0
// Mask files at the page, in a real browser, against the whole service. Screenshots go to out/page/.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inflateSync } from "node:zlib";
import { pngFile } from "../../gateway/page/tests/png_files.mjs";
import {
  button, choose, closeBrowser, disabled, drag, enabled, file, loadMask, openBrowser, paint, photo, pictures, quick,
  saveMask, says, shot, show, visit,
} from "./visit.mjs";

before(openBrowser);
after(closeBrowser);

test("a mask can be saved, and loaded again in place of strokes", async () => {
  await visit(quick, async (page) => {
    await choose(page, [file("photo.jpg")]);
    await paint(page);
    await button(page, "More").click();
    await shot(page, "more");
    const { name, bytes: mask } = await saveMask(page);
    assert.equal(name, "photo_mask.png");
    assert.equal(mask.subarray(24, 26).toString("hex"), "0100", "one bit of grey for each pixel");
    await button(page, "Clear").click();
    await disabled(page, "Remove");
    await loadMask(page, "mask.png", mask);
    await enabled(page, "Remove");
    await button(page, "Remove").click();
    await says(page, /^Done in/);
  });
});

/** The hole of the masks below, in a picture of 768 by 512 pixels. */
const inHole = (x, y) => x >= 200 && x < 330 && y >= 150 && y < 260;
const maskFile = (options, hole, ground) =>
  pngFile({ width: 768, height: 512, ...options, sample: (x, y) => (inHole(x, y) ? hole : ground) });

/** Checks each pixel of a mask that the page wrote. */
function assertHole(mask, name) {
  const start = mask.indexOf("IDAT");
  const lines = inflateSync(mask.subarray(start + 4, start + 4 + mask.readUInt32BE(start - 4)));
  for (let y = 0; y < 512; ++y)
    for (let x = 0; x < 768; ++x)
      if (((lines[y * 97 + 1 + (x >> 3)] >> (7 - (x & 7))) & 1) !== Number(inHole(x, y)))
        assert.fail(`the page reads the pixel ${x}, ${y} of ${name} in another way than the service`);
}

test("a mask file is used as the service reads it, alone or with strokes, and a note tells of an unusual reading", async () => {
  const black = [0, 0, 0];
  const files = {
    white: maskFile({ colour: 0, depth: 1 }, [1], [0]),
    drawing_on_transparent: maskFile({ colour: 6 }, [0, 0, 0, 255], [0, 0, 0, 0]),
    white_on_transparent: maskFile({ colour: 6, interlaced: true }, [255, 255, 255, 200], [255, 255, 255, 0]),
    luma_before_alpha: maskFile({ colour: 6 }, [255, 255, 255, 0], [0, 0, 0, 255]),
    labels: maskFile({ colour: 0 }, [1], [0]),
    sixteen_bits: maskFile({ colour: 0, depth: 16 }, [32896], [32639]),
    dark_red: maskFile({ colour: 2 }, [200, 0, 0], black),
    borderline_green: maskFile({ colour: 2 }, [0, 218, 0], [0, 217, 0]),
    dark_palette: maskFile({ colour: 3, depth: 2, palette: [0, 0, 0, 128, 0, 0, 0, 128, 0] }, [2], [0]),
    transparent_colour: maskFile({ colour: 2, transparency: [0, 9, 0, 9, 0, 9] }, [8, 9, 9], [9, 9, 9]),
  };
  const notes = { drawing_on_transparent: /transparent ground/, labels: /brightness of the mask shows no holes/ };
  await visit(quick, async (page, service) => {
    /** The size of the smallest rectangle that has all holes, as the service finds them in a mask file. */
    const holesAtService = async (mask) => {
      const form = new FormData();
      form.append("image", new Blob([photo]));
      form.append("mask", new Blob([mask]));
      form.append("format", "raw");
      form.append("region", "patch");
      const answer = await fetch(`${service.url}inpaint?wait=1`, { method: "POST", body: form });
      return ["x-image-width", "x-image-height"].map((name) => Number(answer.headers.get(name)));
    };
    await choose(page, [file("photo.jpg")]);
    await button(page, "More").click();
    for (const [name, bytes] of Object.entries(files)) {
      assert.deepEqual(await holesAtService(bytes), [130, 110], `the service finds the hole of ${name}`);
      await loadMask(page, `${name}.png`, bytes);
      await enabled(page, "Remove");
      await drag(page, 300, 200, { button: "right", to: [310, 200] }); // erases where nothing is, so the page rasterises
      assertHole((await saveMask(page)).bytes, name);
      await button(page, "Clear").click();
      await disabled(page, "Remove");
    }
    for (const [name, note] of Object.entries(notes)) {
      await loadMask(page, `${name}.png`, files[name]);
      await page.getByRole("alert").filter({ hasText: note }).waitFor();
      await button(page, "Remove").click();
      await page.getByRole("status").filter({ hasText: note }).waitFor();
      await says(page, /^Done in/);
    }
    await shot(page, "notes");
    await page.getByRole("combobox").selectOption("zh");
    await page.getByRole("status").filter({ hasText: "蒙版的亮度没有标出区域" }).waitFor();
    await shot(page, "notes_chinese");
    await page.getByRole("combobox").selectOption("en");
    await loadMask(page, "empty.png", maskFile({ colour: 0 }, [0], [0]));
    await page.getByRole("alert").filter({ hasText: "empty.png has no hole" }).waitFor();
    await loadMask(page, "small.png", pngFile({ width: 76, height: 51, colour: 0, sample: () => [255] }));
    await page.getByRole("alert").filter({ hasText: "768 by 512" }).waitFor();
    await disabled(page, "Remove");
  });
});

test("one mask is given to the pictures of the same size only, and the others are counted", async () => {
  await visit(quick, async (page) => {
    const small = pngFile({ width: 60, height: 40, colour: 2, sample: (x, y) => [x, y, 9] });
    await choose(page, [file("photo.jpg"), file("small.png", small, "image/png"), ...pictures(1)]);
    await paint(page);
    await button(page, "More").click();
    await button(page, "Use this mask for all pictures").click();
    await page.getByRole("alert").filter({ hasText: "1 of another size was left" }).waitFor();
    await show(page, 2);
    await enabled(page, "Remove");
    await show(page, 1);
    await disabled(page, "Remove");
  });
});
