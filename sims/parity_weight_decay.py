"""Does more weight decay after memorising make generalisation earlier, until the network collapses?

Networks learn (50, 2)-parity; once they have memorised, their weight decay is set to w. At small w they drift along the
zero-loss set, and the only time scale is (learning rate) x w x steps. At larger w the units of the four patterns of the
two signs die (shrink to zero), each pattern at its own w, which the training set alone predicts
(`langevin.theory.learning.weight_collapse`). Without decay the hinge loss becomes exactly zero, and the network is at
rest: nothing that comes later can make it generalise. The full run takes two minutes of one processor.
"""

import math
from dataclasses import replace
from itertools import groupby

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
from sims._rest_and_sparsity import both_ends, effective_share, resting, thinning
from sims._weight_decay_figure import draw

SIGNS, RATE = 50, 0.1
LAW = Law(RATE, weight_decay=0.01, name="sgd", batch=32)
#: Small decays, for the fit of the exponent; larger ones; high ones, evenly spaced, at which patterns may die.
SMALL = (0.00125, 0.0025, 0.005, 0.01, 0.02, 0.04)
LARGE = (0.06, 0.08, 0.1, 0.12, 0.16, 0.2, 0.24)
HIGH = tuple(round(0.26 + 0.03 * i, 2) for i in range(8))
#: Steps at decay 0, after which every network is at rest. Steps at a high decay: a pattern that has shrunk by
#: e^REGROWTH regrows in this time if w is below its threshold by at least REGROWTH / (RATE x steps).
REST, STEPS, REGROWTH = 2000, 8000, 5.0
#: Signs of the four patterns. One is alive where the mean of y f over its training samples is above ALIVE.
PATTERNS, ALIVE = ((1, 1), (1, -1), (-1, 1), (-1, -1)), 0.5
#: Decays between which generalisation becomes earlier, and a higher one at which it should be later again.
FORWARD, BACK = (0.01, 0.16), HIGH[1]
#: Smallest factor of "faster"; share of "most networks"; share of the delay by decay alone; tolerance of the power -1;
#: factor by which a network becomes sparser.
GAIN, MOST, MAINLY, CLOSE, THINNER = 2.0, 0.5, 0.8, 0.15, 2.0

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
    sparser = {w: thinning(runs[w]) for w in (0.0, *small)}
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
            decays_away(slope, shares, resting(runs[0.0]), sparser),
        ),
        header=(
            "weight decay", "mean delay, steps", "standard error", "networks", "generalised", "delay x lr x w",
            "train accuracy", "test accuracy", "training loss", *(f"y f of pattern {pattern}" for pattern in PATTERNS),
            "effective share of hidden weights",
        ),
        rows=[row(w, runs[w], delays[w]) for w in runs],
        draw=lambda path: draw(path, delays, shares, [runs[w] for w in high], high, list(hills.values())),
        settings={
            "law": LAW.name, "learning_rate": RATE, "weight_decay": LAW.weight_decay, "batch": LAW.batch,
            "networks": networks, "steps": steps, "width": width, "data_seed": seed,
        },
        comparisons=comparisons,
    )  # fmt: skip


def observers(model):
    """The norm of the hidden weights of irrelevant signs, their effective share, and the mean of y f per pattern."""
    inputs, targets = (jnp.asarray(part, jnp.float32) for part in model.train)

    def margin(pattern):
        mine = (inputs[:, :2] == jnp.array(pattern)).all(axis=1)
        return lambda weights: jnp.sum(mine * (targets * parity.apply(weights, inputs))[:, 0]) / mine.sum()

    dense = {
        "dense": lambda weights: jnp.linalg.norm(weights["hidden"][2:]),
        "effective share": effective_share,
    }
    return dense | {f"pattern {place}": margin(pattern) for place, pattern in enumerate(PATTERNS)}


