"""Synthetic runs of processes whose law is known exactly, made with NumPy alone."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from langevin.types import Status
from tests.synthetic import arrivals, brownian, record

GAP = 0.2  # time between frames; the relaxation time is 1, theta = 1, omega = 1 where there is rotation
MEMORY = math.exp(-GAP)
TO, FRO = 0.03, 0.05  # chances that the telegraph enters and leaves the region, a frame
AGAIN = TO / (TO + FRO)  # the share of time in it
FROM = {"first_time": 0.0}
THETA = 0.7  # where a temperature is required


def frames(states, gap=GAP):
    return record(states, gap * np.arange(states.shape[1]))


def rotating(generator, walkers=20, draws=400, omega=0.0, gap=GAP):
    """Stationary dX = -X dt + omega J X dt + sqrt(2) dW in the plane, exact at any gap; omega 0: two OU."""
    noise = generator.standard_normal((draws, walkers, 2)) @ np.array([1, 1j])
    memory, kick = np.exp((1j * omega - 1) * gap), math.sqrt(1 - math.exp(-2 * gap))
    place = np.empty_like(noise)
    place[0] = noise[0]
    for frame in range(1, draws):
        place[frame] = memory * place[frame - 1] + kick * noise[frame]
    return frames(np.stack([place.real, place.imag], axis=2).swapaxes(0, 1), gap)


def telegraph(generator, walkers=20, draws=400, start=AGAIN):
    """0 and 1 in turn, `start` the chance of 1 at first; jumps with the chances TO and FRO a frame."""
    uniforms = generator.random((draws, walkers))
    state = np.empty((draws, walkers), dtype=bool)
    state[0] = uniforms[0] < start
    for frame in range(1, draws):
        state[frame] = state[frame - 1] ^ (uniforms[frame] < np.where(state[frame - 1], FRO, TO))
    return frames(state.T[:, :, None].astype(float))


def heated(run):
    return replace(run, meta={**run.meta, "temperature": THETA})


def pushed(generator, walkers=50, draws=11):
    run = brownian(walkers, draws, seed=generator)
    return replace(run, states=run.states + 0.5 * run.times[None, :, None])


def exponential(generator, walkers=200, cutoff=math.inf):
    return arrivals(generator.exponential(1.0, walkers), cutoff)


def stages(generator, walkers=200):
    """Waits of two exponential stages, of the means 1 and 1/2."""
    return arrivals(generator.exponential(1.0, walkers) + generator.exponential(0.5, walkers))


def watched(generator, walkers=200):
    """Exponential waits, each walker watched for a time of its own, up to 3."""
    return arrivals(generator.exponential(1.0, walkers), generator.uniform(0.0, 3.0, walkers))


def caught(generator, walkers=200):
    """A fifth of the walkers ends in target 1, the others in target 0."""
    target = (generator.random(walkers) < 0.2).astype(int)
    return arrivals(np.ones(walkers), target=target, status=np.full(walkers, Status.HIT, dtype=np.int8))


def x(states):
    return states[:, 0]


def y(states):
    return states[:, 1]


def inside(states):
    return states[:, 0] > 0.5
