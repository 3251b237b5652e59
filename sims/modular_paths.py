"""Is grokking a random walk on the zero-loss set, as far as the way to it, and waited for as an escape is?

Kozyrev's explanation, on addition modulo a prime (`sims.modular_addition`): the same networks with and without thermal
noise; how far they travel before and after they have memorised; the law of the time in between.
The full run takes 2 minutes of one processor.
"""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from langevin.comparison import compare
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, judge
from langevin.measure import coefficient_of_variation, exponential_score
from langevin.measure.networks import accuracy_times, mean_time
from langevin.sgld import Law, Protocol, Recording, train
from langevin.types import Measurement, Prediction, Status
from models import modular


class Setting(NamedTuple):
    """Modulus, hidden units, initial weights, temperature; networks at each part of the table, controls; frames."""

    p: int
    width: int
    scale: float
    heat: float
    networks: dict[float, int]
    controls: int
    horizon: int
    every: int


FULL = Setting(23, 190, 0.15, 1e-5, {0.7: 5, 0.9: 24}, 5, 30_000, 15)
QUICK = Setting(17, 96, 0.17, 4e-5, {0.9: 20}, 3, 6000, 30)
RATE, SKETCH = 1.0, 512
#: Memorised and generalised: accuracies on the two sides of the table.
LEARNED = {"train": 0.99, "test": 0.95}
#: A control below this test accuracy has not followed; lengths are alike within this factor.
HALF, ALIKE = 0.5, 2.0
PAPER = "S. V. Kozyrev, How to explain grokking (2024), section 2"
WALK = Claim("Grokking is a random walk in the zero risk manifold f = 0 (or Brownian motion)", PAPER)
LENGTHS = Claim("memorization and grokking result in similar path lengths in the zero risk manifold", PAPER)
EYRING = Claim(
    "Eyring's formula exp(-beta (F1 - F0)) gives an approximation of the dependence of the reciprocal of the grokking "
    "time on the training sample size",
    PAPER,
)


def answer(quick=False, seed=1):
    """Train with noise until all test pairs are right, then the first few again without it for as long."""
    setting = QUICK if quick else FULL
    networks = {part: modular_network(setting, part) for part in setting.networks}
    noisy = {
        part: run(setting, networks[part], n, seed, setting.heat) for part, n in setting.networks.items()
    }
    still = {
        part: run(setting._replace(horizon=int(one.events["step"].max())), networks[part], setting.controls, seed, 0.0)
        for part, one in noisy.items()
    }  # fmt: skip
    controls = {part: control_accuracy(noisy[part], still[part]) for part in noisy}
    ways = {part: lengths(one) for part, one in noisy.items()}
    times = {
        part: mean_time(accuracy_times(one, "test", level=LEARNED["test"])) for part, one in noisy.items()
    }
    score, spread = waiting_law(noisy[max(noisy)])
    return Answer(
        question="Is grokking a random walk on the zero-loss set, and does it wait and travel as Kozyrev has it?",
        findings=(is_a_walk(controls), travels_alike(ways, setting.every), waits_like_eyring(score, spread)),
        header=(
            "part of the table", "networks", "generalised, steps", "error", "test accuracy then without noise", "error",
            "displacement ratio", "error", "path ratio", "error",
        ),
        rows=[
            (part, times[part].n, *(number for m in (times[part], controls[part], *ways[part])
                                    for number in (m.value, m.error)))
            for part in noisy
        ],
        draw=lambda path: draw(path, noisy, still),
        settings={**setting._asdict(), "learning_rate": RATE, "criteria": LEARNED},
        comparisons=[
            compare(score, Prediction(0.0), level=LEVEL / 2, yardstick=10.0),
            compare(spread, Prediction(1.0), level=LEVEL / 2),
        ],
    )  # fmt: skip


def modular_network(setting, part):
    """The network, and which pairs it learns."""
    return modular.model(p=setting.p, width=setting.width, scale=setting.scale, fraction=part)


def run(setting, network, networks, seed, heat):
    """Langevin descent until all test pairs are right, or the horizon."""
    return train(
        network, Law(RATE, temperature=heat), steps=setting.horizon, chains=networks, seed=seed,
        protocol=Protocol(stop={"generalised": 0}),
        recording=Recording(range(0, setting.horizon + 1, setting.every), sketch=SKETCH),
    )  # fmt: skip


def frames_of(one):
    """Frames (networks,) at which each network has memorised, and generalised; 0 for never."""
    return [
        np.argmax(one.observables[f"{part}_accuracy"] >= level, axis=1) for part, level in LEARNED.items()
    ]


def control_accuracy(noisy, still):
    """Test accuracy without noise when the same network with noise has generalised."""
    frames = np.minimum(frames_of(noisy)[1], len(still.times) - 1)
    accuracy = still.observables["test_accuracy"]
    return mean_of(accuracy[np.arange(len(accuracy)), frames[: len(accuracy)]])


def mean_of(values):
    """Mean over networks with its standard error."""
    values = np.asarray(values, dtype=float)
    if len(values) < 2:
        return Measurement(math.nan, math.inf, len(values), "mean over networks", False, "too few arrived")
    error = float(values.std(ddof=1) / len(values) ** 0.5)
    return Measurement(float(values.mean()), error, len(values), "mean over networks")


def lengths(one):
    """From memorisation to generalisation over from the start to memorisation: displacements, lengths of polygons."""
    ratios = []
    for path, first, last in zip(one.states, *frames_of(one), strict=True):
        if 0 < first < last:
            (near, short), (far, long) = way(path[: first + 1]), way(path[first : last + 1])
            ratios.append((far / near, long / short))
    return [mean_of(column) for column in np.reshape(ratios, (-1, 2)).T]


