"""Does more weight decay after memorising make generalisation earlier, until the network collapses?

Networks learn (50, 2)-parity; once they have memorised, their weight decay is set to w. At small w they drift along the
zero-loss set, and the only time scale is (learning rate) x w x steps. At larger w the units of the four patterns of the
two signs die (shrink to zero), each pattern at its own w, which the training set alone predicts
(`langevin.theory.learning.weight_collapse`). The full run takes two minutes of one processor.
"""

import math
from dataclasses import replace

import jax.numpy as jnp
import numpy as np

from langevin.comparison import compare, compare_all
from langevin.comparison import format_measurement as told
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, every, near
from langevin.measure.networks import mean_time
from langevin.measure.networks.grokking import Arrivals
from langevin.measure.occupancy import share_of
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Law, Protocol, Recording, train
from langevin.theory.learning.weight_collapse import hill_heights
from langevin.types import Curve, Measurement, Prediction
from models import parity

SIGNS, RATE = 50, 0.1
LAW = Law(RATE, weight_decay=0.01, name="sgd", batch=32)
#: Small decays, for the fit of the exponent; larger ones; high ones, evenly spaced, at which patterns may die.
SMALL = (0.00125, 0.0025, 0.005, 0.01, 0.02, 0.04)
LARGE = (0.06, 0.08, 0.1, 0.12, 0.16, 0.2, 0.24)
HIGH = tuple(round(0.26 + 0.03 * i, 2) for i in range(8))
#: Steps at a high decay. A pattern that has shrunk by e^REGROWTH regrows in this time if w is below its threshold by
#: at least REGROWTH / (RATE x steps).
STEPS, REGROWTH = 8000, 5.0
#: Signs of the four patterns. One is alive where the mean of y f over its training samples is above ALIVE.
PATTERNS, ALIVE = ((1, 1), (1, -1), (-1, 1), (-1, -1)), 0.5
#: Decays between which generalisation becomes earlier, and a higher one at which it should be later again.
FORWARD, BACK = (0.01, 0.16), HIGH[1]
#: Smallest factor of "faster"; share of "most networks"; share of the delay by decay alone; tolerance of the power -1.
GAIN, MOST, MAINLY, CLOSE = 2.0, 0.5, 0.8, 0.15

POST = "T. Fuangkawinsombut and T. Somsirivattana, Grokking (2023), hypothesis 1"
FASTER = Claim(
    "if we increase the weight decay w after the model has achieved memorization, then the model should achieve "
    "generalization faster", POST,
)  # fmt: skip
THRESHOLD = Claim(
    "there should be some threshold of weight decay beyond which the model cannot achieve generalization at all", POST,
)  # fmt: skip
MECHANISM = Claim(
    "weight decay is one important ingredient in the mechanism that sparsifies the circuit after the model has "
    "achieved memorization", f"{POST}, after V. Varma et al. (2023), arXiv 2309.02390",
)  # fmt: skip
INVERSE = Curve(
    "drift along the zero-loss set: delay ~ 1/w",
    lambda _: Prediction(-1.0),
    "w so small that the training loss stays near zero",
    "on the set dx/dt = -w P x, with P x the part of x that no margin constrains",
)


