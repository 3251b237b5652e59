"""Do flipped training labels slow generalisation down, forbid it, or are they corrected?

Networks learn (50, 2)-parity while a part p of the training labels is flipped. "Generalised" is asked in two ways: a
test accuracy of 1, and one of 0.9. Then, at some p, the weight decay is varied: the flipped labels have a circuit of
their own, which lives up to a decay that they alone bound (`langevin.theory.weight_collapse`), far below the one at
which the circuit of the parity dies. The full run takes two and a half minutes of one processor.
"""

import jax.numpy as jnp
import numpy as np

from langevin.comparison import format_value
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, judge
from langevin.measure import confidence_interval
from langevin.measure.networks import accuracy_times, mean_time
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Law, Protocol, Recording, split, train
from langevin.theory.weight_collapse import collapse_decay, hill_heights
from models import parity

SIGNS, RATE, DECAY = 50, 0.1, 0.01
LAW = Law(RATE, name="sgd", batch=32)
PARTS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3)
#: The part at which times are compared with those without flips.
COMPARED = 0.05
#: The softer criterion of generalising, and the part of the run, at its end, over which a plateau is averaged.
SOFT, PLATEAU = 0.9, 0.25
#: Where the weight decay is varied, and over what.
VARIED, DECAYS = (0.05, 0.1), (0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.15)
#: Flipped labels are kept when more than the first share of them is fitted at the end, corrected below the second.
KEPT, CORRECTED = 0.9, 0.1

POST = "T. Fuangkawinsombut and T. Somsirivattana, Grokking (2023), hypothesis 2"
SLOWER = Claim(
    "if we increase the fraction of outliers p_t, then the model should achieve generalization slower", POST
)
THRESHOLD = Claim(
    "there should be some threshold of the fraction beyond which the model cannot achieve generalization at all",
    POST,
)
HARDER = Claim(
    "the outliers should prevent the formation of the generalizing circuit more than the formation of the memorizing "
    "circuit",
    POST,
)
CORRECTS = Claim(
    "the question is whether the model would arrive at a generalizing circuit that learns to correct the outliers in "
    "the training data",
    f"{POST}, after Power et al. (2022), arXiv 2201.02177",
)


