"""The ends of walkers: each cause has its status, step and time, and the counts add up to the number of walkers."""

import numpy as np
import pytest

import langevin
from langevin.ensemble import advance
from langevin.integrators import projected
from langevin.kernels.targets import mark_arrivals, mark_late, note_stops
from langevin.steps.newton_retraction import refuse_failed
from langevin.types import Status
from tests.circle import circle, jacobian, residual
from tests.engine import LAWS, digest, run

#: Steps are so long that some fail.
pytestmark = pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning")

#: From this start Euler-Maruyama with dt = 5e-3 in the double well diverges: dt f'' = 0.06 x^2 exceeds 2 beyond 6.
FAR = 50.0


def starts(walkers, lost):
    states = np.full((walkers, 1), -1.0)
    states[lost] = FAR
    return states


@pytest.mark.parametrize("law", LAWS)
def test_counts_add_up_to_the_walkers(law):
    done = run(law, walkers=50, steps=200)
    assert sum(done.counts.values()) == 50
    assert set(done.counts) == {"finished", "hit", "censored", "diverged", "projection_failed"}
    for cause in Status:
        assert done.counts[cause.name.lower()] == (done.events["status"] == cause).sum()


@pytest.mark.parametrize("lost", [[3], [0, 7, 8, 19], range(20)])
def test_a_diverged_walker_is_named_and_the_others_go_on(lost):
    lost = list(lost)
    sound = np.setdiff1d(np.arange(20), lost)
    done = run("soft", start=starts(20, lost))
    assert done.counts["diverged"] == len(lost)
    assert (done.events["status"][lost] == Status.DIVERGED).all()
    assert np.isnan(done.states[lost, -1]).all()
    np.testing.assert_array_equal(done.states[sound], run("soft", start=[-1.0]).states[sound])


@pytest.mark.parametrize("cut", [50, 8000, 10**9])
def test_divergence_is_noticed_at_fixed_steps_whatever_the_chunks(cut, monkeypatch):
    """The step of the loss is the first one whose result is not a number, as frames at every step show."""
    ends = advance._chunk_end

    def shorter(plan, now, *rest):
        return min(ends(plan, now, *rest), now.step + cut)

    if cut < 8192:
        monkeypatch.setattr(advance, "_chunk_end", shorter)
    done = run("soft", start=starts(20, [4]), steps=9000, every=1000)
    assert done.events["status"][4] == Status.DIVERGED
    every = run("soft", start=starts(20, [4]), steps=200, every=1)
    first = int(np.flatnonzero(~np.isfinite(every.states[4, :, 0]))[0])
    assert 1 <= first < 200
    assert done.events["step"][4] == every.events["step"][4] == first
    assert done.events["time"][4] == pytest.approx(5e-3 * first)
    assert np.isnan(done.states[4, -1]).all()
    assert np.isfinite(done.states[np.arange(20) != 4]).all()


def test_what_is_not_a_number_is_no_arrival_and_the_first_end_stays():
    """Six walkers: far away, on the widened target, NaN, arrived earlier, padding, past the horizon."""
    status = np.array([0, 0, 0, Status.HIT, -1, 0])
    assert mark_late(np.array([0, 0, 0, 2.0, 2.0, 2.0]), 1.0, status) == 1
    assert mark_arrivals(np.array([1.0, 0.1, np.nan, 1.0, 0.0, 0.0]), 0.1, status) == 2
    assert status.tolist() == [0, Status.HIT, Status.DIVERGED, Status.HIT, -1, Status.CENSORED]
    stop_step, stop_state = np.array([-1, -1, -1, 5, 0, -1]), np.zeros((2, 6))
    nearest, which = np.array([0.0, 1.0, 0.0, 1.0, 1.0, 1.0]), np.full(6, -1)
    note_stops(np.full((2, 6), 7.0), 9, status, nearest, stop_step, stop_state, which)
    assert stop_step.tolist() == [-1, 9, 9, 5, 0, 9]
    assert which.tolist() == [-1, 1, -1, -1, -1, -1], "an arrival, not a censored walker, has a target"
    assert stop_state[0].tolist() == [0, 7, 7, 0, 0, 7]


def test_failed_projections_are_refused_and_counted():
    """Kicks are as large as the circle: for some, the normal at the start does not meet the circle."""
    done = run("surface", walkers=400, dt=0.4, steps=20, every=1)
    assert done.counts["finished"] == 400
    stays = (done.states[:, 1:] == done.states[:, :-1]).all(axis=2).sum(axis=1)
    np.testing.assert_array_equal(done.events["not_projected"], stays)
    assert 0.01 < stays.sum() / (400 * 20) < 0.5
    np.testing.assert_allclose(np.linalg.norm(done.states, axis=2), 1, rtol=0, atol=1e-10)


def test_a_walker_that_is_refused_a_thousand_times_in_a_row_has_failed():
    """Of three walkers one fails at every step, one at every step but the 991st, and one never."""
    x, status = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]), np.zeros(3, np.int64)
    refused, in_a_row, place = np.zeros((3, 3))
    ends = np.full(3, -1)
    for now in range(3000):
        without_way = np.array([True, now != 990, False])
        x[1, ~without_way] += 0.1
        status[without_way & (status == 0)] = Status.PROJECTION_FAILED
        refuse_failed(x, status, refused, in_a_row, place)
        ends[(status != 0) & (ends < 0)] = now + 1
    assert ends.tolist() == [1000, 1991, -1]
    assert refused.tolist() == [1000, 1990, 0], "no step is counted after the end"


