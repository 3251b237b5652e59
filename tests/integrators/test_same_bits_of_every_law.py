"""Laws with a memory or special noise: no bit depends on threads, lanes or chunks; compiled code agrees with Python."""

import numpy as np
import pytest

from langevin import Problem, Watch, manifolds, potentials, simulate
from langevin.ensemble import advance
from langevin.integrators import clipped, heavy_ball, mala, power_law, reflected, tangential, underdamped
from tests.circle import circle
from tests.engine import normals
from tests.integrators.worked import half_line, well

#: Problem, integrator, dt; the landscapes and laws are those of other tests, so their drivers are compiled once.
LAWS = {
    "momentum": (Problem(well(2.0), 0.3, "label-noise"), heavy_ball(0.9), 0.1),
    "momentum, four equations": (
        Problem(manifolds.canal(transverse=4, stiffness=4.0), 1e-2, "label-noise"),
        heavy_ball(0.8),
        0.02,
    ),
    "power": (Problem(manifolds.canal(transverse=4, stiffness=4.0), 1e-2, "power-law"), power_law(1.0), 0.02),
    "power and heat": (
        Problem(manifolds.canal(transverse=2, stiffness=100.0, amplitude=0.5), 0.01, "power-law"),
        power_law(1.0, 100.0),
        1e-3,
    ),
    "adjusted": (Problem(potentials.quartic(2), 0.3), mala(), 0.2),
    "inertia": (Problem(potentials.quartic(2), 0.3), underdamped(), 0.05),
    "tangential": (Problem(circle(), 1.0, "projected"), tangential("stratonovich", power=0.5), 2e-3),
    "clipped": (Problem(half_line(2.0), 0.5, "reflected"), clipped(), 0.01),
    "reflected with drift": (Problem(half_line(2.0), 0.5, "reflected"), reflected(), 0.01),
}


def states(law, walkers=300, steps=60, **changes):
    problem, integrator, dt = LAWS[law]
    run = simulate(
        problem,
        integrator,
        **{"walkers": walkers, "steps": steps, "dt": dt, "seed": 5, "watch": Watch(threads=1)} | changes,
    )
    return run.states[:, -1]


@pytest.mark.parametrize("law", LAWS)
def test_threads_lanes_chunks_frames_and_other_walkers_change_nothing(law, monkeypatch):
    whole = states(law)
    assert np.isfinite(whole).all()
    np.testing.assert_array_equal(states(law, every=7), whole)
    np.testing.assert_array_equal(states(law, walkers=range(200, 300)), whole[200:])
    monkeypatch.setattr(advance, "lanes_for", lambda *sizes: 48)
    monkeypatch.setattr(advance, "_chunk_end", lambda plan, now, *rest: min(now.step + 7, plan.last))
    np.testing.assert_array_equal(states(law, watch=Watch(threads=3)), whole)


@pytest.mark.parametrize("law", LAWS)
def test_a_few_steps_as_plain_python_takes_them(law):
    """The same noise in the kernel without compilation: equal to the round-off of the kernels, with exp and cos."""
    problem, integrator, dt = LAWS[law]
    landscape, steps, walkers = problem.landscape, 8, 16
    numbers = landscape.dim + integrator.extra_noise
    before, drawn = (
        normals(np.arange(walkers), 4 * numbers * steps, seed=5, stream=stream) for stream in (1, 0)
    )
    run = simulate(problem, integrator, walkers=walkers, steps=steps, dt=dt, seed=5)
    x = np.ascontiguousarray(run.states[:, 0].T)
    work = np.empty((integrator.work_rows(landscape), walkers))
    memory, status = (
        np.zeros((max(1, integrator.memory_rows(landscape)), walkers)),
        np.zeros(walkers, np.int64),
    )
    step = integrator.build(landscape)
    for now in range(steps):
        noise = drawn[now * numbers : (now + 1) * numbers]
        previous = drawn[(now - 1) * numbers : now * numbers] if now else before[:numbers]
        step(x, noise, previous, work, memory, status, dt, problem.temperature, landscape.parameters)
    np.testing.assert_allclose(run.states[:, -1], x.T, rtol=0.0, atol=1e-10)
