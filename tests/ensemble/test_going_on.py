"""A run that continues has the bits of a run that was never interrupted, and never uses the same noise twice."""

from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import integrators, manifolds, potentials
from langevin.errors import UsageError
from langevin.types import Problem, Status, StepSchedule, Stop, Watch
from tests.circle import circle

pytestmark = pytest.mark.usefixtures("uncompiled")
DT = 0.01
QUADRATIC = Problem(potentials.quadratic(dim=3), 1.0)


def decaying(steps):
    return (1.0 + steps) ** -0.6


def walk(problem=QUADRATIC, integrator=None, **changes):
    settings = {"walkers": 20, "steps": 100, "dt": DT, "seed": 3} | changes
    return langevin.simulate(problem, integrator, **settings)


def on(run, problem=QUADRATIC, integrator=None, **changes):
    return langevin.simulate(problem, integrator, **{"steps": 100, "dt": DT, "start": run} | changes)


@pytest.mark.parametrize("cut", [1, 37, 64, 99])
@pytest.mark.parametrize("name", ["euler_maruyama", "leimkuhler_matthews"])
def test_the_bits_are_those_of_one_run(name, cut):
    """Cuts inside and at the end of a batch of noise, for a step that needs the noise of the step before as well."""
    step = getattr(integrators, name)()
    whole = walk(integrator=step, every=10)
    rest = on(walk(integrator=step, steps=cut), integrator=step, steps=100 - cut, every=10)
    np.testing.assert_array_equal(rest.states[:, 1:], whole.states[:, -rest.states.shape[1] + 1 :])
    np.testing.assert_array_equal(rest.times[1:], whole.times[-len(rest.times) + 1 :])
    np.testing.assert_array_equal(rest.events["time"], whole.events["time"])
    assert rest.steps[0] == cut
    assert rest.steps[-1] == 100
    array = walk(integrator=step, steps=cut).states[:, -1]
    same = walk(
        integrator=step,
        steps=100 - cut,
        start=langevin.Start(array, first_step=cut),
    )
    np.testing.assert_array_equal(same.states[:, -1], whole.states[:, -1])


def test_bits_do_not_depend_on_threads_or_on_how_often_a_run_goes_on(tmp_path):
    whole = walk(walkers=range(5, 45))
    run = walk(walkers=range(5, 45), steps=30)
    langevin.save(tmp_path / "run.h5", run)
    twice = on(on(langevin.load(tmp_path / "run.h5"), steps=13, watch=Watch(threads=2)), steps=57)
    np.testing.assert_array_equal(twice.states[:, -1], whole.states[:, -1])
    assert twice.meta["seed"] == 3
    assert twice.meta["first_walker"] == 5


def test_a_schedule_goes_on():
    steps = StepSchedule(DT, decaying)
    whole = walk(dt=steps, every=10)
    rest = on(walk(dt=steps, steps=40), dt=steps, steps=60, every=10)
    np.testing.assert_array_equal(rest.states[:, 1:], whole.states[:, 5:])
    np.testing.assert_array_equal(rest.times, whole.times[4:])
    array = walk(
        dt=steps,
        steps=60,
        start=langevin.Start(rest.states[:, 0], first_step=40),
    )
    np.testing.assert_array_equal(array.times, whole.times[[4, -1]])


@pytest.mark.parametrize("correction", ["shift", "bridge"])
def test_arrivals_are_those_of_one_run(correction):
    """Walkers that had arrived do not move, the others continue, and time counts from the first run with a stop."""
    problem = Problem(potentials.double_well(), 1.0)
    whole = walk(problem, walkers=60, steps=600, stop=Stop(correction))
    part = walk(problem, walkers=60, steps=300, stop=Stop(correction))
    assert 0 < (part.events["status"] == Status.HIT).sum() < (whole.events["status"] == Status.HIT).sum()
    rest = on(part, problem, steps=300, stop=Stop(correction))
    for name in ("status", "step", "time", "target"):
        np.testing.assert_array_equal(rest.events[name], whole.events[name])
    np.testing.assert_array_equal(rest.states[:, -1], whole.states[:, -1])
    assert langevin.measure.mean_first_passage_time(rest) == langevin.measure.mean_first_passage_time(whole)
    cut = walk(problem, walkers=60, steps=600, stop=Stop(correction, horizon=2.995))
    late = on(cut, problem, steps=300, stop=Stop(correction))
    np.testing.assert_array_equal(late.events["time"], whole.events["time"])


