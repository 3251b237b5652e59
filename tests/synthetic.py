"""Trajectories with known laws, made with NumPy alone."""

import numpy as np

from langevin.types import Status, Trajectory


def record(states, times, *, observables=None, events=None, meta=None, status=Status.FINISHED):
    """A trajectory from states (chains, draws, dim) and times, with a time step of 1e-5."""
    chains = states.shape[0]
    steps = np.round(np.asarray(times) / 1e-5).astype(np.int64)
    default = {
        "status": np.full(chains, status, dtype=np.int8),
        "step": np.full(chains, steps[-1]),
        "time": np.full(chains, float(times[-1])),
    }
    return Trajectory(
        times=np.asarray(times, dtype=float),
        steps=steps,
        states=states,
        observables=observables or {},
        events={**default, **(events or {})},
        meta={"arrival": "start", "seed": 0, **(meta or {})},
    )


def brownian(chains=200, draws=101, dim=2, theta=1.0, seed=0, times=None, **kwargs):
    """Free diffusion dX = sqrt(2 theta) dW: mean squared displacement 2 dim theta t, exponent 1."""
    generator = np.random.default_rng(seed)
    times = np.linspace(0, 1, draws) if times is None else np.asarray(times)
    sizes = np.sqrt(2 * theta * np.diff(times))[None, :, None]
    steps = sizes * generator.standard_normal((chains, len(times) - 1, dim))
    states = np.concatenate([np.zeros((chains, 1, dim)), np.cumsum(steps, axis=1)], axis=1)
    return record(states, times, **kwargs)


def ballistic(chains=50, draws=101, dim=2, seed=0, **kwargs):
    """Motion at a constant velocity, drawn for each walker: exponent 2."""
    velocity = np.random.default_rng(seed).standard_normal((chains, 1, dim))
    times = np.linspace(0, 1, draws)
    return record(velocity * times[None, :, None], times, **kwargs)


def arrivals(times, cutoff=np.inf, **events):
    """First passages at `times`, those later than `cutoff` censored there."""
    times = np.asarray(times, dtype=float)
    hit = times <= cutoff
    ends = np.where(hit, times, cutoff)
    status = np.where(hit, Status.HIT, Status.CENSORED).astype(np.int8)
    events = {"status": status, "time": ends, "step": np.round(ends / 1e-3).astype(np.int64), **events}
    return record(
        np.zeros((len(times), 2, 1)), [0.0, float(ends.max())], events=events, meta={"arrival": None}
    )


def passages(distances, force, seed=0):
    """Steps (walkers,) in which walks with kicks of +-1 and a force reach their distances from a wall at 0.

    Without a force the mean is about the square of the distance, with one it is distance / force.
    """
    generator = np.random.default_rng(seed)
    place, found, step = np.zeros(len(distances)), np.full(len(distances), np.inf), 0
    while (walking := np.isinf(found)).any():
        step += 1
        place = np.abs(place + force + generator.choice([-1.0, 1.0], len(place)))
        found[walking & (place >= distances)] = step
    return found