def answer(quick=False, seed=1):
    """Measure the delay at every w, the decay of the dense weights, and the patterns that survive at large w."""
    small, large, high = (SMALL[3::2], FORWARD[1:], HIGH[1::3]) if quick else (SMALL, LARGE, HIGH)
    steps, networks, width = (2000, 8, 200) if quick else (STEPS, 8, 500)
    model = parity.model(SIGNS, width=width, data_seed=seed)
    watch = observers(model)
    runs = {w: decayed(model, w, steps, networks, seed, watch) for w in (0.0, *small, *large, *high)}
    delays = {w: delay(run) for w, run in runs.items()}
    slope = exponent(small, delays)
    shares = {w: decay_alone(runs[w], w, delays[w]) for w in small}
    lost = {pattern: threshold(runs, high, place) for place, pattern in enumerate(PATTERNS)}
    hills = dict(zip(PATTERNS, hills_of(model)))
    comparisons = [
        compare(slope, INVERSE, level=LEVEL, yardstick=1.0),
        *compare_all(range(len(PATTERNS)), list(lost.values()), [hill_curve(hills, steps)], LEVEL),
    ]
    return Answer(
        question="Does more weight decay after memorising make generalisation earlier, until the network collapses?",
        findings=(
            is_faster(delays),
            has_threshold(delays, runs, high, lost, hills),
            decays_away(slope, shares, delays[0.0]),
        ),
        header=(
            "weight decay", "mean delay, steps", "standard error", "networks", "generalised", "delay x lr x w",
            "train accuracy", "test accuracy", *(f"y f of pattern {pattern}" for pattern in PATTERNS),
        ),
        rows=[row(w, runs[w], delays[w]) for w in runs],
        draw=lambda path: draw(path, delays, shares, runs, high, hills),
        settings={
            "law": LAW.name, "learning_rate": RATE, "weight_decay": LAW.weight_decay, "batch": LAW.batch,
            "networks": networks, "steps": steps, "width": width, "data_seed": seed,
        },
        comparisons=comparisons,
    )  # fmt: skip


def observers(model):
    """The norm of the hidden weights of irrelevant signs, and the mean of y f over each pattern."""
    inputs, targets = (jnp.asarray(part, jnp.float32) for part in model.train)

    def margin(pattern):
        mine = (inputs[:, :2] == jnp.array(pattern)).all(axis=1)
        return lambda weights: jnp.sum(mine * (targets * parity.apply(weights, inputs))[:, 0]) / mine.sum()

    dense = {"dense": lambda weights: jnp.linalg.norm(weights["hidden"][2:])}
    return dense | {f"pattern {place}": margin(pattern) for place, pattern in enumerate(PATTERNS)}


def decayed(model, w, steps, networks, seed, watch):
    """Networks with decay w after memorising, until they generalise, or for `steps` steps at a high decay."""
    high = w >= HIGH[0]
    limit = steps if high or w == 0 else round(600 + 30 / w)
    every = max(10, round(limit / 2000) * 10)
    frames = sorted({*range(0, 400, 10), *range(400, limit, 200 if high else every), limit})
    stop = {} if high else {"generalised": 100}
    return train(
        model, LAW, steps=limit, chains=networks, seed=seed,
        protocol=Protocol(after_memorisation={"weight_decay": w}, stop=stop), recording=Recording(frames, watch),
    )  # fmt: skip


def delay(run):
    """Steps from memorising to generalising; censored if the network never generalises."""
    begun, done = run.events["changed_step"], run.events["generalised_step"]
    never = done < 0
    frame = np.searchsorted(run.steps, np.where(never, run.steps[-1], done))
    gap = np.where(never, 0, run.steps[frame] - run.steps[frame - 1])
    return Arrivals(run.steps[frame] - begun, never, gap, "steps from train accuracy 1 to test accuracy 1")


def exponent(small, delays):
    """Slope of log delay over log w, fitted to each network separately; mean over networks."""
    logs = np.log([delays[w].time for w in small])
    slopes = np.polyfit(np.log(small), logs, 1)[0]
    return mean_over(slopes, "exponent of the delay")


def decay_alone(run, w, arrivals):
    """Time in which exp(-lr w steps) alone shrinks the dense weights as much as the delay does, over the delay."""
    frames = [np.searchsorted(run.steps, run.events[name]) for name in ("changed_step", "generalised_step")]
    before, after = (np.take_along_axis(run.observables["dense"], at[:, None], axis=1)[:, 0] for at in frames)
    shares = np.log(before / after) / (RATE * w * arrivals.time)
    return mean_over(shares, "share of the delay by decay alone")


def threshold(runs, high, place):
    """Middle between the last w at which a pattern is alive at the end and the first w at which it is not."""
    spacing = high[1] - high[0]
    alive = np.array([runs[w].observables[f"pattern {place}"][:, -1] > ALIVE for w in high])
    values = high[0] + spacing * (alive.sum(axis=0) - 0.5)
    grid = spacing / math.sqrt(12)
    mixed = bool(alive[0].all() and not alive[-1].any())
    note = "" if mixed else "dead or alive at all decays"
    spread = values.std(ddof=1) / len(values) ** 0.5
    return Measurement(float(values.mean()), math.hypot(spread, grid), len(values), "threshold", mixed, note)


