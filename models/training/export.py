#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn a training checkpoint into the weights file that ships (safetensors, fp16), or into a TorchScript module.

    export.py OUT/last.pt default.safetensors
    export.py default.safetensors default.pt --torchscript
"""
import argparse
import datetime
import json
import struct

import numpy as np
import torch

from lama import Generator

METADATA = {"format": "pt", "architecture": "lama", "licence": "Apache-2.0, see CREDITS.md"}


def write_safetensors(path, tensors, metadata):
    """tensors: name -> torch tensor. The header is padded with spaces so that the data starts at a multiple of 8 bytes."""
    header, at, blobs = {"__metadata__": metadata}, 0, []
    for name, tensor in tensors.items():
        blob = tensor.to(torch.float16).contiguous().numpy().tobytes()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [at, at + len(blob)]}
        at += len(blob)
        blobs.append(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def read_safetensors(path):
    """name -> float32 tensor, from a file of F16 or F32 tensors."""
    data = open(path, "rb").read()
    size, = struct.unpack("<Q", data[:8])
    tensors = {}
    for name, entry in json.loads(data[8:8 + size]).items():
        if name == "__metadata__":
            continue
        begin, end = (8 + size + at for at in entry["data_offsets"])
        kind = {"F16": np.float16, "F32": np.float32}[entry["dtype"]]
        tensors[name] = torch.from_numpy(np.frombuffer(data[begin:end], kind).astype(np.float32).reshape(entry["shape"]))
    return tensors


def load_generator(path):
    """A generator in eval mode from a checkpoint (its averaged weights) or a safetensors file. Its size is read from the tensors."""
    if path.endswith(".safetensors"):
        tensors = read_safetensors(path)
    else:
        tensors = torch.load(path, map_location="cpu")["averaged"]
    ngf = tensors["model.1.ffc.convl2l.weight"].shape[0]
    blocks = sum(name.endswith(".conv1.ffc.convl2l.weight") for name in tensors)
    generator = Generator(ngf, blocks).eval()
    missing, unexpected = generator.load_state_dict(tensors, strict=False)
    if unexpected or any(not name.endswith("num_batches_tracked") for name in missing):
        raise SystemExit(f"{path}: missing {missing}, unexpected {unexpected}")
    return generator


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("source", help="checkpoint or safetensors file")
    arguments.add_argument("target")
    arguments.add_argument("--torchscript", action="store_true", help="write a traced module: forward(image, mask)")
    options = arguments.parse_args()

    generator = load_generator(options.source)
    if options.torchscript:
        example = torch.rand(1, 3, 64, 64), (torch.rand(1, 1, 64, 64) > 0.5).float()
        torch.jit.trace(generator, example, check_trace=False).save(options.target)
        return
    tensors = {k: v for k, v in generator.state_dict().items() if not k.endswith("num_batches_tracked")}
    steps = "?" if options.source.endswith(".safetensors") else torch.load(options.source, map_location="cpu")["step"]
    # Names sorted, so that two exports of one checkpoint on one day are the same file.
    metadata = {**METADATA, "trained": f"{steps} steps, {datetime.date.today().isoformat()}"}
    write_safetensors(options.target, dict(sorted(tensors.items())), metadata)


if __name__ == "__main__":
    main()