def decayed(model, w, steps, networks, seed, watch):
    """Networks with decay w after memorising, until they generalise, or for a fixed time at high decays and at 0."""
    high = w >= HIGH[0]
    limit = steps if high else round(600 + 30 / w) if w else REST
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
    before, after = both_ends(run, "dense")
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
        f"{told(gain)} (required: above {GAIN:g}); at w = {BACK:g} {shown(delays[BACK])}, which is later than at w = "
        f"{best:g} in {later.law.count} of {later.n} networks (required: a share above {MOST:g}); shortest delay at w "
        f"= {told(least)} on the grid, n = "
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
        f"networks that generalise, of {alive.n} at each w: " + in_runs(counts)
        + f" (required: a share above {MOST:g} at w = {FORWARD[1]:g}, and below {MOST:g} at w = "
        f"{high[-1]:g}); the units of the four patterns of two signs die at w = {patterns} (in brackets the "
        f"prediction from the training set; 1/sqrt(8) = 0.354 for equally frequent patterns); at w = {high[-1]:g} the "
        f"training loss is {told(last['train_loss'])} (1 for zero outputs), train accuracy "
        f"{told(last['train_accuracy'])}, test accuracy {told(last['test_accuracy'])} (an output of 0 counts as wrong)"
    )  # fmt: skip
    both = every("networks generalise below a decay, and not above", (above(alive, MOST), below(dead, MOST)))
    return Finding(THRESHOLD, verdict_of(both), words)


def in_runs(counts):
    """Numbers of networks by w, neighbours with the same number together: "8 for w from 0.01 to 0.2"."""
    runs = [(count, [w for w, _ in group]) for count, group in groupby(counts.items(), lambda pair: pair[1])]
    return ", ".join(
        f"{count} for w from {ws[0]:g} to {ws[-1]:g}" if len(ws) > 1 else f"{count} at w = {ws[0]:g}"
        for count, ws in runs
    )


def decays_away(slope, shares, still, sparser):
    """Without decay networks neither generalise nor get sparser; with decay both, at a time in proportion to 1 / w."""
    low, high = (pick(measured.value for measured in shares.values()) for pick in (min, max))
    error = max(measured.error for measured in shares.values())
    ever, rest = still
    thinner = {w: one for w, one in sparser.items() if w}
    least = min(thinner.values(), key=lambda measured: measured.value)
    words = (
        f"the effective share of the hidden weights, (sum v^2)^2 / (n sum v^4) over weights v, falls by a factor of "
        f"{told(least)} or more from memorising to generalising at every w from {min(shares):g} to {max(shares):g}, "
        f"and by {told(sparser[0.0])} at w = 0 (required: above {THINNER:g}, and below {THINNER:g} at w = 0); "
        f"at w = 0 {ever.law.count} of {ever.n} networks generalise before the training loss is exactly "
        f"zero, at the latest at step {rest}, after which no gradient moves them; "
        f"delay ~ w^p with p = {told(slope)} (required: -1 within {CLOSE:.0%}); decay "
        f"alone, exp(-lr w steps), would shrink the weights of irrelevant signs as much in {low:.3f} to {high:.3f} of "
        f"the delay (errors up to {error:.3f}; required: above {MAINLY:g}), n = {slope.n}"
    )
    parts = [
        below(ever, MOST), below(sparser[0.0], THINNER), near(slope, -1.0, CLOSE),
        *(above(one, THINNER) for one in thinner.values()), *(above(share, MAINLY) for share in shares.values()),
    ]  # fmt: skip
    return Finding(
        MECHANISM, verdict_of(every("decay is needed, makes sparse, and sets the delay", parts)), words
    )


def row(w, run, arrivals):
    """A row of the table."""
    measured, seen = mean_time(arrivals), run.observables
    patterns = [f"pattern {i}" for i in range(len(PATTERNS))]
    ends = "train_accuracy", "test_accuracy", "train_loss", *patterns, "effective share"
    return (
        w, measured.value, measured.error, measured.n, int((~arrivals.censored).sum()), RATE * w * measured.value,
        *(float(seen[name][:, -1].mean()) for name in ends),
    )  # fmt: skip


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
