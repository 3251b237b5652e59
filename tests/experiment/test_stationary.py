"""The stationary law in more than one dimension, compared with sampling, and runs that are too short for it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import kv

from langevin import manifolds, potentials
from langevin.comparison import overall
from langevin.experiment import Settings, run
from langevin.experiment.recorded_question import answer_question
from langevin.questions.stationary import power_of_fall


def logarithm(x, out, parameters):
    for walker in range(x.shape[1]):
        out[walker] = parameters[0] * np.log(1.0 + x[0, walker] ** 2)


def slope(x, out, parameters):
    for walker in range(x.shape[1]):
        out[0, walker] = 2.0 * parameters[0] * x[0, walker] / (1.0 + x[0, walker] ** 2)


def student(degrees: float = 3.0):
    """The Gibbs law at theta = 1 is Student's with this number of degrees of freedom, up to a scale."""
    return potentials.potential(logarithm, slope, dim=1, parameters=((degrees + 1.0) / 2.0,))


def asked(make, dials, **settings):
    return run(make, dials, Settings(seed=1, threads=1, **settings))


def test_a_walk_among_wells_settles_in_the_law_that_sampling_says():
    report = asked(potentials.periodic, {"dim": 3}, weight_decay=0.5, walkers=200)
    assert set(overall(report.comparisons).values()) == {"agrees"}
    for row in report.comparisons:
        assert 0 < row.predicted.remainder < row.measured.error
    hotter = replace(report.trajectory, meta={**report.trajectory.meta, "temperature": 1.3})
    assert set(overall(answer_question(hotter)[0].comparisons).values()) == {"excluded"}


def test_a_hyperbola_with_weight_decay_has_its_bessel_functions():
    """E |w|^2 = 2 K_1(lambda / theta) / K_0(lambda / theta) in the stiff limit; at k = 20 it errs by some per cent."""
    report = asked(
        manifolds.hyperbola, {"stiffness": 20.0}, weight_decay=0.5, walkers=1000, horizon=8.0, dt=2.5e-4
    )
    square, _ = report.comparisons
    assert square.predicted.value == pytest.approx(2 * kv(1, 0.5) / kv(0, 0.5), rel=0.06)
    assert square.verdict in ("agrees", "inconclusive")


def test_a_run_that_remembers_its_beginning_has_not_settled():
    """A tenth of the relaxation time along the floor: means are almost constant, because no walker moves far."""
    report = asked(
        manifolds.hyperbola, {"stiffness": 20.0}, weight_decay=0.5, walkers=1000, dt=1e-3, horizon=0.25
    )
    assert set(overall(report.comparisons).values()) == {"not mixed"}
    assert "are correlated with those a quarter of the time" in report.text


def test_of_a_loss_that_does_not_confine_only_what_repeats_itself_has_a_law():
    report = asked(potentials.periodic, {"dim": 2}, walkers=50)
    assert [row.quantity for row in report.comparisons] == ["D of a coordinate", "E cos(2 pi x_1 / L)"]


def test_a_mean_square_without_a_variance_is_told():
    """For Student's law of 3 degrees E |x|^4 is infinite, but the mean loss is valid; at 6 degrees both are valid."""
    few, many = (
        asked(student, {"degrees": degrees}, temperature=1.0, walkers=500, dt=0.01, horizon=40.0)
        for degrees in (3.0, 6.0)
    )
    assert not few.measured["E |x|^2"].mixed
    assert "falls as |x|^-4 and E |x|^4 is infinite" in few.text
    assert few.measured["E f"].mixed
    assert all(mean.mixed for mean in many.measured.values())


def test_only_a_loss_that_grows_as_a_logarithm_gives_a_power():
    assert power_of_fall(student(3.0), 1.0) == pytest.approx(4.0, rel=1e-6)
    assert power_of_fall(student(3.0), 2.0) == pytest.approx(2.0, rel=1e-6)
    for confining in (potentials.double_well(), potentials.quartic(), potentials.quadratic(dim=3)):
        assert power_of_fall(confining, 1.0) == np.inf
    assert power_of_fall(potentials.periodic(), 1.0) == np.inf  # bounded: no power, and no law either