def answer(quick=False, seed=1):
    """Train at every part of flipped labels; at some of them at every weight decay; say what became of them."""
    parts, varied = ((0.0, COMPARED), (COMPARED,)) if quick else (PARTS, VARIED)
    decays = DECAYS[::5] if quick else DECAYS
    steps, networks, width = (3000, 3, 200) if quick else (8000, 5, 500)
    models = {part: parity.model(SIGNS, width=width, outliers=part, data_seed=seed) for part in parts}
    runs = {part: trained(models[part], [DECAY], steps, networks, seed)[0] for part in parts}
    sweeps = {
        part: {
            DECAY: runs[part],
            **dict(zip(decays, trained(models[part], decays, steps // 2, networks, seed))),
        }
        for part in varied
    }
    ends = {part: plateau(run, "test_accuracy") for part, run in runs.items()}
    edges = {part: thresholds(models[part]) for part in varied}
    return Answer(
        question="Do flipped training labels slow generalisation down, forbid it, or are they corrected?",
        findings=(
            is_slower(runs),
            has_threshold(runs, ends, sweeps),
            is_harder(runs),
            are_corrected(runs, sweeps, edges),
        ),
        header=("flipped", "weight decay", "quantity", "value", "standard error", "networks", "note"),
        rows=[
            line
            for part in parts
            for decay, run in ({DECAY: runs[part]} | sweeps.get(part, {})).items()
            for line in lines(part, decay, run)
        ],
        draw=lambda path: draw(path, runs, ends, sweeps, edges),
        settings={
            "law": LAW.name, "learning_rate": RATE, "batch": LAW.batch, "weight_decay": DECAY,
            "networks": networks, "steps": steps, "width": width, "data_seed": seed,
        },
    )  # fmt: skip


def trained(model, decays, steps, networks, seed):
    """One run for each decay, which holds from the first step on."""
    inputs, targets = (jnp.asarray(part, jnp.float32) for part in model.train)
    flipped = (inputs[:, 0] * inputs[:, 1] != targets[:, 0]).astype(jnp.float32)

    def fitted(weights):
        right = targets[:, 0] * parity.apply(weights, inputs)[:, 0] > 0
        return jnp.sum(flipped * right) / jnp.maximum(flipped.sum(), 1)

    frames = sorted({*range(0, 400, 10), *range(400, steps, 50), steps})
    run = train(
        model, LAW, steps=steps, chains=networks, seed=seed, protocol=Protocol(sweep={"weight_decay": decays}),
        recording=Recording(frames, observe={"flipped": fitted}),
    )  # fmt: skip
    return split(run)


def plateau(run, name):
    """Mean of an observable over the last part of the run, over networks."""
    late = run.steps >= (1 - PLATEAU) * run.steps[-1]
    return mean_over(run.observables[name][:, late].mean(axis=1), f"plateau, {name}")


def thresholds(model):
    """Bound on the decay that a circuit of the flipped labels lives with; decay at which one of the parity's dies."""
    inputs, targets = model.train.inputs, model.train.targets[:, 0]
    flipped = inputs[:, 0] * inputs[:, 1] != targets
    starts = np.zeros((4, SIGNS + 1))
    starts[:, :2] = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    alone = flipped.mean() * collapse_decay(inputs[flipped], targets[flipped]).value
    return alone, float(hill_heights(inputs, targets, starts).min())


def times(run, level, part="test"):
    """Steps until the accuracy first reaches the level."""
    arrivals = accuracy_times(run, part, level=level)
    return arrivals._replace(time=arrivals.time / RATE, gap=arrivals.gap / RATE)


def shown(measured):
    """Value +- standard error."""
    return format_value(measured.value, measured.error)


def ratio(slow, fast):
    """Mean ratio of two times, network by network, since both start from the same weights; and whether it is above 1.

    The interval is that of the logarithm.
    """
    ratios = slow.time / fast.time
    return factor_over(ratios, "ratio of times"), confidence_interval(mean_over(np.log(ratios)), 1 - LEVEL)[
        0
    ] > 0


def is_slower(runs):
    """By both criteria later at `COMPARED` than without flips, beyond the interval; never counts as the end."""
    words, slower = [], []
    for level in (1.0, SOFT):
        late = times(runs[COMPARED], level)
        last, clear = ratio(late, times(runs[0.0], level))
        means = ", ".join(
            f"{shown(mean_time(times(run, level)))} at p = {part:g}"
            for part, run in runs.items()
            if not times(run, level).censored.any()
        )
        words.append(
            f"steps to test accuracy {level:g}: {means}; slower at p = {COMPARED:g} by "
            f"{'at least ' if late.censored.any() else ''}{shown(last)} times"
        )
        slower.append(clear)
    text = f"{'; '.join(words)}, n = {last.n} networks on one data set"
    return Finding(SLOWER, judge(all(slower), any(slower), "one of the two criteria is meant"), text)


def has_threshold(runs, ends, sweeps):
    """By the strict criterion nobody arrives from some part on; is the plateau there at chance, or still above it?"""
    counts = {part: arrived(run) for part, run in runs.items()}
    never = [part for part in counts if not any(counts[more] for more in counts if more >= part)]
    whole = len(runs[0.0].events["status"])
    words = f"networks of {whole} that reach test accuracy 1: "
    words += ", ".join(f"{count} at p = {part:g}" for part, count in counts.items())
    words += "; plateau of the test accuracy " + ", ".join(
        f"{shown(end)} at p = {part:g}" for part, end in ends.items()
    )
    for part, sweep in sweeps.items():
        best = max(sweep, key=lambda decay: arrived(sweep[decay]))
        words += f"; at p = {part:g} under weight decay {best:g} {arrived(sweep[best])} reach it"
    if not never:
        return Finding(THRESHOLD, judge(False), words)
    above = confidence_interval(ends[never[0]], 1 - LEVEL)[0] > 0.5
    condition = (
        f"generalised means a test accuracy of exactly 1, and the weight decay stays at {DECAY:g}: the plateau falls "
        f"evenly to chance, and is still {ends[never[0]].value:.2f} at p = {never[0]:g}, where nobody reaches 1"
    )
    return Finding(THRESHOLD, judge(not above, above, condition), words)


def arrived(run):
    """Number of networks that reach test accuracy 1."""
    return int((~times(run, 1.0).censored).sum())


def is_harder(runs):
    """Times to generalise at `COMPARED`, softly, grow by more than those to memorise."""
    kinds = (("test", SOFT), ("train", 1.0))
    late, early = ([times(runs[part], level, what) for what, level in kinds] for part in (COMPARED, 0.0))
    (later, _), (sooner, _) = (ratio(*pair) for pair in zip(late, early))
    gap, clear = ratio(*(slow._replace(time=slow.time / fast.time) for slow, fast in zip(late, early)))
    words = (
        f"at p = {COMPARED:g} test accuracy {SOFT:g} comes {shown(later)} times later than without flips, train "
        f"accuracy 1 {shown(sooner)} times, a ratio of {shown(gap)}, n = {gap.n}"
    )
    return Finding(HARDER, judge(clear), words)


def are_corrected(runs, sweeps, edges):
    """Kept at the decay of the post; where it is varied, corrected above the flipped labels' own threshold."""
    shares = [plateau(run, "flipped").value for part, run in runs.items() if part > 0]
    words = [
        f"at weight decay {DECAY:g} a share of {min(shares):.3f} or more of the flipped labels stays fitted at every p"
    ]
    corrected, spared = [], []
    for part, sweep in sweeps.items():
        left = {decay: plateau(run, "flipped") for decay, run in sweep.items()}
        tests = {decay: plateau(run, "test_accuracy") for decay, run in sweep.items()}
        best = max(tests, key=lambda decay: tests[decay].value)
        above = [decay for decay in left if edges[part][0] < decay < edges[part][1]]
        corrected.append(bool(above) and max(left[decay].value for decay in above) < CORRECTED)
        spared.append(left[DECAY].value > KEPT)
        words.append(
            f"p = {part:g}: fitted "
            + ", ".join(f"{shown(share)} at w = {decay:g}" for decay, share in left.items())
            + f", none can live above w = {edges[part][0]:.3f}; test accuracy {shown(tests[DECAY])} at w = "
            f"{DECAY:g}, {shown(tests[best])} at w = {best:g}"
        )
    condition = (
        "the weight decay exceeds the threshold of the flipped labels' own circuit, and stays below that of the "
        "parity's; at the decay of the post they stay memorised"
    )
    number = "; ".join(words) + f", n = {left[DECAY].n}"
    return Finding(
        CORRECTS, judge(max(shares) < CORRECTED, all(corrected) and all(spared), condition), number
    )


def lines(part, decay, run):
    """Rows of the table for one run."""
    whats = (("memorised", "train", 1.0), (f"test {SOFT:g}", "test", SOFT), ("test 1", "test", 1.0))
    for name, what, level in whats:
        arrivals = times(run, level, what)
        measured = mean_time(arrivals)
        missing = int(arrivals.censored.sum())
        yield part, decay, f"steps, {name}", measured.value, measured.error, measured.n, f"{missing} censored"
    for name in ("test_accuracy", "train_accuracy", "flipped"):
        measured = plateau(run, name)
        yield part, decay, f"plateau, {name}", measured.value, measured.error, measured.n, ""


def draw(path, runs, ends, sweeps, edges):
    """Left times over p, middle the plateau over p, right the flipped labels and the test accuracy over the decay."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas
    from langevin.figures.panels import bars, panels

    with canvas(path, f"Weight decay {DECAY:g}: steps to generalise", width=11.0) as place:
        axes, middle, right = panels(place, 1, 3)
        limit = next(iter(runs.values())).steps[-1]
        criteria = ((1.0, "test", "o"), (SOFT, "test", "s"), (1.0, "train", "^"))
        for (level, what, mark), colour in zip(criteria, COLOURS):
            whole = [part for part, run in runs.items() if not times(run, level, what).censored.any()]
            label = f"{what} accuracy {level:g}"
            bars(axes, whole, [mean_time(times(runs[part], level, what)) for part in whole], colour, mark, label,
                 linestyle="-")  # fmt: skip
            some = [part for part in runs if part not in whole]
            axes.plot(some, [limit * (1.2 if mark == "o" else 1.6)] * len(some), mark, color=colour, markersize=4.5,
                      markerfacecolor="white")  # fmt: skip
        axes.axhline(limit, color="#999999", linewidth=0.8)
        axes.set(xlabel="flipped part p of the labels", ylabel="steps", yscale="log", ylim=(60, 4e4))
        axes.text(0.03, 0.96, "open: some network not within the run", fontsize=8, transform=axes.transAxes)
        axes.legend(loc="center right")
        middle.set_title(f"Weight decay {DECAY:g}: end of the run", loc="left")
        bars(middle, list(ends), list(ends.values()), COLOURS[1], "s", "test accuracy", linestyle="-")
        kept = {part: plateau(run, "flipped") for part, run in runs.items() if part > 0}
        bars(middle, list(kept), list(kept.values()), COLOURS[3], "D", "flipped labels fitted", linestyle="-")
        middle.axhline(0.5, color="#999999", linestyle=":", label="chance")
        middle.set(xlabel="flipped part p of the labels", ylabel="share", ylim=(-0.03, 1.08))
        middle.legend(loc="lower left")
        right.set_title("More weight decay: corrected", loc="left")
        for (part, sweep), dash in zip(sweeps.items(), DASHES):
            for name, label, colour, mark in (
                ("test_accuracy", "test accuracy", COLOURS[1], "s"),
                ("flipped", "flipped fitted", COLOURS[3], "D"),
            ):
                bars(right, list(sweep), [plateau(run, name) for run in sweep.values()], colour, mark,
                     f"{label}, p = {part:g}", linestyle=dash)  # fmt: skip
            right.axvline(edges[part][0], ymax=0.74, color="#000000", linestyle=dash, linewidth=1,
                          label=f"end of flipped, p = {part:g}")  # fmt: skip
        right.set(xlabel="weight decay w", ylabel="share", ylim=(-0.03, 1.42), yticks=np.linspace(0, 1, 6))
        right.legend(loc="upper center", fontsize=7, ncols=2)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
