// SPDX-License-Identifier: Apache-2.0
// Pictures as the browser decodes them.
import type { Version } from "./document.ts";
import { withoutExif } from "./webp.ts";

/** The file and its bytes, in a form that the service turns upright where the browser does, and only there. */
export async function asShown(file: File): Promise<{ file: File; bytes: Uint8Array }> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const changed = withoutExif(bytes);
  if (!changed) return { file, bytes };
  return { file: new File([changed as BlobPart], file.name, { type: file.type }), bytes: changed };
}

/** An image element with the picture, upright: browsers apply the EXIF orientation, as the service does. */
export async function loadImage(blob: Blob): Promise<HTMLImageElement> {
  const image = new Image();
  const url = URL.createObjectURL(blob);
  image.src = url;
  imageUrls.register(image, url);
  await image.decode();
  return image;
}
const imageUrls = new FinalizationRegistry<string>((url) => URL.revokeObjectURL(url));

const images = new WeakMap<Version, HTMLImageElement | Promise<HTMLImageElement>>();

/** The version's image if it is decoded; else decodes it and then calls `ready`. */
export function imageOf(version: Version, ready: () => void): HTMLImageElement | null {
  const known = images.get(version);
  if (known instanceof HTMLImageElement) return known;
  if (known === undefined) {
    const loading = loadImage(version.blob);
    images.set(version, loading);
    loading.then((image) => {
      images.set(version, image);
      ready();
    }, ready);
  } else {
    void known.then(ready, ready);
  }
  return null;
}