def hills_of(model):
    """The predicted decay at which each pattern dies: the height of the hill that its units climb."""
    starts = np.zeros((len(PATTERNS), SIGNS + 1))
    starts[:, :2] = PATTERNS
    return hill_heights(model.train.inputs, model.train.targets[:, 0], starts)


def hill_curve(hills, steps):
    """These decays as a theory, by number of the pattern; the remainder follows from the time to regrow."""
    heights = list(hills.values())
    return Curve(
        "a pattern dies where w is above the hill of its units",
        lambda place: Prediction(float(heights[int(place)]), REGROWTH / (RATE * steps)),
        "after a time much longer than 1 / |w - hill|",
        "langevin.theory.learning.weight_collapse",
    )


def is_faster(delays):
    """Generalisation is earlier at the second decay of FORWARD than at the first, and mostly later again at BACK."""
    base, best = FORWARD
    gain = factor_over(delays[base].time / delays[best].time, f"delay at w = {base:g} over that at {best:g}")
    later = share_of(delays[BACK].time > delays[best].time, f"share of networks later at w = {BACK:g}")
    least = optimum(delays)
    words = (
        f"mean delay {shown(delays[base])} steps at w = {base:g}, {shown(delays[best])} at w = {best:g}: ratio "
        f"{told(gain)}; at w = {BACK:g} {shown(delays[BACK])}, which is later than at w = "
        f"{best:g} in {later.law.count} of {later.n} networks; shortest delay at w = {told(least)} on the grid, n = "
        f"{gain.n} networks on one data set"
    )
    condition = f"w is below an optimum, {told(least)}; above it generalisation is later again"
    forward, back = above(gain, GAIN), above(later, MOST)
    faster = every("earlier with every increase of w", (forward, below(later, MOST)))
    return Finding(FASTER, verdict_of(faster, Narrowed(condition, forward, back)), words)


def optimum(delays):
    """The w of the shortest delay, mean over networks; its error contains half the spacing of the grid."""
    tried = np.array([w for w in delays if w > 0])
    times = np.array([np.where(delays[w].censored, np.inf, delays[w].time) for w in tried])
    best = times.argmin(axis=0)
    spacing = (tried[np.minimum(best + 1, len(tried) - 1)] - tried[np.maximum(best - 1, 0)]).mean() / 2
    found = mean_over(tried[best], "fastest w")
    return replace(found, error=math.hypot(found.error, spacing / 2))


def shown(arrivals):
    """Mean +- standard error; a lower bound if some networks never generalise."""
    measured = mean_time(arrivals)
    return ("at least " if arrivals.censored.any() else "") + told(measured)


def has_threshold(delays, runs, high, lost, hills):
    """Most networks generalise at the second decay of FORWARD, and few at the highest decay."""
    counts = {w: int((~delays[w].censored).sum()) for w in runs if w > 0}
    alive, dead = (
        share_of(~delays[w].censored, f"share of networks that generalise at w = {w:g}")
        for w in (FORWARD[1], high[-1])
    )
    last = {
        name: mean_over(runs[high[-1]].observables[name][:, -1])
        for name in ("train_loss", "train_accuracy", "test_accuracy")
    }
    patterns = ", ".join(f"{told(lost[pattern])} ({hills[pattern]:.3f})" for pattern in PATTERNS)
    words = (
        "networks that generalise: " + ", ".join(f"{count} at w = {w:g}" for w, count in counts.items())
        + f", of {alive.n} each; the units of the four patterns of two signs die at w = {patterns} (in brackets the "
        f"prediction from the training set; 1/sqrt(8) = 0.354 for equally frequent patterns); at w = {high[-1]:g} the "
        f"training loss is {told(last['train_loss'])} (1 for zero outputs), train accuracy "
        f"{told(last['train_accuracy'])}, test accuracy {told(last['test_accuracy'])} (an output of 0 counts as wrong)"
    )  # fmt: skip
    both = every("networks generalise below a decay, and not above", (above(alive, MOST), below(dead, MOST)))
    return Finding(THRESHOLD, verdict_of(both), words)