def way(path):
    """Distance between the ends, and length of the polygon through all frames."""
    return np.linalg.norm(path[-1] - path[0]), np.linalg.norm(np.diff(path, axis=0), axis=1).sum()


def waiting_law(one):
    """Score of the exponential law and coefficient of variation, of the time from memorisation to generalisation."""
    return exponential_score(waits(one)), coefficient_of_variation(waits(one))


def waits(one):
    """The run with the waiting times as its events."""
    first, last = (accuracy_times(one, part, level=level) for part, level in LEARNED.items())
    status = np.where(last.censored, Status.CENSORED, Status.HIT)
    return replace(one, events=dict(one.events) | {"status": status, "time": last.time - first.time})


def is_a_walk(controls):
    """Noise is needed where the control is below `HALF` when the network with noise has generalised."""
    needed = [m.value + 3 * m.error < HALF for m in controls.values()]
    number = (
        "test accuracy of gradient descent without noise, from the same weights, when the network with noise has "
        "generalised: " + ", ".join(f"{show(m, '.3f')} at part {part:g}" for part, m in controls.items())
    )
    condition = (
        "the training sample is small: from a large one gradient descent generalises without any noise"
    )
    n = next(iter(controls.values())).n
    return Finding(WALK, judge(all(needed), needed[0], condition), f"{number}; n = {n} each")


def travels_alike(ways, every):
    """Within a factor `ALIKE`, three errors included, at every part; for polygons, or else for displacements."""
    alike = [all(similar(pair[i]) for pair in ways.values()) for i in (0, 1)]
    number = "grokking over memorisation, displacement and path length: " + ", ".join(
        f"{show(end, '.2f')} and {show(length, '.1f')} at part {part:g} (n = {end.n})"
        for part, (end, length) in ways.items()
    )
    condition = (
        "path length means displacement: the way itself grows with the number of steps, and finer steps lengthen it "
        "without limit"
    )
    return Finding(LENGTHS, judge(alike[1], alike[0], condition), f"{number}; polygons over {every} steps")


def similar(ratio):
    """Whether a ratio is surely between 1 / `ALIKE` and `ALIKE`."""
    low, high = ratio.value - 3 * ratio.error, ratio.value + 3 * ratio.error
    return ratio.mixed and low > 1 / ALIKE and high < ALIKE


def waits_like_eyring(score, spread):
    """A rate over a barrier makes waiting times exponential: score 0, coefficient of variation 1."""
    rows = [compare(m, Prediction(x), level=LEVEL / 2) for m, x in ((score, 0.0), (spread, 1.0))]
    number = (
        f"coefficient of variation of the time from memorisation to generalisation: {show(spread, '.3f')} "
        f"(exponential: 1); score against an exponential law: {score.value:.1f} +- 1; n = {spread.n} networks"
    )
    return Finding(EYRING, judge(all(row.verdict != "excluded" for row in rows)), number)


def show(measured, form):
    """A number with its error."""
    return f"{measured.value:{form}} +- {measured.error:{form}}"


def draw(path, noisy, still):
    """Test accuracy with and without noise; the law of the waiting times; displacement and way over steps."""
    from langevin.figures.canvas import COLOURS, canvas

    with canvas(path, "Test accuracy, with and without noise", width=9.0, height=7.0) as axes:
        grid = axes.figure.add_gridspec(2, 2)
        axes.set_subplotspec(grid[0, :])
        law, length = (axes.figure.add_subplot(grid[1, i]) for i in (0, 1))
        for (part, one), colour in zip(noisy.items(), COLOURS):
            for run_of, dash, name in ((one, "-", "noise"), (still[part], "--", "no noise")):
                for chain, accuracy in enumerate(run_of.observables["test_accuracy"][:5]):
                    axes.plot(run_of.steps[1:], accuracy[1:], dash, color=colour, linewidth=1,
                              label=None if chain else f"part {part:g}, {name}")  # fmt: skip
        axes.set(xlabel="step", ylabel="test accuracy", xscale="log", ylim=(-0.03, 1.03))
        axes.legend(loc="upper left")

        waited = np.sort(np.asarray(waits(one).events["time"])) / RATE
        left = 1 - np.arange(len(waited) + 1) / len(waited)
        law.step([0, *waited], left, where="post", color="black", label=f"measured, n = {len(waited)}")
        far = np.linspace(0, 3 * waited.mean(), 200)
        law.plot(far, np.exp(-far / waited.mean()), "--", color=COLOURS[2], label="exponential, same mean")
        law.set_title(f"Networks not yet generalised, part {part:g}", loc="left")
        law.set(xlabel="steps since memorised", ylabel="share")
        law.legend()

        for (part, one), colour in zip(noisy.items(), COLOURS):
            states, frame = one.states[0], int(frames_of(one)[1][0])
            walked = np.cumsum(np.linalg.norm(np.diff(states[: frame + 1], axis=0), axis=1))
            steps, end = one.steps[1 : frame + 1], one.observables["displacement"][0, 1 : frame + 1]
            length.plot(
                steps, walked, "-", color=colour, label=f"part {part:g}, path over {one.steps[1]} steps"
            )
            length.plot(steps, end, "--", color=colour, label=f"part {part:g}, displacement")
            memorised = int(frames_of(one)[0][0])
            length.plot(one.steps[memorised], end[memorised - 1], "o", color=colour, markersize=5)
        length.set_title("Way of one network; dot: memorised", loc="left")
        length.set(xlabel="step", ylabel="length in weight space", xscale="log", yscale="log")
        length.legend()


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
