"""Default runs settle, default starts distinguish the laws, and every kind of target or body has an answer."""

from dataclasses import replace

import numpy as np
import pytest

from langevin import manifolds, potentials, registry
from langevin.cli.rate import rate
from langevin.comparison import overall
from langevin.dynamics import dynamics_of
from langevin.errors import UsageError
from langevin.experiment import Settings, run
from langevin.experiment.question_walk import fastest_point, steps_in
from langevin.experiment.rare_escape import rare_escape
from langevin.experiment.time_scales import slowest_rate
from langevin.landscapes.own import constraint
from langevin.theories.cap_time import spherical_cap
from langevin.theory.surfaces import law_of
from langevin.types import Effort, Landscape

ONE = {"seed": 1, "threads": 1}


def verdicts(report):
    return set(overall(report.comparisons).values())


def test_the_default_horizon_follows_the_slowest_curvature():
    """Eight relaxation times of the soft direction; after 20 of the stiff one E |x|^2 is a third of the law's value."""
    report = run(potentials.quadratic, {"dim": 2, "condition": 30.0}, Settings(**ONE))
    assert report.trajectory.times[-1] == pytest.approx(8.0, rel=1e-3)
    assert verdicts(report) == {"agrees"}


def test_the_slowest_rate_of_losses():
    """It is known, or given by weight decay along a zero-loss set, or by the curvature at the start to 1e-6."""
    well = potentials.quadratic(3, 2.0, 50.0)
    assert slowest_rate(well, 1.0) == pytest.approx(2.0)
    assert slowest_rate(potentials.with_weight_decay(well, 0.5), 1.0) == pytest.approx(2.5)
    assert slowest_rate(potentials.with_weight_decay(manifolds.hyperbola(), 0.1), 1.0) == 0.1
    unknown = replace(well, facts=replace(well.facts, slowest_rate=None))
    assert slowest_rate(unknown, 1.0) == pytest.approx(2.0, rel=1e-6)
    flat = replace(unknown, gradient=lambda x, out, parameters: out.fill(0.0))
    assert slowest_rate(flat, 1.0) is None


def test_a_walk_without_a_stationary_law_has_the_diffusion_of_lifson_and_jackson():
    """theta / I_0(h / 2 theta)^2 = 0.884; the value for a washboard with twice the barrier, 0.6238, is excluded."""
    from langevin.experiment.answering import answered

    report = run(potentials.periodic, {"dim": 4}, Settings(**ONE, walkers=2000))
    assert report.record["question"] == "spreading"
    assert "excluded" not in verdicts(report)
    predicted = {row.quantity: row.predicted.value for row in report.comparisons}
    assert predicted["D of a coordinate"] == pytest.approx(0.88418, abs=5e-6)
    other = answered(potentials.periodic(4, barrier=2.0), report.trajectory)
    assert overall(other.comparisons)["law of D of a coordinate"] == "excluded"


@pytest.mark.parametrize(("make", "dials"), [(manifolds.ellipsoid, {}), (manifolds.valley, {})])
def test_label_noise_starts_where_it_drifts(make, dials):
    """At the usual start the slope of tr H is 0 by symmetry; from another start, all laws but one are excluded."""
    report = run(make, dials, Settings(**ONE, walkers=200, dynamics="label-noise"))
    found = overall(report.comparisons)
    assert found.pop("trace") == "agrees"
    assert set(found.values()) == {"excluded"}
    assert report.trajectory.meta["usual_start"] is False


def test_where_nothing_drifts_the_answer_says_so():
    for make in (manifolds.ring, manifolds.torus):
        report = run(make, {}, Settings(**ONE, walkers=20, dynamics="label-noise", horizon=0.1))
        assert "so every law expects no drift" in report.text
        assert "raise" not in report.text


def test_a_fastest_point_lies_on_the_surface_and_is_steeper_than_the_usual_one():
    law = law_of(dynamics_of("label-noise").integrator(manifolds.ellipsoid(3), None).law)
    place = fastest_point(manifolds.ellipsoid(3), law)
    assert (
        abs((place**2 / (3.0 ** np.array([0.5, 0.0, -0.5])) ** 2).sum() - 1) < 1e-8
    )  # moved onto the set by Newton steps
    assert fastest_point(manifolds.torus(), law) is None
    assert fastest_point(manifolds.hyperbola(), law) is None


def upper(x, out, parameters):
    for w in range(x.shape[1]):
        out[w] = 1.0 - x[0, w]


def lower(x, out, parameters):
    for w in range(x.shape[1]):
        out[w] = x[0, w] + 1.0


def tilt(x, out, parameters):
    for w in range(x.shape[1]):
        out[w] = -0.8 * x[0, w]


def push(x, out, parameters):
    for w in range(x.shape[1]):
        out[0, w] = -0.8


