"""Does a walk travel to where the entropy is high, and what does a narrow on its way cost?

A channel of half width w0 exp(A cos(2 pi s / L)) has a wide valley at either end and a narrow in the middle, and no
energy anywhere. Walks start in a valley or in the narrow; the time through the narrow is measured for several widths of
it, and at two temperatures. The full run takes two minutes of one processor.
"""

import math

import numpy as np

import langevin
from langevin import theory
from langevin.comparison import compare_all, overall
from langevin.experiment.claims import Answer, Claim, Finding, judge
from langevin.measure import ensemble_mean, mean_first_passage_time, time_mean
from langevin.types import Curve, Prediction

LENGTH, HALF_WIDTH, DEPTH, HEAT = 2.0, 0.1, 0.8, 1.0
DEPTHS = (0.0, 0.4, 0.8, 1.2)
#: Root mean square kick as a part of the half width of the narrow; time to watch the entropy; equal-volume bins.
STRIDE, SPREADING, BINS, FRAMES = 0.3, 4.0, 16, 40
COLD = 0.25
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
    """Watch the entropy from both starts, then time the way through the narrow."""
    walkers, crowd = (100, 1000) if quick else (1500, 8000)
    depths = DEPTHS[::2] if quick else DEPTHS
    starts = {"valley": 0.0, "narrow": LENGTH / 2}
    spreads = {name: spreading(place, crowd, seed + i) for i, (name, place) in enumerate(starts.items())}
    times = [through(depth, HEAT, walkers, seed + i) for i, depth in enumerate(depths)]
    cold = through(DEPTH, COLD, walkers, seed + len(depths))
    warm = times[depths.index(DEPTH)]
    share = time_mean(spreads["narrow"], place_entropy, SPREADING / 2)
    volume = Curve(
        "volume", lambda depth: Prediction(depth * mean_cosine(depth)), "equilibrium", "uniform law"
    )
    comparisons = [
        *compare_all([DEPTH], [share], [volume], 0.025),
        *compare_all(depths, times, passage_curves(), 0.025, logarithmic=True),
    ]
    return Answer(
        question="Does a walk travel to where the entropy is high, and what does a narrow cost?",
        findings=(
            entropy_grows(spreads),
            wide_is_kept(comparisons[0]),
            narrow_costs(depths, times, warm, cold, overall(comparisons)),
        ),
        header=("A", "temperature", "time through the narrow", "standard error", "Fick-Jacobs", "walkers"),
        rows=[
            (depth, heat, t.value, t.error, passage(depth, "reguera-rubi").value / heat, t.n)
            for depth, heat, t in [*((d, HEAT, t) for d, t in zip(depths, times)), (DEPTH, COLD, cold)]
        ],
        draw=lambda path: draw(path, spreads, depths, times, cold),
        settings={
            "walkers": walkers, "crowd": crowd, "length": LENGTH, "half_width": HALF_WIDTH, "amplitude": DEPTH,
            "temperatures": [HEAT, COLD],
        },
        comparisons=comparisons,
    )  # fmt: skip


def channel(depth):
    """One narrow between two valleys, in the plane."""
    return langevin.manifolds.channel(1, LENGTH, HALF_WIDTH, depth)


def mean_cosine(depth):
    """Mean of cos(2 pi s / L) under the uniform law."""
    (moment,) = channel(depth).facts.moments
    return moment.surface


def time_step(depth, temperature):
    """A step whose kick is small beside the narrow."""
    return (STRIDE * HALF_WIDTH * math.exp(-depth)) ** 2 / (2 * temperature)


def spreading(place, walkers, seed):
    """Walks from one place in the middle of the channel."""
    dt = time_step(DEPTH, HEAT)
    every = round(SPREADING / FRAMES / dt)
    return langevin.simulate(
        langevin.Problem(channel(DEPTH), HEAT, "reflected"),
        walkers=walkers, steps=FRAMES * every, dt=dt, every=every, seed=seed,
        start=langevin.Start([place, 0.0], first_step=0),
    )  # fmt: skip


def through(depth, temperature, walkers, seed):
    """Mean time from the one valley to beyond the narrow."""
    dt = time_step(depth, temperature)
    run = langevin.simulate(
        langevin.Problem(channel(depth), temperature, "reflected"),
        walkers=walkers, steps=round(100 * passage(depth, "fick-jacobs").value / temperature / dt), dt=dt, seed=seed,
        stop=langevin.Stop("shift"),
    )  # fmt: skip
    return mean_first_passage_time(run)


def place_entropy(states):
    """Entropy of the place where a walker is: log of the section over its geometric mean."""
    return DEPTH * np.cos(2 * np.pi * states[:, 0] / LENGTH)


def law_entropy(run, frame):
    """Entropy of the law of s relative to the uniform law of the body, from bins of equal volume (Miller 1955)."""
    s = np.linspace(0, LENGTH, 4001)
    volume = np.cumsum(channel(DEPTH).facts.channel.half_width(s))
    edges = np.interp(np.linspace(0, 1, BINS + 1), (volume - volume[0]) / (volume[-1] - volume[0]), s)
    counts, _ = np.histogram(run.states[:, frame, 0], edges)
    share = counts[counts > 0] / counts.sum()
    return -(share * np.log(share)).sum() - math.log(BINS) + ((counts > 0).sum() - 1) / (2 * counts.sum())


def passage(depth, law):
    """Time through the narrow by the equation of s alone, at temperature 1."""
    shape = channel(depth).facts.channel
    return theory.channel_passage_time(
        shape.half_width, shape.slope, 1, 1.0, 0.0, shape.target_place, 0.0, law
    )


