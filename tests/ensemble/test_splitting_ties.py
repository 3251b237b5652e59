"""A lattice in a cube's corner, exactly solvable in every dimension: scores are whole numbers, so ties are common."""

import math
from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import theory
from langevin.ensemble import splitting_rounds
from langevin.ensemble.splitting_rounds import first_above, survivors
from langevin.types import Integrator, Noise, Rows
from tests.engine import split

pytestmark = pytest.mark.statistical


def build(landscape):
    def hop(x, noise, previous, work, memory, status, dt, temperature, parameters):
        dim = x.shape[0]
        for lane in range(x.shape[1]):
            memory[0, lane] += 1.0  # an age, which has no effect
            chosen = 0
            for bit in range(dim):
                if 2**bit < dim and noise[dim + bit, lane] > 0:
                    chosen += 2**bit
            place = x[chosen, lane] + noise[0, lane]
            if 0.0 < place < parameters[0][chosen]:
                x[chosen, lane] = place

    return hop


def minus_sum(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 0.0
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[lane] -= x[i, lane]


def lattice(dim, sites, level, **changes):
    """At every step one of `dim` coordinates (a power of 2) moves to a neighbour of `sites`; with the exact mean."""
    body = langevin.manifolds.cube(dim=dim, fraction=1.0 / sites, side=float(sites))
    body = replace(body, start=lambda uniforms, temperature: np.floor(uniforms * sites) + 0.5)
    hops = Integrator(
        "hop", "reflected", 1.0, build, lambda landscape: Rows(), noise=Noise.TWO_POINT,
        extra_noise=int(math.log2(dim)), gaussian_steps=False,
    )  # fmt: skip
    found = split(
        langevin.Problem(body, 1.0, "reflected"), hops,
        **{"dt": 1.0, "score": minus_sum, "origin": level, "correction": "none", "seed": 3, "threads": 2} | changes,
    )  # fmt: skip
    exact = theory.cube.lattice_time(dim, sites, 0.5 / dim).value / (1.0 - sites**-dim)
    return found, exact


def z(measured, exact):
    return math.log(measured.value / exact) * measured.value / measured.error


def test_the_mean_time_is_that_of_the_lattice_law():
    found, exact = lattice(8, 4, -16.0, walkers=150)
    assert 3e-5 < found.probability.value < 3e-4
    assert abs(z(found.mean_time, exact)) < 4
    assert found.mean_time.error < 0.15 * found.mean_time.value
    assert found.extinctions == 0


def test_only_as_many_rounds_as_the_score_has_values():
    found, _ = lattice(8, 4, -16.0, walkers=150, kill=1)
    # from -15 to -5: the corner itself has the score -4, and is the target
    assert found.iterations.max() <= 11


def test_killing_k_and_leaving_their_ties_alive_is_caught(monkeypatch):
    """A common mistake is to kill exactly k, and to split at a state that is equal to the level."""

    kill = 50

    def exactly(summits, level):
        dead = np.zeros(summits.shape, bool)
        np.put_along_axis(dead, np.argsort(summits, axis=1, kind="stable")[:, :kill], True, axis=1)
        return dead & (summits < np.inf)

    def not_below(histories, paths, heights):
        return first_above(histories, paths, heights - 0.5)

    monkeypatch.setattr(splitting_rounds, "doomed", exactly)
    monkeypatch.setattr(splitting_rounds, "first_above", not_below)
    found, exact = lattice(8, 4, -16.0, walkers=150, kill=kill)
    assert abs(z(found.mean_time, exact)) > 5


def test_heights_and_memory_rise_along_every_path_across_splits(monkeypatch):
    rewrite, longest = splitting_rounds.rewrite, []

    def watched(histories, paths, rows, owners, least):
        same = np.diff(owners) == 0
        assert (rows[1:] > rows[:-1])[same][:, [0, -1]].all()
        longest.append(np.bincount(owners).max())
        return rewrite(histories, paths, rows, owners, least)

    monkeypatch.setattr(splitting_rounds, "rewrite", watched)
    lattice(8, 4, -16.0, walkers=100, replicas=10)
    assert len(longest) > 5
    assert longest[0] > 2

    crowd_at = splitting_rounds.crowd_at

    def forgetful(states, memory, names):
        return crowd_at(states, memory * [0.0, 1.0], names)

    monkeypatch.setattr(splitting_rounds, "crowd_at", forgetful)
    with pytest.raises(AssertionError):
        lattice(8, 4, -16.0, walkers=100, replicas=10)


def test_replicas_that_die_out_count_as_zero_and_are_told():
    found, _ = lattice(8, 4, -16.0, walkers=6, replicas=20)
    assert found.extinctions == (found.probabilities == 0.0).sum() > 5
    assert found.probability.value == found.probabilities.mean()
    assert not found.rate.mixed
    assert f"{found.extinctions} of 20 replicas died out" in found.rate.note


def test_every_survivor_is_as_likely_a_parent():
    dead = np.zeros((3, 8), bool)
    dead[0, :4] = dead[1, 7] = dead[2, 1:] = True
    killed = np.flatnonzero(dead)
    parents = np.array([survivors(dead, killed, key) for key in range(4000)])
    assert not dead.flat[parents.ravel()].any()
    assert (parents // 8 == killed // 8).all()
    counts = np.bincount(parents[:, 0], minlength=24)[4:8]
    assert abs(counts / 1000 - 1).max() < 4 * math.sqrt(3 / 4000)


@pytest.mark.slow
def test_a_probability_of_1e_12_in_the_corner_of_a_cube_of_sixteen_dimensions():
    found, exact = lattice(16, 7, -50.0, walkers=1000)
    assert found.probability.value < 2e-12
    assert abs(z(found.mean_time, exact)) < 4
    assert abs(math.log(found.mean_time.value / exact)) < 0.3