def one_step(landscape, projection="shake", noise="tangent", dt=1e-2, lanes=64):
    """(states, refusals) of the lanes after one step of plain Python."""
    integrator = projected(projection, noise)
    x = np.ascontiguousarray(landscape.start(np.full((lanes, landscape.dim), 0.5), 1.0).T)
    normals = np.random.default_rng(0).standard_normal((landscape.dim, lanes)).astype(np.float32)
    status, work = np.zeros(lanes, np.int64), np.empty((integrator.work_rows(landscape), lanes))
    memory = np.zeros((integrator.memory_rows(landscape), lanes))
    integrator.build(landscape)(x, normals, normals, work, memory, status, dt, 1.0, landscape.parameters)
    assert not status.any()
    return x, memory[integrator.tallies.index("not_projected")]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("projection", ["shake", "gauss-newton"])
@pytest.mark.parametrize(("factor", "failing"), [(1.0, 0), (-1.0, 64), (0.4, 64), (20.0, 64)])
def test_a_wrong_jacobian_is_not_silently_accepted(projection, factor, failing):
    """Its Newton steps are too long or too short by a factor, and do not converge; with the right one they converge."""

    def wrong(x, out, parameters):
        jacobian(x, out, parameters)
        out *= factor

    right = circle()
    landscape = langevin.manifolds.constraint(
        residual, wrong, 2, 1, start=right.start(np.zeros((1, 2)), 1.0)[0], parameters=right.parameters
    )
    x, refused = one_step(landscape, projection, "isotropic")
    assert refused.sum() == failing
    np.testing.assert_allclose(np.linalg.norm(x, axis=0), 1, rtol=0, atol=1e-10)


def test_a_stopped_walker_does_not_hold_up_the_others(monkeypatch):
    """The iterations of a block end when those of its running walkers have converged."""
    landscape, calls = circle(), []

    def counting(x, out, parameters):
        calls.append(1)
        residual(x, out, parameters)

    landscape = langevin.manifolds.constraint(
        counting, jacobian, 2, 1, start=[0.0, 1.0], parameters=landscape.parameters
    )
    step = projected().build(landscape)
    work = np.empty((projected().work_rows(landscape), 2))
    used = {}
    for stopped in (False, True):
        calls.clear()
        x, normals = np.array([[0.0, 0.0], [1.0, np.nan]]), np.full((2, 2), 0.1, np.float32)
        status, memory = np.array([0, Status.HIT if stopped else 0]), np.zeros((5, 2))
        step(x, normals, normals, work, memory, status, 1e-2, 1.0, landscape.parameters)
        assert memory[1].tolist() == [0, 0 if stopped else 1]
        used[stopped] = len(calls)
    assert used[True] < 10 < used[False]


def test_everyone_who_has_not_arrived_by_the_horizon_is_censored_there():
    """Also walkers that arrive in the step across the horizon: the last step here ends at 0.055, after 0.0525."""
    full = run("first passage", walkers=500, steps=100)
    short = run("first passage", walkers=500, steps=100, stop=langevin.Stop(horizon=0.0525))
    hit = full.events["step"] <= 10
    assert (full.events["step"][full.events["status"] == Status.HIT] == 11).any()
    np.testing.assert_array_equal(short.events["status"], np.where(hit, Status.HIT, Status.CENSORED))
    np.testing.assert_array_equal(short.events["time"][~hit], 0.0525)
    np.testing.assert_array_equal(short.events["time"][hit], full.events["time"][hit])


@pytest.mark.parametrize("steps", [3, 6, 7, 11, 12])
def test_an_arrival_in_the_step_that_ends_at_the_horizon_counts(steps):
    """For every rounding of dt x steps, e.g. 3 x 0.005 = 0.015 and 0.1 x 3 > 0.3."""
    full = run("first passage", walkers=500, steps=100)
    short = run(
        "first passage", walkers=500, steps=100, stop=langevin.Stop(horizon=float(f"{0.005 * steps:.6g}"))
    )
    assert short.counts["hit"] == (full.events["step"] <= steps).sum()


def test_steps_of_variable_length_are_censored_at_the_horizon_too():
    done = run("variable step", walkers=500, steps=10_000, stop=langevin.Stop(horizon=0.1))
    censored = done.events["status"] == Status.CENSORED
    assert 0 < censored.sum() < 500
    assert (done.events["time"][censored] == 0.1).all()
    assert (done.events["time"][~censored] <= 0.1).all()


def test_walkers_that_start_inside_the_target_arrive_at_once():
    inside = run("first passage", walkers=30, start=[0.1, 0.2, 0.2])
    assert inside.counts["hit"] == 30
    assert (inside.events["time"] == 0).all()
    assert (inside.states[:, -1] == [0.1, 0.2, 0.2]).all()
    some = run("first passage", walkers=30, start=[[0.1, 0.2, 0.2]] * 5 + [[0.1, 0.9, 0.9]] * 25, every=10)
    assert (some.events["time"][:5] == 0).all()
    assert (some.events["time"][5:] > 0).all()
    rest = run("first passage", walkers=range(5, 30), start=[0.1, 0.9, 0.9], every=10)
    np.testing.assert_array_equal(some.states[5:], rest.states)


def test_how_often_lanes_are_repacked_changes_nothing(monkeypatch):
    """Some walkers diverge or fail, in chunks of one batch."""
    mixed = {"walkers": 400, "dt": 0.4, "steps": 20}
    whole = digest(run("surface", **mixed))
    monkeypatch.setattr(advance, "_chunk_end", lambda plan, now, *rest: min(now.step + 3, plan.last))
    assert digest(run("surface", **mixed)) == whole
