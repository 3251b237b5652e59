"""Does a walk move to regions of high entropy, and how much time does a narrow passage take?

A channel of half width w0 exp(A cos(2 pi s / L)) has a wide valley at each end and a narrow passage in the middle. The
energy is constant. Walks start in a valley or in the narrow passage. The sim measures the time through the passage for
several of its widths. The full run takes a minute of one processor.
"""

import math
from dataclasses import replace

import numpy as np

import langevin
from langevin import theory
from langevin.comparison import compare_all, format_measured, format_value
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, every, near, told_by
from langevin.measure import ensemble_mean, log_of, mean_first_passage_time, time_mean
from langevin.measure.combined import ratio, scaled
from langevin.types import Curve, Measurement, Prediction

LENGTH, HALF_WIDTH, DEPTH, HEAT = 2.0, 0.1, 0.8, 1.0
DEPTHS = (0.0, 0.4, 0.8, 1.2)
#: Root mean square kick over the half width of the narrow; time during which the entropy is recorded; bins of equal
#: volume; frames.
STRIDE, SPREADING, BINS, FRAMES = 0.3, 4.0, 16, 40
#: Relative tolerance of a measured number.
OFF = 0.2
PAPER = "S. V. Kozyrev, How to explain grokking (2024), section "
SECOND_LAW = Claim(
    "by the second law of thermodynamics the system will travel to areas of high entropy at the zero risk manifold",
    PAPER + "2",
)
CAPTURE = Claim(
    "high entropy of the potential well lowers the free energy, that is, wide potential wells better capture the "
    "particle",
    PAPER + "1.1",
)
BARRIER = Claim(
    "the reaction rate is proportional to exp(-beta (F1 - F0)), with F1 the free energy of the transition state",
    PAPER + "1.1, for the narrows of section 2",
)


def answer(quick=False, seed=1):
    """Record the entropy from both starts, then measure the time through the narrow."""
    walkers, crowd = (400, 1000) if quick else (1500, 8000)
    depths = DEPTHS[::2] if quick else DEPTHS
    starts = {"valley": 0.0, "narrow": LENGTH / 2}
    spreads = {name: spreading(place, crowd, seed + i) for i, (name, place) in enumerate(starts.items())}
    times = [through(depth, walkers, seed + i) for i, depth in enumerate(depths)]
    share = time_mean(spreads["narrow"], place_entropy, SPREADING / 2)
    volume = Curve(
        "volume", lambda depth: Prediction(depth * mean_cosine(depth)), "equilibrium", "uniform distribution"
    )
    comparisons = [
        *compare_all([DEPTH], [share], [volume], 0.025),
        *compare_all(depths, times, passage_curves(), 0.025, logarithmic=True),
    ]
    return Answer(
        question="Does a walk move to regions of high entropy, and how much time does a narrow passage take?",
        findings=(
            entropy_grows(spreads, share),
            wide_is_kept(comparisons[0]),
            narrow_costs(depths, times, comparisons[1:]),
        ),
        header=("A", "time through the narrow", "standard error", "Fick-Jacobs", "walkers"),
        rows=[
            (depth, t.value, t.error, passage(depth, "reguera-rubi").value / HEAT, t.n)
            for depth, t in zip(depths, times)
        ],
        draw=lambda path: draw(path, spreads, depths, times),
        settings={
            "walkers": walkers, "crowd": crowd, "length": LENGTH, "half_width": HALF_WIDTH, "amplitude": DEPTH,
            "temperature": HEAT,
        },
        comparisons=comparisons,
    )  # fmt: skip


def channel(depth):
    """One narrow between two valleys, in the plane."""
    return langevin.manifolds.channel(1, LENGTH, HALF_WIDTH, depth)


def mean_cosine(depth):
    """Mean of cos(2 pi s / L) under the uniform distribution."""
    (moment,) = channel(depth).facts.moments
    return moment.surface


def time_step(depth):
    """A step whose kick is small compared with the width of the narrow."""
    return (STRIDE * HALF_WIDTH * math.exp(-depth)) ** 2 / (2 * HEAT)


