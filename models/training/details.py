# SPDX-License-Identifier: Apache-2.0
"""Starting weights that copy texture into the holes, on top of initial.py's smooth fill.

The luma of every 8x8 cell without a hole pixel is described by the lowest frequencies of a cosine transform; a cell with one counts as
flat. Two copies of these details travel, one from the right and one from the left, two cells in each block but the last FINE_BLOCKS. Every
HOP cells, those cells that are still empty take what has arrived, so that a wide hole is tiled from its sides to its middle. Meanwhile the
amplitude of the details, the sum of their sizes, spreads into the holes, and the last block cuts what was taken to what is usual at that
amplitude: a watermark on a smooth background must not get the texture of what is beside it. The decoder adds it to the smooth fill. What
is learned can weigh it, and add to it; only the rows that read, move, take, spread and cut stay.
"""
import math

import torch

from initial import CLOSED, COARSE, COARSE_ROWS, FINE_BLOCKS, GLOBAL, HALF, KNOTS, KNOWN, LOCAL, LUMA, SMOOTHING, Rows, open_up, signs
from lama import residual_blocks, transposed

COUNT, HOP = 12, 4
GAIN = 0.75  # where both copies are texture, their sum has about the strength of one
LIMIT = 1.0  # a coefficient beyond it is cut off while it moves
# Each coefficient's usual share of the amplitude, in photographs; and how many times that much a cell may have.
SHARES = (0.092, 0.108, 0.098, 0.083, 0.104, 0.083, 0.089, 0.063, 0.068, 0.092, 0.055, 0.064)
USUAL = 2.5
# Global channels that travel: COUNT coefficients and a 1 for a cell that has them, from the right plus and minus, from the left plus and
# minus. Those that are taken: coefficients plus and minus, and how many copies they are of.
FIRST, EACH = GLOBAL, COUNT + 1
STATE = slice(FIRST, FIRST + 4 * EACH)
TAKEN_PLUS, TAKEN_MINUS, FILLED = STATE.stop, STATE.stop + COUNT, STATE.stop + 2 * COUNT
TAKEN = slice(TAKEN_PLUS, FILLED + 1)
# Local channels inside a block: what travels, one cell further on; FILLED.
MOVED, FULL = slice(COARSE_ROWS, COARSE_ROWS + 2 * EACH), COARSE_ROWS + 2 * EACH
# The amplitude: a local channel while it spreads, a global one for the cut. Inside a block: its sum in the first one; its mean over 3x3
# cells, itself, and a flag for cells without hole pixels, all global; itself, local; and what the last block cuts off.
SPREAD, AMPLITUDE, SUM, MEAN, SAME, WHOLE, HANDED = LOCAL, TAKEN.stop, FULL + 1, 38, 39, 40, LOCAL
CUT = slice(38, 38 + 2 * COUNT)
STEP = 1.6  # of the spreading
# Channels of the encoder and the decoder that hold pixels: 2x2 after the second layer, 4x4 after the third and (plus and minus) on the way up.
TWO, FOUR, FOUR_PLUS, FOUR_MINUS, TWO_PLUS, TWO_MINUS = HALF, 19, 14, 30, 6, 10


def patterns():
    """[(cosine pattern [8, 8], its weight, what the last layer's smoothing leaves of it)].

    The five lowest weigh less, because the smooth fill has most of what they show.
    """
    def wave(n):
        return math.sqrt((2 - (n == 0)) / 8) * torch.cos(math.pi * n * (2 * torch.arange(8) + 1) / 16)

    def response(n):
        return (wave(n) * torch.conv1d(wave(n).view(1, 1, 8), SMOOTHING.view(1, 1, 3), padding=1).flatten()).sum()
    numbers = sorted(((a, b) for a in range(8) for b in range(8) if a + b > 0), key=lambda n: n[0] ** 2 + n[1] ** 2)
    weights = [0.3] * 2 + [0.7] * 3 + [1.0] * (COUNT - 5)
    return [(torch.outer(wave(a), wave(b)), w, response(a) * response(b)) for (a, b), w in zip(numbers, weights)]


def travelling():
    """(number, side, channel, sign) of every channel of STATE; number COUNT is the flag."""
    for side in range(2):
        for k in range(EACH):
            yield k, side, FIRST + 2 * EACH * side + k, 1
            yield k, side, FIRST + 2 * EACH * side + EACH + k, -1


def taps(side):
    """(number, row, column) of the pixels of a square; an even and an odd pixel of a layer with stride 2 are its taps 1 and 2."""
    return [(side * y + x, y, x) for y in range(side) for x in range(side)]


def quarters(pattern):
    """(tap row, tap column, the pattern's 16 values there) of each 4x4 quarter."""
    return [(1 + y, 1 + x, pattern[4 * y:4 * y + 4, 4 * x:4 * x + 4].flatten()) for _, y, x in taps(2)]


