# SPDX-License-Identifier: Apache-2.0
"""Client of inpaintd, which removes things from pictures.

    async with await inpaintd.connect("nats://127.0.0.1:4222") as client:
        picture = await client.inpaint(photo_bytes, mask_bytes)

    picture = inpaintd.inpaint("photo.jpg", "mask.png")                         # the same without asyncio
    picture = inpaintd.HttpClient("http://127.0.0.1:8080").inpaint("photo.jpg", "mask.png")    # without nats-py
"""
from .client import Client, connect, inpaint
from .http import HttpClient
from .messages import (BitMask, InpaintError, Note, Picture, Progress, Queued, RawPixels, Rects, Running,
                       Source, StoredObject)

__all__ = ["BitMask", "Client", "HttpClient", "InpaintError", "Note", "Picture", "Progress", "Queued", "RawPixels",
           "Rects", "Running", "Source", "StoredObject", "connect", "inpaint"]
