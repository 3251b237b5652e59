"""Drift to flat regions: three retractions to the canal's floor, and noise of three covariances across it."""

import numpy as np

import langevin
from docs.theory.figures.panels import law, points, two_panels
from langevin import integrators, manifolds, measure, theory

#: Isotropic kicks: directions across, stiffness, temperature, time, frames, variance of a projected kick.
TRANSVERSE, STIFFNESS, HEAT, TIME, FRAMES, KICK, WALKERS = 4, 100.0, 0.1, 0.5, 5, 1e-3, 8_000
#: Noise across the floor only: 2 D a^gamma per unit time, D = NOISE; walkers start at this place.
NOISE, LONG, PLACE, CROWD = 0.002, 40.0, np.pi / 4, 1_000


def draw(path):
    """Left isotropic kicks, right label noise and power laws."""
    with two_panels(path, "Isotropic noise: the retraction decides", "Noise across the floor, $2 D a^\\gamma$") as (
        left,
        right,
    ):  # fmt: skip
        kicked(left)
        powered(right)


def kicked(axes):
    """Mean displacement to the flat side over time."""
    canal = manifolds.canal(TRANSVERSE, STIFFNESS)
    soft = integrators.euler_maruyama()
    cases = (
        ("nearest", integrators.projected("nearest", "isotropic"), "none"),
        ("flow", integrators.projected("flow", "isotropic"), "log-det"),
        ("soft", soft, "log-det"),
        ("gauss-newton", integrators.projected("gauss-newton", "isotropic"), "double log-det"),
    )
    names = []
    for place, (label, step, name) in enumerate(cases):
        dt = 0.05 / canal.stiffness(HEAT) if step is soft else KICK / (2.0 * HEAT)
        every = round(TIME / dt / FRAMES)
        run = langevin.simulate(
            langevin.Problem(canal, HEAT, step.dynamics, step.measure), step, walkers=WALKERS, steps=FRAMES * every,
            dt=dt, every=every, seed=place,
        )  # fmt: skip
        moved = [measure.mean_displacement(run, frame=frame) for frame in range(1, FRAMES + 1)]
        points(axes, run.times[1:] + 0.004 * (place - 1.5), moved, place, f"{label}: {name}")
        curves = theory.surfaces.drift_curves(
            canal.facts.profile.stiffness, canal.facts.profile.slope, TRANSVERSE, HEAT, dt, canal.dials["start"],
            step.law,
        )  # fmt: skip
        if name not in names:
            (curve,) = [curve for curve in curves if curve.name == name]
            grid = np.linspace(0.0, TIME, 11)
            law(axes, grid, [curve.predict(float(time)).value for time in grid], place)
        names.append(name)
    axes.plot([], [], "--", color="0.4", label="laws of drift")
    axes.set(xlabel="time $t$", ylabel="mean displacement to the flat side", ylim=(-0.03, None))
    axes.text(0.98, 0.02, f"95 % intervals, n = {WALKERS}", transform=axes.transAxes, ha="right", fontsize=8)
    axes.legend()


def powered(axes):
    """Displacement with noise of covariance a^gamma, and with label noise, compared with the laws."""
    canal = manifolds.canal(1, 1.0)
    profile, slope = canal.facts.profile.stiffness, canal.facts.profile.slope
    dt = 0.02 / canal.stiffness(NOISE)
    every = round(LONG / dt / FRAMES)
    cases = (
        ("$\\gamma = 0$ (log-det law)", integrators.power_law(0.0), 0.0),
        ("$\\gamma = 1/2$", integrators.power_law(0.5), 0.5),
        ("$\\gamma = 1$ (trace law)", integrators.power_law(1.0), 1.0),
        ("label noise (trace law)", integrators.label_noise(), 1.0),
    )
    for place, (label, step, gamma) in enumerate(cases):
        a = float(profile(np.array([PLACE]))[0])
        spread = np.sqrt(NOISE * a ** (gamma - 1.0) / (1.0 - dt * a / 2.0))
        y = np.random.default_rng(place).standard_normal(CROWD) * spread
        start = np.column_stack([np.full(CROWD, PLACE), y])
        run = langevin.simulate(
            langevin.Problem(canal, NOISE, step.dynamics), step, walkers=CROWD, steps=FRAMES * every, dt=dt,
            every=every, seed=place, start=langevin.Start(start, first_step=0),
        )  # fmt: skip
        moved = [measure.mean_displacement(run, frame=frame) for frame in range(1, FRAMES + 1)]
        points(axes, run.times[1:] + 0.5 * (gamma - 0.5) + 0.3 * (place == 3), moved, place, label)

        def drift(x, gamma=gamma):
            return -NOISE / 2.0 * slope(x) * profile(x) ** (gamma - 1.0) / (1.0 - dt * profile(x) / 2.0)

        grid = np.linspace(0.0, LONG, 21)
        if place < 3:
            flow = [
                theory.drift.flow_displacement(drift, float(time), PLACE).value if time else 0.0
                for time in grid
            ]
            law(axes, grid, flow, place)
    axes.set(xlabel="time $t$", ylabel="mean displacement to the flat side")
    axes.text(0.98, 0.02, f"95 % intervals, n = {CROWD}", transform=axes.transAxes, ha="right", fontsize=8)
    axes.legend()
