"""The `StepLaw` of each step agrees with its kernel in a valley, where the law is computed exactly.

Close to the floor of the valley f = a(x) y^2 / 2 a step is linear in y, in its memory and in its noise, and its mean
move along x is a quadratic form of these. Both are computed from the kernel, in plain Python, and averaged over the
exact stationary law.
"""

import math
from dataclasses import replace

import numpy as np
import pytest

from langevin import integrators
from langevin.errors import UsageError
from langevin.integrators.projected import PROJECTIONS
from langevin.manifolds import constraint
from langevin.types import StepLaw, Widening, step_law_of, step_meta

#: Size of the states that are tested, and so of the neglected terms.
SMALL = 1e-4
#: d log a / dx.
SLOPE = 0.5
#: Steps are stable up to h = 2 sqrt(stiffness) / friction, and longer ones than 1.5 are tried.
FRICTION = 2.0
STEPS = [
    integrators.euler_maruyama(),
    integrators.euler_maruyama("two-point"),
    integrators.heun(),
    integrators.leimkuhler_matthews(),
    integrators.label_noise(),
    integrators.heavy_ball(0.0),
    integrators.heavy_ball(0.8),
    integrators.underdamped(FRICTION),
    integrators.power_law(0.0, 1.0),
    integrators.power_law(1.0, 0.3),
    integrators.power_law(2.5),
]


def valley(stiffness):
    """r = sqrt(a) y with a = stiffness (1 + SLOPE x)."""
    return constraint(rise, slopes, 2, 1, start=[0.0, 0.0], parameters=(float(stiffness),), name="valley")


def rise(x, out, parameters):
    (stiffness,) = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = math.sqrt(stiffness * (1.0 + SLOPE * x[0, lane])) * x[1, lane]


def slopes(x, out, parameters):
    (stiffness,) = parameters
    for lane in range(x.shape[1]):
        out[0, 1, lane] = math.sqrt(stiffness * (1.0 + SLOPE * x[0, lane]))
        out[0, 0, lane] = 0.5 * SLOPE * stiffness * x[1, lane] / out[0, 1, lane]


def moved(integrator, stiffness, dt, z):
    """One step from columns z = (y, v_x, v_y, previous noise (2), noise (2)): x and y after it, and memory (2)."""
    landscape, lanes = valley(stiffness), z.shape[1]
    x, memory = np.zeros((2, lanes)), np.zeros((max(2, integrator.memory_rows(landscape)), lanes))
    x[1] = z[0]
    if integrator.memory(landscape).count >= 2:
        memory[:2] = z[1:3]
    memory[2:] = 0.5 * FRICTION * dt  # half a kick of the step before, which is still due with inertia
    work = np.full((integrator.work_rows(landscape), lanes), np.nan)
    step = integrator.build(landscape)
    step(
        x,
        z[5:].copy(),
        z[3:5].copy(),
        work,
        memory,
        np.zeros(lanes, np.int64),
        dt,
        1.0,
        landscape.parameters,
    )
    return x, memory


def stationary(integrator, stiffness, dt):
    """Normal variance, and mean move along x in one step, at temperature 1."""
    units = SMALL * np.eye(7)
    after, memory = moved(integrator, stiffness, dt, units)
    linear = np.zeros((5, 7))
    linear[0], linear[2] = after[1] / SMALL, memory[1] / SMALL
    linear[3, 5] = linear[4, 6] = 1.0
    linear[:, 1] = 0.0  # v_x moves x only
    law = np.zeros((7, 7))
    law[5, 5] = law[6, 6] = 1.0
    for _ in range(4000):
        law[:5, :5] = linear @ law @ linear.T
    pairs = [(i, j) for i in range(7) for j in range(7) if 1 not in (i, j)]
    probes = np.stack([units[i] + units[j] for i, j in pairs], axis=1)
    even = even_move(integrator, stiffness, dt, probes)
    alone = even_move(integrator, stiffness, dt, units)
    move, push = (
        sum(
            0.5 * law[i, j] * (one[k] - alone[k, i] - alone[k, j])
            for (i, j), one in zip(pairs, even.T, strict=True)
        )
        for k in (0, 1)
    )
    way, kept = after[0, 1] / SMALL, memory[0, 1] / SMALL  # of v_x, whose mean is push / (1 - kept)
    return law[0, 0], (move + way * push / (1.0 - kept)) / SMALL**2


