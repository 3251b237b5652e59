"""Escape: Eyring-Kramers against exact quadrature over the temperature, and an entropic barrier by Fick-Jacobs."""

import numpy as np

import langevin
from docs.theory.figures.panels import law, points, two_panels
from langevin import manifolds, measure, potentials, theory
from langevin.experiment import Settings, run
from langevin.landscapes.evaluate import scalar_value

#: Barrier over temperature; walkers.
HEIGHTS, WALKERS = (1.5, 2.0, 2.5, 3.0, 4.0, 5.0), 2_000
#: A channel in the plane: depths of the narrow, half width, kick as a part of the narrowest half width.
DEPTHS, LENGTH, HALF_WIDTH, STRIDE = (0.0, 0.4, 0.8, 1.2), 2.0, 0.3, 0.25
#: The walkers of the channel.
CROWD = 1_500


def draw(path):
    """Left an energy barrier, right one of entropy."""
    titles = "Double well: time in units of Eyring-Kramers", "Channel with a narrow: a barrier of entropy"
    with two_panels(path, *titles) as (left, right):
        energy(left)
        entropy(right)


def energy(axes):
    """Mean times from well to well, measured and exact, over those of Eyring and Kramers."""
    well = potentials.double_well()
    exact, kramers = theory.escape.escape_curves(well.facts.wells, scalar_value(well))
    times = []
    for height in HEIGHTS:
        settings = Settings(seed=1, temperature=1.0 / height, walkers=WALKERS)
        time = run(potentials.double_well, {}, settings).comparisons[0].measured
        unit = kramers.predict(1.0 / height).value
        times.append(langevin.Measurement(time.value / unit, time.error / unit, time.n, time.estimator))
    points(axes, 1.0 / np.array(HEIGHTS), times, 0, f"simulation, 95 % interval, n = {WALKERS}")
    grid = np.linspace(0.02, 1.0 / HEIGHTS[0], 60)
    law(
        axes,
        grid,
        [exact.predict(t).value / kramers.predict(t).value for t in grid],
        0,
        "exact quadrature",
    )
    law(axes, grid, np.ones(60), 1, "Eyring-Kramers", dash="-.")
    axes.axvspan(0.0, 0.2, color="0.9", zorder=0, label="range of Eyring-Kramers")
    axes.set(xlabel=r"temperature / barrier, $\theta / h$", ylabel="mean time / Eyring-Kramers", xlim=(0.0, None),
             ylim=(0.97, 1.45))  # fmt: skip
    axes.legend(ncols=2)


def entropy(axes):
    """Mean time through the narrow over its depth."""
    times = []
    for place, depth in enumerate(DEPTHS):
        body = manifolds.channel(1, LENGTH, HALF_WIDTH, depth)
        dt = (STRIDE * HALF_WIDTH * np.exp(-depth)) ** 2 / 2.0
        walk = langevin.simulate(
            langevin.Problem(body, 1.0, "reflected"), walkers=CROWD, steps=10**7, dt=dt, seed=place,
            stop=langevin.Stop(),
        )  # fmt: skip
        times.append(measure.mean_first_passage_time(walk))
    points(axes, DEPTHS, times, 0, f"simulation, 95 % interval, n = {CROWD}")
    grid = np.linspace(0.0, DEPTHS[-1], 30)
    for place, (name, dash) in enumerate(
        (("reguera-rubi", "--"), ("kalinay-percus", ":"), ("fick-jacobs", "-.")), 1
    ):
        law(axes, grid, [passage(depth, name) for depth in grid], place, name, dash)
    axes.set(xlabel="depth $A$ of the narrow", ylabel=r"mean time $\times\,\theta$")
    axes.legend()


def passage(depth, name):
    """Time by the equation of the axis alone."""
    channel = manifolds.channel(1, LENGTH, HALF_WIDTH, depth).facts.channel
    return theory.passage.channel_passage_time(
        channel.half_width, channel.slope, 1, 1.0, 0.0, channel.target_place, 0.0, name
    ).value
