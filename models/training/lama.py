# SPDX-License-Identifier: Apache-2.0
"""The LaMa generator (Suvorov et al., 2021, arXiv:2109.07161) with the tensor names of the published big-lama weights.

The network is one nn.Sequential called `model`, so that a state_dict reads `model.5.conv1.ffc.convl2l.weight` and so on. big-lama
is Generator(ngf=64, blocks=18).
"""
import torch
import torch.nn.functional as F
from torch import nn


class FourierUnit(nn.Module):
    """A 1x1 convolution over the spectrum: every output pixel sees the whole map."""

    def __init__(self, channels):
        super().__init__()
        self.conv_layer = nn.Conv2d(2 * channels, 2 * channels, 1, bias=False)
        self.bn = nn.BatchNorm2d(2 * channels)

    def forward(self, x):
        batch, channels, height, width = x.shape
        spectrum = torch.view_as_real(torch.fft.rfft2(x, norm="ortho"))  # [b, c, h, w/2+1, 2]
        # Real and imaginary parts alternate along the channels: re0, im0, re1, im1, ...
        planes = spectrum.permute(0, 1, 4, 2, 3).reshape(batch, 2 * channels, height, width // 2 + 1)
        planes = F.relu(self.bn(self.conv_layer(planes)))
        planes = planes.view(batch, channels, 2, height, width // 2 + 1).permute(0, 1, 3, 4, 2).contiguous()
        # The spectrum is no longer Hermitian, so irfft2 would mean different things on different devices. Two steps pin it: complex
        # along H, then complex-to-real along W.
        columns = torch.fft.ifft(torch.view_as_complex(planes), dim=-2, norm="ortho")
        return torch.fft.irfft(columns, n=width, dim=-1, norm="ortho")


class SpectralTransform(nn.Module):
    def __init__(self, channels):
        super().__init__()
        half = channels // 2
        self.conv1 = nn.Sequential(nn.Conv2d(channels, half, 1, bias=False), nn.BatchNorm2d(half), nn.ReLU())
        self.fu = FourierUnit(half)
        self.conv2 = nn.Conv2d(half, channels, 1, bias=False)

    def forward(self, x):
        x = self.conv1(x)
        return self.conv2(x + self.fu(x))


def conv3(inputs, outputs, stride=1):
    return nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False, padding_mode="reflect")


class FFC(nn.Module):
    """A fast Fourier convolution from (local, global) channels to (local, global) channels; either input or output may be empty."""

    def __init__(self, inputs, outputs, stride=1, first=None):
        super().__init__()
        (in_local, in_global), (out_local, out_global) = inputs, outputs
        self.convl2l = first or conv3(in_local, out_local, stride)
        self.convl2g = conv3(in_local, out_global, stride) if out_global else None
        self.convg2l = conv3(in_global, out_local) if in_global else None
        self.convg2g = SpectralTransform(in_global) if in_global else None

    def forward(self, x):
        local, glob = x
        out_local = self.convl2l(local)
        out_global = self.convl2g(local) if self.convl2g is not None else None
        if self.convg2g is not None:
            out_local = out_local + self.convg2l(glob)
            out_global = out_global + self.convg2g(glob)
        return out_local, out_global


class FFCBnRelu(nn.Module):
    def __init__(self, inputs, outputs, stride=1, first=None):
        super().__init__()
        self.ffc = FFC(inputs, outputs, stride, first)
        self.bn_l = nn.BatchNorm2d(outputs[0])
        self.bn_g = nn.BatchNorm2d(outputs[1]) if outputs[1] else None

    def forward(self, x):
        local, glob = self.ffc(x if isinstance(x, tuple) else (x, None))
        return F.relu(self.bn_l(local)), F.relu(self.bn_g(glob)) if self.bn_g is not None else None


class ResnetBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = FFCBnRelu(channels, channels)
        self.conv2 = FFCBnRelu(channels, channels)

    def forward(self, x):
        local, glob = self.conv2(self.conv1(x))
        return x[0] + local, x[1] + glob


def residual_blocks(layers):
    return [layer for layer in layers if isinstance(layer, ResnetBlock)]


def transposed(layers):
    """The decoder's (transposed convolution, BatchNorm), from the smallest map on."""
    return [(layer, layers[i + 1]) for i, layer in enumerate(layers) if isinstance(layer, nn.ConvTranspose2d)]


class Concat(nn.Module):
    def forward(self, x):
        return torch.cat(x, 1)


class Generator(nn.Module):
    """Fills holes: (image [b,3,h,w] in 0..1, mask [b,1,h,w] with 1 = hole) -> [b,3,h,w] in 0..1. h and w are multiples of 8.

    The output is the network's own picture; the caller keeps the known pixels.
    """

    def __init__(self, ngf=64, blocks=18):
        super().__init__()
        deep = (2 * ngf, 6 * ngf)  # a quarter local, three quarters global
        layers = [
            nn.ReflectionPad2d(3),
            FFCBnRelu((4, 0), (ngf, 0), first=nn.Conv2d(4, ngf, 7, bias=False)),
            FFCBnRelu((ngf, 0), (2 * ngf, 0), 2),
            FFCBnRelu((2 * ngf, 0), (4 * ngf, 0), 2),
            FFCBnRelu((4 * ngf, 0), deep, 2),
        ]
        layers += [ResnetBlock(deep) for _ in range(blocks)]
        layers += [Concat()]
        for channels in (8 * ngf, 4 * ngf, 2 * ngf):
            layers += [
                nn.ConvTranspose2d(channels, channels // 2, 3, 2, 1, 1),
                nn.BatchNorm2d(channels // 2),
                nn.ReLU(),
            ]
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(ngf, 3, 7), nn.Sigmoid()]
        self.model = nn.Sequential(*layers)

    def forward(self, image, mask):
        return self.model(torch.cat([image * (1 - mask), mask], 1))
