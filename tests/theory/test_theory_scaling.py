"""Scaling laws against walks, radial equations and simulated momentum."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from langevin.errors import NumericalError, UsageError
from langevin.theory.fokker_planck.generators import evolve, generator
from langevin.theory.scaling.distance_and_steps import (
    grokking_curves,
    grokking_steps,
    heavy_ball_path,
    mean_square_displacement,
    path_length,
    settling_time,
    small_target_exponent,
    small_target_time,
    sphere_displacement,
)


def profile(x):
    return np.exp(np.cos(x))


def slope(x):
    return -np.sin(x) * np.exp(np.cos(x))


@pytest.mark.statistical
@pytest.mark.parametrize("dim", [1, 2, 7])
def test_displacement_and_path_of_a_walk(dim):
    theta, dt, steps, walkers = 0.3, 0.02, 50, 4000
    noise = np.random.default_rng(dim).standard_normal((walkers, steps, dim)) * math.sqrt(2 * theta * dt)
    squares = (noise.sum(axis=1) ** 2).sum(axis=1)
    lengths = np.sqrt((noise**2).sum(axis=2)).sum(axis=1)
    laws = (
        mean_square_displacement(dim, theta, steps * dt),
        path_length(dim, theta, steps * dt, dt),
    )
    for measured, law in zip((squares, lengths), laws):
        error = measured.std() / math.sqrt(walkers)
        assert abs(measured.mean() - law.value) < 4 * error
    # theta for 2 theta, and the root of the mean square step for its mean
    assert abs(squares.mean() - laws[0].value / 2) > 10 * squares.std() / math.sqrt(walkers)
    rms = steps * math.sqrt(2 * dim * theta * dt)
    assert abs(lengths.mean() - rms) > 10 * lengths.std() / math.sqrt(walkers)


def test_path_diverges_as_steps_shrink_and_the_displacement_does_not():
    assert path_length(3, 1.0, 2.0, 0.01).value == pytest.approx(2 * path_length(3, 1.0, 2.0, 0.04).value)
    assert path_length(3, 1.0, 4.0, 0.01).value == pytest.approx(2 * path_length(3, 1.0, 2.0, 0.01).value)


@pytest.mark.parametrize("ambient", [2, 3, 6])
def test_sphere_against_the_polar_angle(ambient):
    # The angle from the start has drift theta (n-2) cot(phi); the mean of cos(phi) from its backward equation.
    cells, theta, time = 2000, 0.4, 0.7
    spacing = math.pi / cells
    centres = spacing * (np.arange(cells) + 0.5)
    energies = -(ambient - 2) * np.log(np.sin(centres)) * theta
    cosines = evolve(generator(np.diff(energies), spacing, theta).T, np.cos(centres), time, 400)
    law = sphere_displacement(ambient, theta, time).value
    assert law == pytest.approx(2 * (1 - cosines[0]), rel=1e-4)
    assert abs(2 * (1 - math.exp(-ambient * theta * time)) / law - 1) > 0.05  # n for n - 1
    assert sphere_displacement(ambient, theta, 1e-7).value == pytest.approx(
        mean_square_displacement(ambient - 1, theta, 1e-7).value, rel=1e-6
    )
    assert sphere_displacement(ambient, theta, 4 * time, radius=2.0).value == pytest.approx(4 * law)


@pytest.mark.parametrize("dim", [1, 2, 3, 6])
def test_target_in_a_ball_against_a_chain_of_shells(dim):
    outer, target, theta = 2.0, 0.3, 0.7

    def time(shells):
        """Mean passage through each shell: the volume outside over the conductance of a face."""
        faces = np.linspace(target, outer, shells + 1)
        volumes = np.diff(faces**dim) / dim
        outside = np.cumsum(volumes[::-1])[::-1]
        h = faces[1] - faces[0]
        middles = np.concatenate([[target + h / 4], faces[1:-1]])  # half a shell to the target
        widths = np.concatenate([[h / 2], np.full(shells - 1, h)])
        return (outside * widths / (theta * middles ** (dim - 1))).sum()

    exact = (4 * time(4000) - time(2000)) / 3
    assert small_target_time(outer, target, dim, theta).value == pytest.approx(exact, rel=1e-3)
    step = 1e-5
    logs = [math.log(small_target_time(outer * math.exp(s), target, dim, theta).value) for s in (-step, step)]
    assert small_target_exponent(outer, target, dim).value == pytest.approx(
        (logs[1] - logs[0]) / (2 * step), rel=1e-7
    )


def test_squares_need_a_wall_or_a_plane():
    wall, small = grokking_curves(5, 2.0)
    assert wall.predict(1e3).value == 1e6
    for curve, exponent in ((wall, 2.0), (small, 5.0)):
        times = [curve.predict(n).value for n in (1e3, 1e4)]
        assert math.log10(times[1] / times[0]) == pytest.approx(exponent, abs=0.01)
    assert small_target_exponent(1e4, 2.0, 1).value == pytest.approx(2, abs=1e-3)
    assert small_target_exponent(1e4, 2.0, 3).value == pytest.approx(3, abs=1e-3)
    assert grokking_steps(1e3).value == 1e6  # steps of equal length, where nothing else is said
    assert grokking_steps(1e3, step_ratio=3.0).value == 9e6
    assert small.predict(1e3).value == 10 * small_target_time(1e3, 2.0, 5, 1.0).value
    assert not grokking_steps(1e3, dim=3, target=0.5).in_range
    assert not grokking_steps(3).in_range


@pytest.mark.statistical
def test_grokking_steps_against_a_walk_out_of_a_ball():
    rng = np.random.default_rng(4)
    walkers, dim, steps = 1500, 3, 20
    x, taken = np.zeros((walkers, dim)), np.zeros(walkers)
    inside = np.ones(walkers, bool)
    while inside.any():
        x[inside] += rng.standard_normal((inside.sum(), dim)) / math.sqrt(dim)
        taken += inside
        inside &= (x**2).sum(axis=1) < steps**2
    error = taken.std() / math.sqrt(walkers)
    law = grokking_steps(steps, dim=dim).value
    overshoot = 2 * 0.5826 / math.sqrt(dim) / steps  # left out by the law
    assert abs(taken.mean() - law * (1 + overshoot)) < 4 * error
    assert abs(taken.mean() - law * dim) > 20 * error  # the step of a coordinate for that of the walk


def simulated_momentum(friction, noise, start, horizon, eta, directions, walkers, seed):
    """Positions (steps, walkers) of a heavy ball with new label noise at every step, and the rescaled times."""
    rng = np.random.default_rng(seed)
    beta, steps = 1 - friction * eta ** (2 / 3), round(horizon * eta ** (-2 / 3))
    x, y = np.full(walkers, start), np.zeros((directions, walkers))
    along, across, places = np.zeros(walkers), np.zeros_like(y), []
    for _ in range(steps):
        root = np.sqrt(profile(x))
        residual = root * y + math.sqrt(noise / directions) * rng.standard_normal(y.shape)
        slide = (slope(x) / (2 * root) * y * residual).sum(axis=0)
        along, across = beta * along - eta * slide, beta * across - eta * root * residual
        x, y = x + along, y + across
        places.append(x)
    return eta ** (2 / 3) * np.arange(1, steps + 1), np.array(places)


@pytest.mark.statistical
@pytest.mark.parametrize("friction", [0.3, 1.0, 3.0])
def test_momentum_against_simulation_at_two_learning_rates(friction):
    for eta in (1e-3, 1e-4):
        times, places = simulated_momentum(friction, 1.0, 1.0, 6.0, eta, 100, 16, seed=3)
        law = [one.value for one in heavy_ball_path(profile, slope, 1.0, friction, 1.0, times)]
        for share in (1 / 3, 2 / 3, 1):
            at = round(share * len(times)) - 1
            error = math.hypot(places[at].std() / 4, 0.02 * abs(law[at] - 1))  # 2 % by eta > 0 and m < inf
            assert abs(places[at].mean() - law[at]) < 4 * error
            if share < 0.5:  # momentum as nothing but a larger learning rate, from the first step on
                drift = larger_rate(friction, 1.0, times[: at + 1])[-1]
                assert abs(places[at].mean() - drift) > 5 * error


def larger_rate(friction, noise, times):
    """Drift -m sigma^2 a' / (4 c^2) of the effective learning rate eta / (1 - beta)."""
    return solve_ivp(
        lambda _, x: -noise * slope(x) / (4 * friction**2), (0, times[-1]), [1.0], rtol=1e-9, t_eval=times
    ).y[0]


