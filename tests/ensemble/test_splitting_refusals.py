"""Refusals of splitting, each in one sentence with a remedy; without a path to the target it gives no result."""

import math
from dataclasses import replace

import pytest

import langevin
from langevin.ensemble import splitting_origin, splitting_walks
from langevin.errors import NumericalError, UsageError
from langevin.integrators import euler_maruyama, leimkuhler_matthews, variable_step
from langevin.potentials import double_well, quadratic
from langevin.types import Facts
from tests.engine import split

WELL = langevin.Problem(double_well(), 0.15)
CUBE = langevin.Problem(langevin.manifolds.cube(dim=2), 1.0, "reflected")
SMALL = {"dt": 4e-3, "walkers": 40, "replicas": 10, "seed": 1, "threads": 2}


def refused(error, *words, problem=WELL, **changes):
    with pytest.raises(error) as caught:
        split(problem, **SMALL | changes)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert str(word) in message


def slope(x, out, parameters):
    rise, origin, target = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = 8.0 * (x[0, lane] + 1.0)


def score(x, out, parameters):
    rise, origin, target = parameters
    for lane in range(x.shape[1]):
        out[lane] = rise * x[0, lane]


def up_to(x, out, parameters):
    rise, origin, target = parameters
    for lane in range(x.shape[1]):
        out[lane] = x[0, lane] - origin


def beyond(x, out, parameters):
    rise, origin, target = parameters
    for lane in range(x.shape[1]):
        out[lane] = target - x[0, lane]


def refused_sets(error, *words, rise=1.0, origin=-0.9, target=1.0, **changes):
    """As `refused`, in a single well, for the score rise x, A: x <= origin, and B: x >= target; it is compiled once."""
    well = replace(
        WELL.landscape,
        parameters=(rise, origin, target),
        value=None,
        gradient=slope,
        target=beyond,
        facts=Facts(),
    )
    refused(error, *words, problem=replace(WELL, landscape=well), origin=up_to, score=score, **changes)


@pytest.mark.parametrize("bad", [0, 1, 2.5, True, None, "40", math.nan])
def test_walkers_are_counted(bad):
    refused(UsageError, "walkers must be a whole number from 2", repr(bad), walkers=bad)


@pytest.mark.parametrize("bad", [0, 40, 1.5, True, "4"])
def test_some_walkers_survive_each_round(bad):
    refused(UsageError, "kill must be a whole number from 1 to walkers - 1 = 39", repr(bad), kill=bad)


@pytest.mark.parametrize("bad", [9, 1, 16.0, None])
def test_errors_need_ten_replicas(bad):
    refused(UsageError, "replicas must be a whole number from 10", repr(bad), replicas=bad)


@pytest.mark.parametrize(
    ("option", "bad"),
    [("burn", -1.0), ("burn", math.inf), ("least", 0.0), ("least", 1.0), ("most_steps", 0), ("origin", math.nan),
     ("origin", True), ("origin", "left"), ("dt", 0.0), ("seed", -1), ("threads", 0)],
)  # fmt: skip
def test_numbers_out_of_range(option, bad):
    refused(UsageError, option, repr(bad), **{option: bad})


def test_steps_that_cannot_be_split():
    refused(UsageError, "variable_step", "another integrator", problem=CUBE, integrator=variable_step())
    refused(UsageError, "leimkuhler_matthews", "euler_maruyama", integrator=leimkuhler_matthews())
    refused(UsageError, "shift or none", correction="bridge")
    refused(UsageError, "no target", problem=langevin.Problem(quadratic(), 1.0))
    refused(UsageError, "dt = 1 is unstable", dt=1.0)
    early = replace(euler_maruyama(), stability=lambda curvature: 1e-3)
    refused(UsageError, "unstable", "must stay below 0.001", integrator=early)


def test_frames_that_nobody_keeps():
    refused(UsageError, "keeps no frames", journal=print)
    refused(UsageError, "keeps no frames", observe={"height": abs})


def test_sets_that_overlap():
    refused(UsageError, "overlap", "lower origin", origin=-0.001)
    refused_sets(UsageError, "overlap", "make one smaller", origin=-0.5, target=-0.9)


def test_a_start_in_the_target():
    refused_sets(UsageError, "starts inside the target", target=-1.1)


def test_an_origin_that_is_never_visited(monkeypatch):
    monkeypatch.setattr(splitting_origin, "MOST_CHUNKS", 16)
    refused_sets(NumericalError, "left the origin 0 times", "visited and left more often", origin=-40.0)


def test_a_target_without_a_way_to_it():
    refused_sets(NumericalError, "no way to the target", "1e-05", target=100.0, least=1e-5)


def test_a_score_that_falls_towards_the_target():
    refused_sets(NumericalError, "does not rise towards the target", rise=-1.0, least=1e-5)


def test_a_score_that_says_nothing():
    refused_sets(NumericalError, "all 10 replicas died out", "does not rise towards the target", rise=0.0)


def test_a_score_that_is_no_number():
    refused_sets(UsageError, "not a finite number", rise=math.nan)


def test_a_walk_that_ends_nowhere():
    refused(
        NumericalError, "neither in the origin nor in the target", "larger step", origin=-1.9, most_steps=64
    )


def holed(x, out, parameters):
    rise, origin, target = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = 8.0 * (x[0, lane] + 1.0) if x[0, lane] < -0.8 else math.nan


def test_a_walk_that_diverges_is_named_by_its_first_step_without_a_number():
    """Walks that leave A pass, within a chunk of steps, the edge beyond which the gradient is not a number."""
    changes = {"value": None, "gradient": holed, "target": beyond, "facts": Facts()}
    holes = replace(WELL.landscape, parameters=(1.0, -0.9, 1.0), **changes)
    with pytest.raises(NumericalError, match=r"a walk diverged at step \d+: take a smaller dt") as caught:
        split(replace(WELL, landscape=holes), **SMALL, origin=up_to, score=score)
    step = int(str(caught.value).partition("step ")[2].partition(":")[0])
    assert 1 <= step < splitting_walks.CHUNK