def test_two_targets_have_their_shares():
    """Drift v = 0.8 to bounds at +-1: mean time tanh(v / 2 theta) / v = 0.8300, first the upper one 0.8320."""
    report = run(lambda: potentials.potential(tilt, push, 1, target=(upper, lower)), {},
                 Settings(**ONE, temperature=0.5, dt=1e-3, walkers=1000))  # fmt: skip
    assert verdicts(report) == {"agrees"}
    assert report.comparisons[0].predicted.value == pytest.approx(0.8300, abs=5e-5)
    shares = [number for name, number in report.measured.items() if name.startswith("share")]
    assert sum(share.value for share in shares) == 1
    assert abs(shares[0].value - 0.8320) < 4 * shares[0].error


def in_disc(x, out, parameters):
    for w in range(x.shape[1]):
        out[w] = x[0, w] ** 2 + x[1, w] ** 2 - 1.0


def test_a_body_without_a_target_settles_in_its_uniform_law():
    """E |x|^2 = 1 / 2 in the unit disc; all walkers start at its centre."""
    disc = Landscape("disc", 2, (), lambda uniforms, heat: 0.0 * uniforms, lambda heat: 0.0, walls=in_disc)
    report = run(lambda: disc, {}, Settings(**ONE, walkers=1000))
    square = report.measured["E |x|^2"]
    assert square.mixed
    assert abs(square.value - 0.5) < 4 * square.error
    assert "no target whose time could be measured" in report.text


def off_sphere(x, out, parameters):
    for w in range(x.shape[1]):
        out[0, w] = (x[0, w] ** 2 + x[1, w] ** 2 + x[2, w] ** 2 - 4.0) / 4.0


def normals(x, out, parameters):
    for i in range(3):
        for w in range(x.shape[1]):
            out[0, i, w] = x[i, w] / 2.0


def from_cap(x, out, parameters):
    for w in range(x.shape[1]):
        out[w] = parameters[0] - x[2, w]


def from_belt(x, out, parameters):
    for w in range(x.shape[1]):
        out[w] = abs(x[2, w]) - 0.2


def sphere(level=1.0, target=from_cap):
    return constraint(
        off_sphere,
        normals,
        3,
        1,
        start=[0.0, 0.0, -2.0],
        parameters=(level,),
        target=target,
        name="own sphere",
    )


def test_a_cap_is_found_on_a_sphere_of_ones_own():
    """x_3 >= 1 on |x| = 2 is a cap of half-angle pi / 3; the border is bisected to 3e-8. A belt is not a cap."""
    cap = spherical_cap(sphere())
    assert cap.angle == pytest.approx(np.pi / 3, abs=1e-6)
    assert cap.axis == pytest.approx([0, 0, 1], abs=1e-6)
    assert spherical_cap(sphere(target=from_belt)) is None
    assert spherical_cap(manifolds.ellipsoid(3)) is None


@pytest.mark.slow
def test_the_time_to_a_cap_on_a_sphere_of_ones_own():
    """2 R^2 / theta log(1 / sin(pi / 6)) = 5.5452; a cap of half the angle is excluded."""
    report = run(sphere, {}, Settings(**ONE, temperature=1.0, walkers=600, dt=2e-3, dynamics="projected"))
    (row,) = report.comparisons
    assert row.predicted.value == pytest.approx(8 * np.log(2), rel=1e-6)
    assert row.verdict == "agrees"
    assert abs(row.measured.value - 8 * np.log(1 / np.sin(np.pi / 12))) > 5 * row.measured.error


@pytest.mark.slow
def test_splitting_finds_the_time_to_a_cap_too():
    """Law of motion and theory are those of `simulate`; thirty-two replicas have an error of about 2 %."""
    report = rare_escape(
        sphere(),
        [1.0],
        seed=1,
        dynamics="projected",
        dt=1e-3,
        effort=Effort(walkers=200, kill=20, replicas=32),
        threads=1,
    )
    assert overall(report.comparisons) == {"law of the cap": "agrees"}
    assert "projected motion" in report.title


def test_rate_refuses_a_law_with_a_remedy_that_it_has():
    with pytest.raises(UsageError, match="by --dynamics"):
        rare_escape(potentials.double_well(), [0.1], seed=1, dynamics="projected")
    assert "dynamics" in {option.name for option in rate.params}


def test_times_that_no_walker_can_wait_for():
    with pytest.raises(UsageError, match="langevin rate"):
        run(potentials.double_well, {}, Settings(**ONE, temperature=0.01))
    for time in (1e300, np.inf):
        with pytest.raises(UsageError, match="lower --horizon"):
            steps_in(time, 1e-3)
    assert steps_in(1.0, 0.25) == 4
    assert steps_in(1e-9, 1.0, least=2) == 2


def test_frames_are_recorded_as_asked():
    report = run(potentials.quadratic, {}, Settings(**ONE, walkers=20, frames=8, horizon=0.2))
    assert len(report.trajectory.times) == 9
    with pytest.raises(UsageError, match="leave it out"):
        run(potentials.double_well, {}, Settings(**ONE, frames=8))
    assert "spreading" in registry.names("questions")
