// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from "vite";

// The built files have fixed names, are committed, and are embedded into inpaint-gateway: see CMakeLists.txt there. The
// server sends them with an ETag, so their names need no hashes.
export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: false,
    rollupOptions: {
      output: { entryFileNames: "app.js", assetFileNames: "app[extname]", inlineDynamicImports: true },
    },
  },
  worker: {
    format: "es",
    rollupOptions: { output: { entryFileNames: "mask_worker.js" } },
  },
  server: { proxy: { "/inpaint": "http://127.0.0.1:8080", "/tasks": "http://127.0.0.1:8080", "/events": "http://127.0.0.1:8080" } },
});
