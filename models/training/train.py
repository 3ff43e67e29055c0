#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Train a small LaMa generator from scratch.

    train.py --data DIR --out DIR --hours 2

DIR/crops.npy comes from prepare.py, DIR/package/ResNet50 from data.sh. The budget is wall-clock time: learning rate and the start of
the adversarial part follow the share of it that is spent. Writes OUT/last.pt (everything, for --resume) every few minutes; export.py
turns its averaged weights into the file that ships.

Several processes train together when started by torchrun (or with RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT set): each takes its
own crops and their gradients are averaged. On a busy CPU two processes of one thread beat one process of two threads.
"""
import argparse
import copy
import math
import os
import time

import cv2
import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn

from details import copy_details
from export import load_generator
from initial import calibrate, fill_smoothly
from lama import Generator
from masks import training_mask
from perceptual import STAGES, ResNetFeatures, distance, normalised
from quick import quick_forward

# Plain L1 in the hole is small, because it would rather have a blur than a texture; L1 of the means of squares holds the colour.
L1_HOLE, ADVERSARIAL, MATCHING = 2.0, 1.0, 10.0
LAST_SHARE = 0.1  # of the last layer's rate of learning, relative to the others'
FIDELITY_SHARE = 0.15  # of L1's gradient on the picture, relative to that of the perceptual distance
L1_COLOUR = {8: 4.0, 32: 3.0, 128: 3.0}  # by the side of the squares
# The critic's gradient on the picture, relative to that of the other terms. A fixed share needs no tuning as the critic grows.
CRITIC_SHARE = 0.4
R1_WEIGHT, R1_EVERY = 5.0, 8


class Discriminator(nn.Module):
    """A PatchGAN: one logit for every 8x8 pixels; also returns its hidden features for feature matching."""

    def __init__(self, width=32):
        super().__init__()
        sizes = [(3, width, 2), (width, 2 * width, 2), (2 * width, 4 * width, 2), (4 * width, 4 * width, 1)]
        self.layers = nn.ModuleList(nn.Conv2d(i, o, 4 if s == 2 else 3, s, 1) for i, o, s in sizes)
        self.last = nn.Conv2d(4 * width, 1, 3, 1, 1)

    def forward(self, x):
        features = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            features.append(x)
        return self.last(x), features


def defocus(image, random):
    """Blurs a part of the picture, or all of it: a close-up's smooth background must not get the texture that a landscape needs."""
    field = cv2.resize(random.uniform(-1.5, 2.5, (4, 4)).astype(np.float32), image.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    blurred = cv2.GaussianBlur(image, (0, 0), random.uniform(1.0, 5.0))
    return image + (blurred - image) * np.clip(field, 0, 1)[..., None]


class Crops:
    """Batches of (image, mask) tensors out of the memory-mapped crops. Detailed crops come more often than flat sky."""

    def __init__(self, folder, seed):
        self.random, self.sets = np.random.default_rng(seed), []
        for full in (256, 512):
            crops = np.load(os.path.join(folder, f"crops-{full}.npy"), mmap_mode="r")
            detail = np.array([np.abs(np.diff(c[::2, ::2, 1].astype(np.int16), axis=0)).mean() for c in crops])
            weights = np.sqrt(detail + 1)
            self.sets.append((full, crops, weights / weights.sum()))

    def batch(self, count, side):
        random = self.random
        full, crops, weights = next(s for s in self.sets if s[0] >= side)
        images, masks = [], []
        for index in random.choice(len(crops), count, p=weights):
            seen = side if random.random() < 0.7 else int(side / random.uniform(1.5, 3.0))
            y, x = random.integers(0, full - seen + 1, 2)
            image = crops[index, y:y + seen, x:x + seen].astype(np.float32) / 255
            if seen < side:  # a close-up: larger and softer shapes
                image = cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC).clip(0, 1)
            if random.random() < 0.5:
                image = image[:, ::-1]
            if random.random() < 0.3:  # other colours than those of landscapes
                image = image[:, :, random.permutation(3)] ** random.uniform(0.7, 1.4, 3).astype(np.float32)
            if random.random() < 0.6:
                image = defocus(image, random)
            images.append(image.transpose(2, 0, 1))
            masks.append(training_mask(side, random)[None].astype(np.float32))
        return torch.from_numpy(np.ascontiguousarray(images)), torch.from_numpy(np.stack(masks))


def share_gradients(network):
    """Averages the gradients of all processes, in one message."""
    if not dist.is_initialized():
        return
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients])):
        gradient.copy_(part.view_as(gradient) / dist.get_world_size())


def even(gradient, mask):
    """A gradient on pictures whose every hole has the same say: no pixel counts more than three times the mean, and no picture more than
    another. One pixel in a hundred holds half of the energy of the features' gradient, and noise in it is what slows the learning.
    """
    size = gradient.square().sum(1, keepdim=True).sqrt()
    mean = size.sum((2, 3), keepdim=True) / mask.sum((2, 3), keepdim=True)
    gradient = gradient * (3 * mean / (size + 1e-12)).clamp(max=1)
    norms = gradient.square().sum((1, 2, 3), keepdim=True).sqrt()
    return gradient / (norms + 1e-12) * 0.5 / len(gradient) ** 0.5


