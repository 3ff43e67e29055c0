#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Python client over HTTP with a real gateway and service: http_test.py GATEWAY_URL"""
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "clients" / "python"))
import inpaintd  # noqa: E402

URL = sys.argv.pop(1)
DEMO = ROOT / "examples" / "demo"
TIMEOUT = 600  # long enough for every machine; only a failure waits for all of it


class Http(unittest.TestCase):
    def test_a_picture_is_filled_and_progress_is_reported(self):
        states = []
        picture = inpaintd.HttpClient(URL).inpaint(DEMO / "photo.jpg", DEMO / "mask.png", format="png", dilate=2,
                                                   lossless=True, timeout=TIMEOUT, progress=states.append)
        self.assertEqual(picture.image[:4], b"\x89PNG")
        self.assertEqual((picture.format, picture.region), ("png", (0, 0, picture.width, picture.height)))
        self.assertGreater(picture.timings_us["total"], 0)
        self.assertEqual(picture.notes, ())
        self.assertTrue(all(isinstance(state, (inpaintd.Queued, inpaintd.Running)) for state in states))

    def test_a_mask_without_alpha_is_refused_where_alpha_was_asked_for(self):
        mask = DEMO / "photo.jpg"  # of the right size, but without alpha
        with self.assertRaises(inpaintd.InpaintError) as refused:
            inpaintd.HttpClient(URL).inpaint(DEMO / "photo.jpg", mask, mask_values="alpha", timeout=TIMEOUT)
        self.assertEqual(refused.exception.code, "bad_request")

    def test_an_error_has_its_code(self):
        with self.assertRaises(inpaintd.InpaintError) as refused:
            inpaintd.HttpClient(URL).inpaint(b"GIF89a", DEMO / "mask.png", timeout=TIMEOUT)
        self.assertEqual((refused.exception.code, refused.exception.retryable), ("unsupported_image", False))
        with self.assertRaises(inpaintd.InpaintError) as unknown:
            inpaintd.HttpClient(URL).inpaint(DEMO / "photo.jpg", DEMO / "mask.png", fether=3)
        self.assertEqual(unknown.exception.code, "bad_request")
        with self.assertRaises(inpaintd.InpaintError) as pixels:
            inpaintd.HttpClient(URL).inpaint(DEMO / "photo.jpg", inpaintd.Rects([(0, 0, 1, 1)]))
        self.assertEqual(pixels.exception.code, "bad_request")

    def test_an_exception_in_progress_cancels_the_task(self):
        class Enough(Exception):
            pass

        cancelled = []

        class Client(inpaintd.HttpClient):
            def cancel(self, task_id):
                super().cancel(task_id)
                cancelled.append(task_id)

        def stop(_):
            raise Enough

        with self.assertRaises(Enough):
            Client(URL).inpaint(DEMO / "photo.jpg", DEMO / "mask.png", feather=7, progress=stop, timeout=TIMEOUT)
        self.assertEqual(len(cancelled), 1)

    def test_without_a_gateway_the_error_says_so(self):
        with self.assertRaises(inpaintd.InpaintError) as failure:
            inpaintd.HttpClient("http://127.0.0.1:1").inpaint(DEMO / "photo.jpg", DEMO / "mask.png")
        self.assertEqual(failure.exception.code, "connection")


unittest.main()