def even_move(integrator, stiffness, dt, z):
    """The even parts of the moves of x and of v_x."""
    ahead, behind = (moved(integrator, stiffness, dt, sign * z) for sign in (1.0, -1.0))
    return np.array([0.5 * (one[0] + other[0]) for one, other in zip(ahead, behind, strict=True)])


def promised(law, stiffness, dt):
    """Mean move along x in one step, by the formula of `StepLaw`."""
    strength = 0.5 * law.pull * stiffness ** (law.exponent - 1.0) * law.widening(dt * stiffness)
    return -dt * strength * SLOPE * stiffness


@pytest.mark.parametrize("h", [0.05, 0.7, 1.5])
@pytest.mark.parametrize("integrator", STEPS, ids=lambda one: one.name)
def test_the_drift_is_that_of_the_law(integrator, h):
    variance, move = stationary(integrator, 3.0, h / 3.0)
    law = integrator.law
    assert move == pytest.approx(promised(law, 3.0, h / 3.0), rel=1e-3)
    if integrator.name == "heun":  # two gradients: the drift does not depend on the stationary law alone
        law = replace(law, widening=Widening((2.0, -1.0), (2.0, -1.0, 0.5)))
    assert variance == pytest.approx(3.0 ** (law.exponent - 1.0) * law.widening(h), rel=1e-6)


@pytest.mark.parametrize("integrator", STEPS, ids=lambda one: one.name)
def test_another_widening_or_exponent_is_caught(integrator):
    _, move = stationary(integrator, 3.0, 0.3)
    wrong = [
        replace(integrator.law, widening=Widening((1.0,), (1.0, -0.6))),
        replace(integrator.law, exponent=integrator.law.exponent + 0.1),
    ]
    assert all(abs(promised(law, 3.0, 0.3) / move - 1.0) > 0.05 for law in wrong)


def test_the_widening_is_taken_on_arrays_of_any_shape():
    h = np.array([[0.0, 0.5], [1.0, 1.5]])
    np.testing.assert_allclose(Widening((1.0,), (1.0, -0.5))(h), 1.0 / (1.0 - 0.5 * h))


def test_projected_steps_say_what_their_names_say():
    pulls = {"surface": 0.0, "gibbs": 1.0, "det^-1": 2.0}
    for projection in PROJECTIONS:
        for noise in ("isotropic", "tangent"):
            one = integrators.projected(projection, noise)
            assert one.law == StepLaw(across=False, pull=pulls[one.measure])
    for measure in ("surface", "gibbs"):
        assert integrators.metropolis(measure).law == StepLaw(across=False, pull=pulls[measure], exact=True)
    weights = {"ito": 1.0, "stratonovich": 0.5, "klimontovich": 0.0}
    for convention, weight in weights.items():
        law = integrators.tangential(convention, power=2.0).law
        assert (law.across, law.pull, law.uneven_power, law.uneven_weight) == (False, 0.0, 2.0, weight)


def test_what_is_not_known_is_not_said():
    unknown = [
        integrators.reflected(),
        integrators.rejecting(),
        integrators.variable_step(),
        integrators.clipped(),
    ]
    assert all(one.law is None for one in [*unknown, integrators.tangential(diffusion=rise)])


@pytest.mark.parametrize("integrator", [*STEPS, integrators.reflected()], ids=lambda one: one.name)
def test_the_law_comes_back_from_plain_values(integrator):
    assert step_law_of(step_meta(integrator)) == integrator.law


BROKEN = [
    None,
    {},
    {"law": 3},
    {"law": {}},
    {"law": ("exponent", math.nan)},
    {"law": ("exponent", math.inf)},
    {"law": ("exponent", True)},
    {"law": ("exponent", "1")},
    {"law": ("across", 1)},
    {"law": ("widening", [1.0])},
    {"law": ("widening", {"above": [1.0], "below": []})},
    {"law": ("widening", {"above": [1.0] * 9, "below": [1.0]})},
    {"law": ("widening", {"above": [1.0, "2"], "below": [1.0]})},
    {"law": ("another", 1.0)},
]


@pytest.mark.parametrize("entry", BROKEN, ids=repr)
def test_a_file_that_does_not_say_it_is_refused(entry):
    if entry and isinstance(entry["law"], tuple):
        name, value = entry["law"]
        entry = {"law": step_meta(integrators.euler_maruyama())["law"] | {name: value}}
    with pytest.raises(UsageError, match="does not describe its step"):
        step_law_of(entry)
