"""`langevin check` detects wrong walls: a bounce that clips, reverses or leaks, and a start outside."""

import dataclasses

import numpy as np
import pytest

from langevin.manifolds import chambers, channel, perceptron
from langevin.types import Landscape
from tests.landscapes.walks import failures

SIDE = 1.0


def strip(bounce, walls=None):
    """The slab 0 <= x_0 <= 1 of the plane with user-defined walls."""
    return Landscape(
        name="strip", dim=2, codim=0, parameters=(SIDE,), start=lambda uniforms, temperature: uniforms,
        stiffness=lambda temperature: 0.0, bounce=bounce, walls=walls,
    )  # fmt: skip


def beyond_strip(x, out, parameters):
    (side,) = parameters
    for lane in range(x.shape[1]):
        out[lane] = max(-x[0, lane], x[0, lane] - side)


def mirror(x, before, parameters):
    (side,) = parameters
    x[0] = np.abs(x[0] - 2.0 * side * np.rint(0.5 * x[0] / side))


def turn_back(x, before, parameters):
    """The remaining path is reversed at the wall: this is not a mirror, but the law is still correct."""
    out = (x[0] < 0.0) | (x[0] > SIDE)
    wall = np.where(x[0] < 0.0, 0.0, SIDE)
    way = x - before
    part = (wall - before[0]) / np.where(way[0] == 0.0, 1.0, way[0])
    x[:] = np.where(out & (np.abs(way[0]) < 0.5), before + (2.0 * part - 1.0) * way, x)
    mirror(x, before, parameters)


def clip(x, before, parameters):
    x[0] = np.clip(x[0], 0.0, SIDE)


def sticky(x, before, parameters):
    """The mirror image, but half as far from the wall."""
    out = (x[0] < 0.0) | (x[0] > SIDE)
    mirror(x, before, parameters)
    x[0] = np.where(out, np.where(x[0] < 0.5, 0.5 * x[0], 0.5 * (1.0 + x[0])), x[0])


def leaky(x, before, parameters):
    """A mirror a tenth beyond the wall."""
    x[0] = np.abs(x[0] + 0.1 - 2.4 * np.rint((x[0] + 0.1) / 2.4)) - 0.1


def shaky(x, before, parameters):
    """A mirror that moves free walkers too."""
    mirror(x, before, parameters)
    x[1] += 1e-3


def nothing(x, before, parameters):
    """No walls at all."""


def lost(x, before, parameters):
    x[0] = np.where(x[0] > SIDE, np.nan, np.abs(x[0]))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("walls", [None, beyond_strip])
def test_a_mirror_passes(seed, walls):
    assert failures(strip(mirror, walls), seed) == set()


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(
    "made", [chambers(), chambers(4, 1.0, 1.0, 0.3, 0.0), channel(), channel(3, amplitude=1.0, narrows=3)],
    ids=["channel between", "hole between", "narrow", "narrows"],
)  # fmt: skip
def test_the_built_in_walls_pass(made, seed):
    assert failures(made, seed) == set()


@pytest.mark.parametrize(
    ("bounce", "walls", "expected"),
    [
        (clip, beyond_strip, "bounce of the reversed kick"),
        (sticky, beyond_strip, "bounce of the reversed kick"),
        (leaky, beyond_strip, "bounce ends inside"),
        (shaky, beyond_strip, "bounce of a free way"),
        (shaky, None, "bounce ends inside"),
        (lost, beyond_strip, "bounce ends inside"),
        (nothing, beyond_strip, "bounce"),
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_broken_walls_are_caught(bounce, walls, expected, seed):
    assert expected in failures(strip(bounce, walls), seed)


def test_ways_that_turn_back_are_no_mirror_but_keep_the_law():
    assert failures(strip(turn_back, beyond_strip)) == set()


@pytest.mark.parametrize("made", [perceptron(4, 6), chambers(), channel()])
def test_a_start_beyond_the_walls_is_caught(made):
    outside = dataclasses.replace(
        made, start=lambda uniforms, temperature: made.start(uniforms, temperature) * -3.0
    )
    assert "start within the walls" in failures(outside)
