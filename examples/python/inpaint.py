# SPDX-License-Identifier: Apache-2.0
"""Fills the holes of a picture: inpaint.py IMAGE MASK RESULT [URL]

URL is that of a NATS server (nats://...), or of a gateway (http://...), which needs no nats-py."""
import pathlib
import sys

import inpaintd


def main(image, mask, result, url="nats://127.0.0.1:4222"):
    if url.startswith("http"):
        picture = inpaintd.HttpClient(url).inpaint(image, mask)
    else:
        picture = inpaintd.inpaint(image, mask, url)
    pathlib.Path(result).write_bytes(picture.image)


try:
    main(*sys.argv[1:])
except inpaintd.InpaintError as error:
    sys.exit(str(error))