def spreading(place, walkers, seed):
    """Walks from one place in the middle of the channel."""
    dt = time_step(DEPTH)
    every = round(SPREADING / FRAMES / dt)
    return langevin.simulate(
        langevin.Problem(channel(DEPTH), HEAT, "reflected"),
        walkers=walkers, steps=FRAMES * every, dt=dt, every=every, seed=seed,
        start=langevin.Start([place, 0.0], first_step=0),
    )  # fmt: skip


def through(depth, walkers, seed):
    """Mean time from one valley to a place beyond the narrow."""
    dt = time_step(depth)
    run = langevin.simulate(
        langevin.Problem(channel(depth), HEAT, "reflected"),
        walkers=walkers, steps=round(100 * passage(depth, "fick-jacobs").value / HEAT / dt), dt=dt, seed=seed,
        stop=langevin.Stop("shift"),
    )  # fmt: skip
    return mean_first_passage_time(run)


def place_entropy(states):
    """Local entropy at the position of a walker: log of the cross section over its geometric mean."""
    return DEPTH * np.cos(2 * np.pi * states[:, 0] / LENGTH)


def law_entropy(run, frame):
    """Entropy of the distribution of s relative to the uniform one, from bins of equal volume (Miller 1955)."""
    s = np.linspace(0, LENGTH, 4001)
    volume = np.cumsum(channel(DEPTH).facts.channel.half_width(s))
    edges = np.interp(np.linspace(0, 1, BINS + 1), (volume - volume[0]) / (volume[-1] - volume[0]), s)
    counts, _ = np.histogram(run.states[:, frame, 0], edges)
    share, n = counts[counts > 0] / counts.sum(), int(counts.sum())
    entropy = -(share * np.log(share)).sum()
    spread = max(float((share * np.log(share) ** 2).sum() - entropy**2), 0.0)
    value = float(entropy) - math.log(BINS) + (len(share) - 1) / (2 * n)
    return Measurement(value, math.sqrt(spread / n), n, "entropy of the distribution")


def passage(depth, law):
    """Time through the narrow by the one-dimensional equation for s, at temperature 1."""
    shape = channel(depth).facts.channel
    return theory.passage.channel_passage_time(
        shape.half_width, shape.slope, 1, 1.0, 0.0, shape.target_place, 0.0, law
    )


def passage_curves():
    """Theories of Fick and Jacobs, without and with the correction of Reguera and Rubi, as functions of A."""
    return [
        Curve(law, lambda depth, law=law: passage(depth, law), "|w'| <= 1", "theory/fick_jacobs")
        for law in ("fick-jacobs", "reguera-rubi")
    ]


def entropy_grows(spreads, equilibrium):
    """The local entropy grows only from a narrow start; the entropy of the distribution (printed) from every start."""
    rise, number = {}, []
    for name, run in spreads.items():
        last = ensemble_mean(run, place_entropy)
        begun = float(place_entropy(run.states[:1, 0])[0])
        rise[name] = replace(last, value=last.value - begun, estimator=f"rise from the {name}")
        laws = [law_entropy(run, frame) for frame in (0, FRAMES)]
        number.append(
            f"from the {name} ({begun:+.1f} nats) the mean local entropy changes by {format_measured(rise[name])}, and "
            f"the entropy of the distribution from {laws[0].value:.2f} to "
            f"{format_value(laws[1].value, laws[1].error)}"
        )
    mean = f"{format_value(equilibrium.value, equilibrium.error)} nats"
    number.append(f"the mean local entropy in equilibrium is {mean}")
    narrow = Narrowed(
        f"the local entropy of the start is below its mean in equilibrium, {mean}: from a wide valley a walk moves to "
        "lower local entropy; the entropy of the distribution grows from every start, up to that of the "
        "uniform distribution",
        above(rise["narrow"], 0.0),
        below(rise["valley"], 0.0),
    )
    claim = every("the local entropy grows from both starts", [above(one, 0.0) for one in rise.values()])
    return Finding(SECOND_LAW, verdict_of(claim, narrow), "; ".join(number))