def test_motion_with_momentum_against_another_solver():
    """x'' + c x' = -a' s / 2 and s' = -c s - (a' / 2 a) x' s + m sigma^2 / 2, by Runge-Kutta steps of order 8."""

    def motion(_, state):
        x, velocity, swing = state
        pull = slope(x) / (2 * profile(x)) * velocity * swing
        return velocity, -0.5 * velocity - slope(x) * swing / 2, -0.5 * swing - pull + 0.7 / 2

    times = np.linspace(0, 12, 7)
    exact = solve_ivp(motion, (0, 12), [1.0, 0.0, 0.0], method="DOP853", rtol=1e-12, atol=1e-14, t_eval=times)
    found = [prediction.value for prediction in heavy_ball_path(profile, slope, 0.7, 0.5, 1.0, times)]
    assert found == pytest.approx(exact.y[0], abs=1e-6)


def test_strong_friction_is_the_trace_law_of_the_effective_rate():
    times = np.linspace(0, 1000, 5)
    law = [one.value for one in heavy_ball_path(profile, slope, 0.6, 10.0, 1.0, times)]
    assert law == pytest.approx(larger_rate(10.0, 0.6, times), abs=0.02)


def test_settling_has_an_optimal_friction_of_order_one():
    frictions = np.array([0.1, 0.2, 0.4, 0.7, 1.0, 2.0, 4.0])
    times = [
        settling_time(profile, slope, 1.0, c, 1.0, math.pi, 0.6, 60 * max(1 / c, c * c)).value
        for c in frictions
    ]
    best = frictions[int(np.argmin(times))]
    assert 0.2 <= best <= 1.0
    assert min(times[0], times[-1]) > 2 * min(times)


def test_bad_input_is_refused():
    for call in (
        lambda: mean_square_displacement(0, 1.0, 1.0),
        lambda: mean_square_displacement(1, -1.0, 1.0),
        lambda: sphere_displacement(1, 1.0, 1.0),
        lambda: path_length(1, 1.0, 1.0, 0.0),
        lambda: small_target_time(1.0, 2.0, 3, 1.0),
        lambda: grokking_steps(10, dim=3, target=20.0),
        lambda: heavy_ball_path(profile, slope, 1.0, 0.0, 1.0, np.array([0.0, 1.0])),
    ):
        with pytest.raises(UsageError):
            call()
    with pytest.raises(NumericalError, match="longer"):
        settling_time(profile, slope, 1.0, 3.0, 1.0, math.pi, 0.6, 1.0)