def average(target, source, step):
    """Exponential moving average of weights and BatchNorm buffers, with a horizon that grows with the run."""
    decay = min(0.998, (1 + step) / (10 + step))
    with torch.no_grad():
        for a, b in zip(target.state_dict().values(), source.state_dict().values()):
            if a.dtype.is_floating_point:
                a.lerp_(b, 1 - decay)


class Trainer:
    def __init__(self, options):
        self.options, self.device = options, torch.device(options.device)
        self.generator = Generator(options.ngf, options.blocks)
        self.generator.to(self.device).eval()  # eval: see calibrate()
        self.frozen = fill_smoothly(self.generator)
        if options.details:
            copy_details(self.generator, self.frozen)
        self.averaged = copy.deepcopy(self.generator)
        self.discriminator = Discriminator().to(self.device)
        features = ResNetFeatures(os.path.join(options.data, "package/ResNet50"), options.stages)
        self.features = features.to(self.device, memory_format=torch.channels_last)
        last = list(self.generator.model[-2].parameters())  # what moves here moves every pixel of the smooth fill
        others = [p for p in self.generator.parameters() if all(p is not q for q in last)]
        self.optimise_g = torch.optim.Adam([{"params": others, "share": 1.0}, {"params": last, "share": LAST_SHARE}], betas=(0.9, 0.999))
        self.optimise_d = torch.optim.Adam(self.discriminator.parameters(), options.rate / 4, betas=(0.5, 0.99))
        self.step, self.spent = 0, 0.0

    def parts(self):
        return {k: getattr(self, k) for k in ("generator", "averaged", "discriminator", "optimise_g", "optimise_d")}

    def save(self, path):
        state = {k: v.state_dict() for k, v in self.parts().items()}
        shape = {"ngf": self.options.ngf, "blocks": self.options.blocks}
        torch.save({**state, **shape, "step": self.step, "spent": self.spent}, path + ".new")
        os.replace(path + ".new", path)

    def load(self, path):
        state = torch.load(path, map_location=self.device)
        for name, part in self.parts().items():
            part.load_state_dict(state[name])
        self.step, self.spent = state["step"], state["spent"]

    def begin(self, path):
        weights = load_generator(path).state_dict()
        for part in (self.generator, self.averaged):
            part.load_state_dict(weights)
        if not self.frozen.agree():
            raise SystemExit(f"{path}: was made from another start; give --details or --no-details as for that run, or take a later file")

    def learn(self, image, mask, adversarial):
        """One step of both networks; `adversarial` weighs the critic. Returns the loss terms."""
        image, mask = image.to(self.device), mask.to(self.device)
        predicted = quick_forward(self.generator, image, mask)
        composed = mask * predicted + (1 - mask) * image
        error = composed - image
        share = mask.mean((1, 2, 3))
        terms = {
            "hole": L1_HOLE * (error.abs().mean((1, 2, 3)) / share).mean(),
            "colour": sum(w * (F.avg_pool2d(error, n).abs().mean((1, 2, 3)) / share).mean() for n, w in L1_COLOUR.items()),
            "perceptual": (self.perceptual(image, composed) / share).mean(),
        }
        seen, = torch.autograd.grad(terms["perceptual"], predicted, retain_graph=True)
        held, = torch.autograd.grad(terms["hole"] + terms["colour"], predicted, retain_graph=True)
        gradient = even(seen, mask) + FIDELITY_SHARE * even(held, mask)
        if adversarial > 0:
            judged = self.critic_terms(image, composed)
            push, = torch.autograd.grad(sum(judged.values()), predicted, retain_graph=True)
            gradient = gradient + adversarial * CRITIC_SHARE * gradient.norm() / (push.norm() + 1e-8) * push
            terms.update(judged, critic=self.learn_critic(image, composed.detach(), mask))
        self.optimise_g.zero_grad(set_to_none=True)
        predicted.backward(gradient)
        share_gradients(self.generator)
        nn.utils.clip_grad_norm_(self.generator.parameters(), 5.0)
        self.optimise_g.step()
        self.frozen.apply()
        average(self.averaged, self.generator, self.step)
        return {k: v.item() for k, v in terms.items()}

    def perceptual(self, image, composed):
        """The distance of each picture, on a window at random: the features' grids of 2 to 16 pixels must not show in the fill."""
        y, x = torch.randint(16, (2,)).tolist()
        size = image.shape[2] - 15
        image, composed = (t[:, :, y:y + size, x:x + size].contiguous(memory_format=torch.channels_last) for t in (image, composed))
        with torch.autocast(self.device.type, torch.bfloat16):
            with torch.no_grad():
                target = normalised(self.features(image))
            return distance(self.features, composed, target)

    def critic_terms(self, image, composed):
        """What the critic says of the composed picture: that it is false, and where its features differ from the real one's."""
        with torch.no_grad():
            _, real = self.discriminator(image)
        logits, fake = self.discriminator(composed)
        matching = sum((a - b).abs().mean() for a, b in zip(real, fake)) / len(real)
        return {"adversarial": ADVERSARIAL * F.softplus(-logits).mean(), "matching": MATCHING * matching}

    def learn_critic(self, image, composed, mask):
        """Non-saturating loss. Patches of the composed picture that hold no hole count as real, as in the paper."""
        penalise = self.step % R1_EVERY == 0
        image = image.detach().requires_grad_(penalise)
        real, _ = self.discriminator(image)
        fake, _ = self.discriminator(composed)
        hole = F.adaptive_max_pool2d(mask, fake.shape[2:])
        loss = F.softplus(-real).mean() + (hole * F.softplus(fake) + (1 - hole) * F.softplus(-fake)).mean()
        if penalise:
            slope, = torch.autograd.grad(real.sum(), image, create_graph=True)
            loss = loss + R1_WEIGHT * R1_EVERY / 2 * slope.square().sum((1, 2, 3)).mean() / real[0].numel()
        self.optimise_d.zero_grad(set_to_none=True)
        loss.backward()
        share_gradients(self.discriminator)
        self.optimise_d.step()
        return loss.detach()