def test_a_run_that_was_not_watched_counts_its_time_from_the_watch_on():
    problem = Problem(potentials.double_well(), 1.0)
    burnt = walk(problem, walkers=60)
    array = walk(
        problem,
        walkers=60,
        start=langevin.Start(burnt.states[:, -1], first_step=100),
        steps=3000,
        stop=Stop(),
    )
    run = on(burnt, problem, steps=3000, stop=Stop())
    np.testing.assert_array_equal(run.events["time"], array.events["time"])
    hit = run.events["status"] == Status.HIT
    assert langevin.measure.mean_first_passage_time(run, hit).value == pytest.approx(
        run.events["time"][hit].mean() - 100 * DT
    )
    short = on(burnt, problem, steps=3000, stop=Stop(horizon=0.5))
    assert short.times[-1] == pytest.approx(100 * DT + 0.5)


def test_tallies_and_lost_walkers_are_carried():
    problem = Problem(circle(), 1.0, "projected", "surface")
    whole, part = walk(problem, steps=40, dt=2e-3), walk(problem, steps=15, dt=2e-3)
    counted = replace(part, events={**part.events, "rejected": np.arange(20)})
    rest = on(counted, problem, steps=25, dt=2e-3)
    assert rest.tallies == {**whole.tallies, "rejected": whole.tallies["rejected"] + 190}
    np.testing.assert_array_equal(rest.states[:, -1], whole.states[:, -1])
    run = walk()
    status = run.events["status"].copy()
    status[4] = Status.DIVERGED
    states = run.states.copy()
    states[4] = np.nan
    lost = on(replace(run, states=states, events={**run.events, "status": status}))
    assert lost.counts["diverged"] == 1
    sound = np.arange(20) != 4
    np.testing.assert_array_equal(lost.states[sound, -1], on(run).states[sound, -1])
    assert np.isnan(lost.states[4, -1]).all()


@pytest.mark.statistical
def test_the_halves_of_a_walk_are_independent():
    """Free diffusion for 2 time units: E x^2 = 2, within 4 errors of sqrt(2 / walkers); repeated noise would give 4."""
    free = Problem(potentials.potential(level, flat, dim=1, stiffness=0.0), 0.5)
    first = walk(free, walkers=1000)
    for second in (on(first, free), walk(free, walkers=1000, start=first.states[:, -1], seed=None)):
        halves = first.states[:, -1, 0], second.states[:, -1, 0] - first.states[:, -1, 0]
        assert abs(np.corrcoef(*halves)[0, 1]) < 4 / 1000**0.5
    replayed = walk(
        free,
        walkers=1000,
        start=langevin.Start(first.states[:, -1], first_step=0),
    ).states[:, -1, 0]
    assert np.corrcoef(first.states[:, -1, 0], replayed - first.states[:, -1, 0])[0, 1] > 0.99


def level(x, out, parameters):
    for w in range(x.shape[1]):
        out[w] = 0.0


def flat(x, out, parameters):
    for w in range(x.shape[1]):
        out[0, w] = 0.0


def test_starts_that_do_not_say_which_noise_comes_next_are_refused():
    run = walk()
    with pytest.raises(UsageError, match="first_step=0"):
        walk(start=run.states[:, -1])
    with pytest.raises(UsageError, match="first_step=0"):
        walk(start=run.states[0, -1])
    for wrong in (-1, 1.5, True, 2**53):
        with pytest.raises(UsageError, match="first_step"):
            walk(
                start=langevin.Start(run.states[:, -1], first_step=wrong),
            )
    with pytest.raises(UsageError, match="leave walkers out"):
        on(run, walkers=range(20, 40))
    with pytest.raises(UsageError, match="leave seed out"):
        on(run, integrator=integrators.leimkuhler_matthews(), seed=4)
    with pytest.raises(UsageError, match="2 coordinates"):
        on(run, Problem(potentials.quadratic(dim=2), 1.0))
    with pytest.raises(UsageError, match="trainings, rates and joined runs"):
        on(replace(run, meta={**run.meta, "kind": "network"}))
    arrived = walk(Problem(potentials.double_well(), 1.0), steps=1000, stop=Stop())
    with pytest.raises(UsageError, match="stopped at its target"):
        on(arrived, Problem(potentials.double_well(), 1.0))
    with pytest.raises(UsageError, match="later than the start"):
        on(walk(Problem(potentials.double_well(), 1.0), stop=Stop()), Problem(potentials.double_well(), 1.0),
           stop=Stop(horizon=0.5))  # fmt: skip


def test_a_step_of_other_noise_needs_another_seed():
    """A bridge draws two more numbers in each step: with the same seed, the next step would use some of them again."""
    problem = Problem(potentials.double_well(), 0.3)
    watched = walk(problem, stop=Stop("bridge"), steps=3)
    with pytest.raises(UsageError, match="give another seed"):
        on(watched, problem, stop=Stop())
    assert on(watched, problem, stop=Stop(), seed=8).meta["seed"] == 8
    place = Problem(manifolds.canal(), 1e-3, "label-noise")
    heavy = integrators.heavy_ball(0.5)
    with pytest.raises(UsageError, match="its memory starts anew"):
        on(walk(place, heavy, dt=1e-4), place, heavy, dt=1e-4)