def read(layers, frozen):
    half, quarter, enter = layers[2], layers[3], layers[4]
    two = Rows(half.bn_l, slice(TWO, TWO + 4), [half.ffc.convl2l], frozen)
    for i, y, x in taps(2):
        half.ffc.convl2l.weight[TWO + i, :3, 1 + y, 1 + x] = torch.tensor(LUMA)
    four = Rows(quarter.bn_l, slice(FOUR, FOUR + 16), [quarter.ffc.convl2l], frozen)
    for i, y, x in taps(4):
        quarter.ffc.convl2l.weight[FOUR + i, TWO + y % 2 * 2 + x % 2, 1 + y // 2, 1 + x // 2] = 1
    state = Rows(enter.bn_g, STATE, [enter.ffc.convl2g], frozen)
    described = patterns()
    enter.bn_g.bias[STATE] = -4 * CLOSED
    for k, _, row, sign in travelling():
        enter.ffc.convl2g.weight[row, 3, 1:, 1:] = CLOSED  # channel 3 is 1 for a quarter that is known
        if k == COUNT:
            enter.bn_g.bias[row] += sign
            continue
        pattern, weight, _ = described[k]
        for y, x, values in quarters(pattern):
            enter.ffc.convl2g.weight[row, FOUR:FOUR + 16, y, x] = sign * weight * values
    for rows in (two, four, state):
        rows.freeze()


def ahead(side):
    """The tap from which the copies of this side come."""
    return (2, 0)[side]


def move(block, takes, frozen):
    """A block adds what makes (plus - minus) the value of two cells further on, and gives it to empty cells if it `takes`."""
    one, two = block.conv1, block.conv2
    moved = Rows(one.bn_l, MOVED, [one.ffc.convl2l, one.ffc.convg2l], frozen)
    full = Rows(one.bn_l, slice(FULL, FULL + 1), [one.ffc.convl2l, one.ffc.convg2l], frozen)
    state = Rows(two.bn_g, STATE, [two.ffc.convl2g, two.ffc.convg2g.conv2], frozen)
    taken = Rows(two.bn_g, TAKEN, [two.ffc.convl2g, two.ffc.convg2g.conv2], frozen)
    one.bn_l.bias[MOVED] = LIMIT
    one.ffc.convg2l.weight[FULL, FILLED, 1, 1] = 1
    for k, side, row, sign in travelling():
        inner = MOVED.start + EACH * side + k
        one.ffc.convg2l.weight[inner, row, 1, ahead(side)] = sign
        two.ffc.convl2g.weight[row, inner, 1, ahead(side)] = sign
        two.ffc.convl2g.weight[row, inner, 1, ahead(1 - side)] = -sign
        if takes and (k < COUNT or sign > 0):
            gain, to = (GAIN * sign, (TAKEN_PLUS, TAKEN_MINUS)[sign < 0] + k) if k < COUNT else (1, FILLED)
            two.ffc.convl2g.weight[to, inner, 1, ahead(side)] = gain
            two.ffc.convl2g.weight[to, FULL, 1, 1] = -CLOSED
            two.bn_g.bias[to] -= gain * LIMIT
    for rows in (moved, full, state, taken):
        rows.freeze()


def keep(block, frozen):
    """A block leaves what was taken as it is: what is learned here could show in every cell alike, as a grid."""
    Rows(block.conv2.bn_g, TAKEN, [block.conv2.ffc.convl2g, block.conv2.ffc.convg2g.conv2], frozen).freeze()


def gather(block, frozen):
    """The first block adds the sizes of the details up."""
    one, two = block.conv1, block.conv2
    inner = Rows(one.bn_l, slice(SUM, SUM + 1), [one.ffc.convl2l, one.ffc.convg2l], frozen)
    outer = Rows(two.bn_l, slice(SPREAD, SPREAD + 1), [two.ffc.convl2l, two.ffc.convg2l], frozen)
    for start in (FIRST, FIRST + EACH):
        one.ffc.convg2l.weight[SUM, start:start + COUNT, 1, 1] = 1
    two.ffc.convl2l.weight[SPREAD, SUM, 1, 1] = 1
    inner.freeze()
    outer.freeze()


def spread(block, frozen):
    """In cells that a hole touches, the amplitude rises towards the mean of its neighbours; it begins at zero there."""
    one, two = block.conv1, block.conv2
    inner = Rows(one.bn_g, slice(MEAN, WHOLE + 1), [one.ffc.convl2g, one.ffc.convg2g.conv2], frozen)
    outer = Rows(two.bn_l, slice(SPREAD, SPREAD + 1), [two.ffc.convl2l, two.ffc.convg2l], frozen)
    one.ffc.convl2g.weight[MEAN, SPREAD] = 1 / 9
    one.ffc.convl2g.weight[SAME, SPREAD, 1, 1] = 1
    one.ffc.convl2g.weight[WHOLE, KNOWN, 1, 1] = 1
    one.bn_g.bias[WHOLE] = -3
    two.ffc.convg2l.weight[SPREAD, MEAN] = STEP / 9
    two.ffc.convg2l.weight[SPREAD, SAME, 1, 1] = -STEP
    two.ffc.convg2l.weight[SPREAD, WHOLE, 1, 1] = -CLOSED
    inner.freeze()
    outer.freeze()


def hand_over(block, frozen, last):
    """Keeps the global channel of the amplitude empty until the block before the last one fills it."""
    one, two = block.conv1, block.conv2
    outer = Rows(two.bn_g, slice(AMPLITUDE, AMPLITUDE + 1), [two.ffc.convl2g, two.ffc.convg2g.conv2], frozen)
    if last:
        inner = Rows(one.bn_l, slice(HANDED, HANDED + 1), [one.ffc.convl2l, one.ffc.convg2l], frozen)
        one.ffc.convl2l.weight[HANDED, SPREAD, 1, 1] = 1
        two.ffc.convl2g.weight[AMPLITUDE, HANDED, 1, 1] = 1
        inner.freeze()
    outer.freeze()


def pointwise(layer, rows, frozen):
    """The first 2 COUNT squeezed channels of an FFC layer's spectral transform, kept out of its Fourier unit, as rows of the output.

    Returns the weights [2 COUNT, inputs] in front of their ReLU, those [2 COUNT, 2 COUNT] behind it, and the rows to freeze.
    """
    transform, count = layer.ffc.convg2g, 2 * COUNT
    squeeze, norm = transform.conv1[0], transform.conv1[1]
    parts = [Rows(norm, slice(count), [squeeze], frozen),
             Rows(transform.fu.bn, slice(2 * count), [transform.fu.conv_layer], frozen),
             Rows(layer.bn_g, rows, [layer.ffc.convl2g, transform.conv2], frozen)]
    return squeeze.weight[:count, :, 0, 0], transform.conv2.weight[rows, :count, 0, 0], parts


def cut(block, frozen):
    """What was taken beyond the usual goes into the channel of the other sign."""
    beyond, inner, parts = pointwise(block.conv1, CUT, frozen)
    passed, outer, more = pointwise(block.conv2, slice(TAKEN_PLUS, FILLED), frozen)
    number = torch.arange(2 * COUNT)
    other = number.roll(COUNT)
    beyond[number, TAKEN_PLUS + number] = 1
    beyond[number, TAKEN_PLUS + other] = -1
    beyond[:, AMPLITUDE] = -USUAL * torch.tensor(SHARES).repeat(2)
    inner[number, number] = 1
    passed[number, CUT.start + number] = 1
    outer[number, other] = 1
    for rows in parts + more:
        rows.freeze()


def write(layers):
    ups = transposed(layers)
    for (convolution, norm), rows in zip(ups, (slice(FOUR_PLUS, FOUR_MINUS + 16), slice(TWO_PLUS, TWO_MINUS + 4))):
        open_up(convolution, norm, rows)
    eighth, quarter, half = (convolution.weight for convolution, _ in ups)  # [in, out, row, column]
    local, described = layers[4].bn_l.num_features, patterns()
    for k, (pattern, _, response) in enumerate(described):
        for y, x, values in quarters(pattern / response):
            for row, sign in signs((TAKEN_PLUS + k, TAKEN_MINUS + k)):
                eighth[local + row, FOUR_PLUS:FOUR_PLUS + 16, y, x] = sign * values
                eighth[local + row, FOUR_MINUS:FOUR_MINUS + 16, y, x] = -sign * values
    for i, y, x in taps(4):
        for row, sign in ((TWO_PLUS, 1), (TWO_MINUS, -1)):
            row += y % 2 * 2 + x % 2
            quarter[FOUR_PLUS + i, row, 1 + y // 2, 1 + x // 2] = sign
            quarter[FOUR_MINUS + i, row, 1 + y // 2, 1 + x // 2] = -sign
    for i, y, x in taps(2):
        for plus, minus in COARSE.pairs:
            for number in range(len(KNOTS[0])):
                for row, sign in signs((plus, minus)):
                    half[TWO_PLUS + i, row + 6 * number, 1 + y, 1 + x] = sign
                    half[TWO_MINUS + i, row + 6 * number, 1 + y, 1 + x] = -sign


@torch.no_grad()
def copy_details(generator, frozen):
    """Sets the channels above in a generator that fill_smoothly() has set; the rows that must stay go to `frozen`."""
    layers = generator.model
    blocks = residual_blocks(layers)
    read(layers, frozen)
    for number, block in enumerate(blocks[:-FINE_BLOCKS]):  # in the others the local channels inside are all taken
        move(block, (number + 1) % (HOP // 2) == 0, frozen)
    for block in blocks[-FINE_BLOCKS:]:
        block.conv2.bn_g.weight[STATE] = 0  # adds nothing to them until it has learned to
    for block in blocks[-FINE_BLOCKS:-1]:
        keep(block, frozen)
    enter = layers[4]
    for rows in (Rows(enter.bn_l, slice(SPREAD, SPREAD + 1), [enter.ffc.convl2l], frozen),
                 Rows(enter.bn_g, slice(TAKEN.start, AMPLITUDE + 1), [enter.ffc.convl2g], frozen)):
        rows.freeze()  # empty until the blocks fill them
    gather(blocks[0], frozen)
    for block in blocks[1:-1]:
        spread(block, frozen)
    for block in blocks:
        hand_over(block, frozen, block is blocks[-2])
    cut(blocks[-1], frozen)
    write(layers)