def parse():
    arguments = argparse.ArgumentParser(description="Train a small LaMa generator from scratch.")
    add = arguments.add_argument
    add("--data", required=True, help="folder with crops.npy and package/ResNet50")
    add("--out", required=True, help="folder for checkpoints")
    add("--hours", type=float, default=2.0, help="wall-clock budget, resumed time included; 0 writes the start")
    add("--ngf", type=int, default=28)
    add("--blocks", type=int, default=10)
    add("--crop", type=int, nargs="+", default=[256, 256, 384, 512], help="sides (at most 512), one for each step in turn")
    add("--batch", type=int, default=4, help="images of 256x256 for each process; other sides get about as many pixels")
    add("--details", action=argparse.BooleanOptionalAction, default=True, help="texture copied from both sides at the start; as in the file of --begin")
    add("--stages", nargs="+", default=list(STAGES), help="stages of the perceptual network, from conv1 on")
    add("--rate", type=float, default=4e-4, help="of the learning; at 1e-3 and eight crops a step the weights drown in noise")
    add("--adversarial-from", type=float, default=1.0, help="share of the budget after which the critic joins")
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    add("--threads", type=int, default=os.cpu_count())
    add("--seed", type=int, default=1)
    add("--save-minutes", type=float, default=3.0)
    add("--resume", action="store_true", help="go on from OUT/last.pt")
    add("--begin", help="weights to begin with instead of the start, a safetensors file or a checkpoint; give another --seed than that run had")
    return arguments.parse_args()


def main():
    options = parse()
    os.makedirs(options.out, exist_ok=True)
    if "WORLD_SIZE" in os.environ:
        dist.init_process_group("nccl" if options.device.startswith("cuda") else "gloo")
    rank = dist.get_rank() if dist.is_initialized() else 0
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    trainer = Trainer(options)
    last = os.path.join(options.out, "last.pt")
    if options.resume:
        trainer.load(last)
    elif options.begin:
        trainer.begin(options.begin)
    else:
        # All processes draw the same crops here and so begin with the same statistics.
        pictures = Crops(options.data, options.seed).batch(24, 256)
        calibrate(trainer.generator, *(t.to(trainer.device) for t in pictures))
        trainer.averaged.load_state_dict(trainer.generator.state_dict())
    # A resumed run draws other crops than the ones it has seen; so does every process.
    crops = Crops(options.data, options.seed + trainer.step + 1000000 * rank)

    budget, began, saved, shown = options.hours * 3600, time.time() - trainer.spent, time.time(), {}
    while True:
        # The first process has the clock, so that all take the same step.
        order = torch.tensor([time.time() - began], dtype=torch.float64, device=trainer.device)
        if dist.is_initialized():
            dist.broadcast(order, 0)
        trainer.spent = order.item()
        share = trainer.spent / budget if budget else 1.0
        if share >= 1:
            break
        side = options.crop[trainer.step % len(options.crop)]
        warm = min(1.0, (trainer.step + 1) / 100)
        for group in trainer.optimise_g.param_groups:
            group["lr"] = group["share"] * options.rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))
        # The critic's part grows over a tenth of the budget, so that it does not hit an unprepared generator.
        adversarial = min(1.0, max(0.0, (share - options.adversarial_from) / 0.1))
        count = max(1, round(options.batch * (256 / side) ** 2))
        terms = trainer.learn(*crops.batch(count, side), adversarial)
        trainer.step += 1
        if rank != 0:
            continue
        for name, value in terms.items():
            shown.setdefault(name, []).append(value)
        if trainer.step % 20 == 0:
            text = " ".join(f"{k} {np.mean(v):.4f}" for k, v in shown.items())
            shown = {}
            minutes = f"{trainer.spent / 60:.1f} min, {(budget - trainer.spent) / 60:.1f} left"
            print(f"step {trainer.step} {minutes}: {text}", flush=True)
        if time.time() - saved > 60 * options.save_minutes:
            trainer.save(last)
            saved = time.time()
    if rank == 0:
        trainer.save(last)


if __name__ == "__main__":
    main()