def passage_curves():
    """Fick and Jacobs, and with the correction of Reguera and Rubi, over A."""
    return [
        Curve(law, lambda depth, law=law: passage(depth, law), "|w'| <= 1", "theory/fick_jacobs")
        for law in ("fick-jacobs", "reguera-rubi")
    ]


def entropy_grows(spreads):
    """The entropy of the law grows from any start; that of the place only from a narrow one."""
    places = {
        name: (ensemble_mean(run, place_entropy, 0), ensemble_mean(run, place_entropy))
        for name, run in spreads.items()
    }
    laws = {name: [law_entropy(run, frame) for frame in range(FRAMES + 1)] for name, run in spreads.items()}
    rise = {name: last.value - first.value for name, (first, last) in places.items()}
    error = {name: last.error for name, (_, last) in places.items()}
    up = {name: rise[name] > 3 * error[name] for name in rise}
    noise = 4 / math.sqrt(len(spreads["valley"].states))  # four standard errors of an entropy of about a nat
    monotone = all(np.diff(values).min() > -noise and values[-1] > values[0] for values in laws.values())
    number = "; ".join(
        f"from the {name} the entropy of the place changes by {rise[name]:+.3f} +- {error[name]:.3f} nats, that "
        f"of the law from {laws[name][0]:+.2f} to {laws[name][-1]:+.3f}"
        for name in rise
    )  # fmt: skip
    condition = (
        "the start is narrower than the average place: from a wide valley a walk travels to lower entropy; what grows "
        "from every start is the entropy of the law, up to the uniform one"
    )
    return Finding(
        SECOND_LAW, judge(all(up.values()) and monotone, up["narrow"] and monotone, condition), number
    )


def wide_is_kept(row):
    """In equilibrium the time spent is as the volume."""
    number = (
        f"mean entropy of the place in equilibrium {row.measured.value:.4f} +- {row.measured.error:.4f} (n = "
    )
    number += f"{row.measured.n}), by volumes {row.predicted.value:.4f}, and 0 if widths did not count: {row.verdict}"
    captured = row.verdict == "agrees" and row.measured.value > 3 * row.measured.error
    return Finding(CAPTURE, judge(captured), number)


def narrow_costs(depths, times, warm, cold, verdicts):
    """The barrier is one of entropy: no temperature in the exponent, and a prefactor that changes with the width."""
    ratio = cold.value * COLD / (warm.value * HEAT)
    error = ratio * math.hypot(cold.error / cold.value, warm.error / warm.value)
    free_of_heat = abs(ratio - 1) < 3 * error < 0.5
    slope = math.log(times[-1].value / times[0].value) / (depths[-1] - depths[0])
    slope_error = math.hypot(times[-1].error / times[-1].value, times[0].error / times[0].value) / depths[-1]
    number = (
        f"theta T at theta = {COLD:g} over that at {HEAT:g}: {ratio:.3f} +- {error:.3f}; log T grows by {slope:.2f} +- "
        f"{slope_error:.2f} per unit of A, exp(-beta (F1 - F0)) alone says 2; Fick-Jacobs with D(s): "
        f"{verdicts['reguera-rubi']}, n = {times[0].n}"
    )
    condition = (
        "a prefactor that depends on the widths goes with it (Fick-Jacobs); beta (F1 - F0) is a ratio of widths, so "
        "the temperature only sets the clock"
    )
    alone = abs(slope - 2) < 3 * slope_error
    rescued = free_of_heat and verdicts["reguera-rubi"] != "excluded" and slope > 0
    return Finding(BARRIER, judge(alone, rescued, condition), number)


def draw(path, spreads, depths, times, cold):
    """Left the entropy of the place over time from both starts, right the time through the narrow."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas, error_bars

    with canvas(path, "Entropy of the place where the walk is", width=9.0) as axes:
        grid = axes.figure.add_gridspec(1, 2)
        axes.set_subplotspec(grid[0])
        right = axes.figure.add_subplot(grid[1])
        right.set_title("Time through the narrow", loc="left")
        for (name, run), colour, mark in zip(spreads.items(), COLOURS, "os"):
            found = [ensemble_mean(run, place_entropy, frame) for frame in range(FRAMES + 1)]
            axes.errorbar(run.times * HEAT, [m.value for m in found], [1.96 * m.error for m in found], fmt=mark,
                          color=colour, markersize=3, label=f"start in the {name}")  # fmt: skip
        axes.axhline(DEPTH * mean_cosine(DEPTH), linestyle="--", color=COLOURS[2], label="uniform law")
        axes.set(xlabel="time $\\theta t$", ylabel="mean of log($w(s) / w_0$), nats")
        axes.legend()
        fine = np.linspace(depths[0], depths[-1], 25)
        for curve, colour, dash in zip(passage_curves(), COLOURS[3:], DASHES[1:]):
            right.plot(
                fine, [curve.predict(a).value for a in fine], linestyle=dash, color=colour, label=curve.name
            )
        flat = passage(0.0, "fick-jacobs").value
        right.plot(
            fine, flat * np.exp(2 * fine), ":", color=COLOURS[5], label="$e^{-\\beta (F_1 - F_0)}$ alone"
        )
        error_bars(right, depths, [t.value for t in times], [1.96 * t.error for t in times],
                   "simulation, 95 % interval, $\\theta$ = 1")  # fmt: skip
        right.errorbar([DEPTH + 0.03], [cold.value * COLD], [1.96 * cold.error * COLD], fmt="s", color=COLOURS[1],
                       capsize=3, label=f"$\\theta$ = {COLD:g}")  # fmt: skip
        right.set(xlabel="depth of the narrow $A$", ylabel="$\\theta T$", yscale="log", ylim=(0.9, 20),
                  yticks=(1, 2, 5, 10), yticklabels=(1, 2, 5, 10))  # fmt: skip
        right.legend(loc="upper left")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