def wide_is_kept(row):
    """In equilibrium the time spent in a region is proportional to its volume."""
    number = (
        f"mean local entropy in equilibrium {format_measured(row.measured)}; predicted {row.predicted.value:.4f} if "
        f"time is proportional to volume (tolerance {OFF:.0%}), and 0 if widths have no effect"
    )
    return Finding(CAPTURE, verdict_of(told_by([row], OFF)), number)


def narrow_costs(depths, times, rows):
    """The barrier is entropic, and the prefactor depends on the width."""
    grown, apart = log_of(ratio(times[-1], times[0], "time through the narrow")), depths[-1] - depths[0]
    slope = scaled(grown, 1 / apart, "growth of log T")
    corrected = [row for row in rows if row.theory == "reguera-rubi"]
    number = (
        f"log T grows by {format_measured(slope)} per unit of A; exp(-beta (F1 - F0)) alone predicts 2; measured time "
        "over Fick-Jacobs with D(s) (Reguera and Rubi): "
        + ", ".join(
            f"{format_value(row.ratio, row.measured.error / row.predicted.value)} at A = {row.point:g}"
            for row in corrected
        )
        + f" (tolerance {OFF:.0%}); F1 - F0 is theta times a difference of entropies, so that theta cancels"
    )
    prefactor = Narrowed(
        "the formula has a prefactor that depends on the widths (Fick-Jacobs)", told_by(corrected, OFF)
    )
    return Finding(BARRIER, verdict_of(near(slope, 2.0, OFF), prefactor), number)


def draw(path, spreads, depths, times):
    """Left the local entropy against time from both starts, right the time through the narrow."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas, error_bars
    from langevin.figures.panels import bars

    with canvas(path, "Mean local entropy of the walkers", width=9.0, height=4.8) as axes:
        grid = axes.figure.add_gridspec(2, 2, height_ratios=(3, 1))
        axes.set_subplotspec(grid[:, 0])
        right = axes.figure.add_subplot(grid[0, 1])
        below_it = axes.figure.add_subplot(grid[1, 1], sharex=right)
        right.set_title("Time through the narrow", loc="left")
        for (name, run), colour, mark in zip(spreads.items(), COLOURS, "os"):
            found = [ensemble_mean(run, place_entropy, frame) for frame in range(FRAMES + 1)]
            bars(
                axes,
                run.times * HEAT,
                found,
                colour,
                mark,
                f"start in the {name}, 95 % interval",
                linestyle="none",
            )
        axes.axhline(
            DEPTH * mean_cosine(DEPTH), linestyle="--", color=COLOURS[2], label="uniform distribution"
        )
        axes.set(xlabel="time $\\theta t$", ylabel="mean of $\\log(w(s) / w_0)$, nats")
        axes.legend()
        fine = np.linspace(depths[0], depths[-1], 25)
        corrected = passage_curves()[1]
        for curve, colour, dash in zip(passage_curves(), COLOURS[3:], DASHES[1:]):
            values = np.array([curve.predict(a).value for a in fine])
            right.plot(fine, values, linestyle=dash, color=colour, label=curve.name)
            scale = np.array([corrected.predict(a).value for a in fine])
            below_it.plot(fine, values / scale, linestyle=dash, color=colour)
        flat = passage(0.0, "fick-jacobs").value
        right.plot(
            fine, flat * np.exp(2 * fine), ":", color=COLOURS[5], label="$e^{-\\beta (F_1 - F_0)}$ alone"
        )
        error_bars(
            right,
            depths,
            [t.value for t in times],
            [1.96 * t.error for t in times],
            "simulation, 95 % interval",
        )
        scale = np.array([corrected.predict(a).value for a in depths])
        error_bars(below_it, depths, np.array([t.value for t in times]) / scale,
                   np.array([1.96 * t.error for t in times]) / scale, "simulation")  # fmt: skip
        right.set(ylabel="$\\theta T$", yscale="log", yticks=(1, 2, 5, 10), yticklabels=(1, 2, 5, 10))
        right.legend(loc="upper left")
        below_it.set(xlabel="depth of the narrow $A$", ylabel="$T$ / Reguera-Rubi")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