def decays_away(slope, shares, still):
    """Few networks generalise without decay; the delay is proportional to 1 / w; decay alone explains most of it."""
    low, high = (pick(measured.value for measured in shares.values()) for pick in (min, max))
    error = max(measured.error for measured in shares.values())
    without = share_of(~still.censored, "share of networks that generalise without decay")
    words = (
        f"delay ~ w^p with p = {told(slope)} for w from {min(shares):g} to {max(shares):g}; decay alone, "
        f"exp(-lr w steps), would shrink the dense weights as much in {low:.3f} to {high:.3f} of the delay (errors up "
        f"to {error:.3f}), but the gradient opposes it; at w = 0 {without.law.count} of {without.n} networks "
        f"generalise, n = {slope.n}"
    )
    parts = [
        below(without, MOST),
        near(slope, -1.0, CLOSE),
        *(above(share, MAINLY) for share in shares.values()),
    ]
    return Finding(MECHANISM, verdict_of(every("decay is needed, and sets the delay", parts)), words)


def row(w, run, arrivals):
    """A row of the table."""
    measured, seen = mean_time(arrivals), run.observables
    ends = [f"{part}_accuracy" for part in ("train", "test")] + [f"pattern {i}" for i in range(len(PATTERNS))]
    return (
        w, measured.value, measured.error, measured.n, int((~arrivals.censored).sum()), RATE * w * measured.value,
        *(float(seen[name][:, -1].mean()) for name in ends),
    )  # fmt: skip


def draw(path, delays, shares, runs, high, hills):
    """Left the delay against w; right the mean of y f over each pattern at the end of a long run."""
    from langevin.figures.canvas import COLOURS, MEASURED, canvas
    from langevin.figures.panels import bars, panels

    with canvas(path, "Steps from memorising to generalising", width=9.5) as place:
        axes, right = panels(place, 1, 2)
        arrived = [w for w in delays if w > 0 and not delays[w].censored.any()]
        times = [mean_time(delays[w]) for w in arrived]
        bars(axes, arrived, times, MEASURED, "o", "measured, 95 % interval")
        alone = [shares[w].value * delays[w].time.mean() for w in shares]
        axes.plot(list(shares), alone, "^", color=COLOURS[1], label="decay of dense weights alone")
        first = times[0].value * arrived[0]
        axes.plot(arrived, [first / w for w in arrived], "--", color=COLOURS[0], label="$\\propto 1/w$")
        axes.axvspan(min(hills.values()), max(hills.values()), color=COLOURS[4], alpha=0.3, linewidth=0,
                     label="patterns die one by one")  # fmt: skip
        axes.axvspan(max(hills.values()), 1.0, color="#999999", alpha=0.4, linewidth=0, label="none survives")
        axes.set(xscale="log", yscale="log", xlabel="weight decay $w$", ylabel="steps")
        axes.set_xlim(arrived[0] / 1.5, 0.9)
        axes.legend(loc="lower left")
        right.set_title("Mean $y f$ of the four patterns of signs, at the end", loc="left")
        for number, (pattern, colour, mark) in enumerate(zip(PATTERNS, COLOURS, "os^D")):
            ends = [mean_over(runs[w].observables[f"pattern {number}"][:, -1]) for w in high]
            label = ", ".join("+" if sign > 0 else "-" for sign in pattern)
            bars(right, high, ends, colour, mark, label, linestyle="-")
            right.axvline(hills[pattern], color=colour, linestyle="--", linewidth=1.2)
        right.plot([], [], "--", color="#555555", label="predicted threshold")
        right.set(xlabel="weight decay $w$", ylabel="mean $y f$", ylim=(-0.15, 1.25))
        right.legend(loc="upper right", ncols=3, frameon=True, framealpha=1, edgecolor="none")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
