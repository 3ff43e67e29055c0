#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The unit tests of the page, a comparison of the committed gateway/page/dist with a new build of the sources, and the
# size of the page.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/gateway/page" "$scratch/examples/demo"
cp "$root/examples/demo/photo.jpg" "$scratch/examples/demo"  # the page's example
cd "$root/gateway/page"
cp -r index.html package.json package-lock.json .npmrc tsconfig.json vite.config.ts src tests "$scratch/gateway/page"
cd "$scratch/gateway/page"
npm ci --no-audit --no-fund --loglevel=error
npm test
npm run build
diff -r "$root/gateway/page/dist" dist || {
  echo "page: gateway/page/dist is not built from these sources; run npm ci && npm run build in gateway/page" >&2
  exit 1
}
first_load=0
for file in index.html app.js app.css mask_worker.js; do
  first_load=$((first_load + $(gzip -9 -c "dist/$file" | wc -c)))
done
if [ "$first_load" -gt 60000 ]; then
  echo "page: the first load has $first_load bytes, compressed; make the page smaller, or defer what is not needed at first" >&2
  exit 1
fi
