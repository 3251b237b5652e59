"""Do flipped training labels delay generalisation, prevent it, or are they corrected?

Networks learn (50, 2)-parity while a fraction p of the training labels is flipped. "Generalised" has two criteria: test
accuracy 1, and test accuracy 0.9. Then, at one p, the weight decay is varied. The flipped labels have a separate
circuit that survives up to a decay whose bound these labels determine (`langevin.theory.learning.weight_collapse`); it
is far below the decay at which the parity circuit dies. Every network has its own data set, because the choice of
flipped samples has the largest influence on the result. The full run takes two and a half minutes of one processor.
"""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np

from langevin.comparison import format_measurement as told
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, every
from langevin.measure.networks import accuracy_times, mean_time
from langevin.measure.occupancy import share_of
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Law, Protocol, Recording, split, train
from langevin.theory.learning.weight_collapse import collapse_decay, hill_heights
from models import parity

SIGNS, RATE, DECAY = 50, 0.1, 0.01
LAW = Law(RATE, name="sgd", batch=32)
PARTS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2)
#: The fraction at which times are compared with those without flips and the weight decay is varied; decays tried.
COMPARED, DECAYS = 0.1, (0.04, 0.08, 0.12, 0.15)
#: The weaker criterion of generalising; the last fraction of the run, over which a plateau is averaged.
SOFT, PLATEAU = 0.9, 0.25
#: "Most networks" means a share above MOST. A plateau below CHANCE counts as guessing.
MOST, CHANCE = 0.5, 0.6
#: Flipped labels are kept if more than the share KEPT is fitted at the end, and corrected if it is below CORRECTED.
KEPT, CORRECTED = 0.9, 0.25

POST = "T. Fuangkawinsombut and T. Somsirivattana, Grokking (2023), hypothesis 2"
SLOWER = Claim(
    "if we increase the fraction of outliers p_t, then the model should achieve generalization slower", POST
)
THRESHOLD = Claim(
    "there should be some threshold of the fraction beyond which the model cannot achieve generalization at all", POST,
)  # fmt: skip
HARDER = Claim(
    "the outliers should prevent the formation of the generalizing circuit more than the formation of the memorizing "
    "circuit", POST,
)  # fmt: skip
CORRECTS = Claim(
    "the question is whether the model would arrive at a generalizing circuit that learns to correct the outliers in "
    "the training data", f"{POST}, after Power et al. (2022), arXiv 2201.02177",
)  # fmt: skip


def answer(quick=False, seed=1):
    """Train at every fraction of flipped labels, and at one of them at every weight decay; judge the claims."""
    parts, decays = ((0.0, COMPARED), DECAYS[-1:]) if quick else (PARTS, DECAYS)
    steps, networks, width = (2500, 7, 200) if quick else (8000, 8, 500)
    data = [100 * seed + i for i in range(networks)]
    models = {
        part: [parity.model(SIGNS, width=width, outliers=part, data_seed=i) for i in data] for part in parts
    }
    runs, sweep = {}, {}
    for part in parts:
        varied = [DECAY, *(decays if part == COMPARED else ())]
        found = dict(zip(varied, trained(models[part], varied, steps, seed), strict=True))
        runs[part], sweep = found[DECAY], found if part == COMPARED else sweep
    edges = np.array([thresholds(model) for model in models[COMPARED]])
    return Answer(
        question="Do flipped training labels delay generalisation, prevent it, or are they corrected?",
        findings=(is_slower(runs), has_threshold(runs), is_harder(runs), are_corrected(runs, sweep, edges)),
        header=("flipped", "weight decay", "quantity", "value", "standard error", "networks", "note"),
        rows=[
            line
            for part in parts
            for decay, run in (sweep if part == COMPARED else {DECAY: runs[part]}).items()
            for line in lines(part, decay, run)
        ],
        draw=lambda path: draw(path, runs, sweep, edges),
        settings={"learning_rate": RATE, "batch": LAW.batch, "steps": steps, "width": width, "data_seeds": data},
    )  # fmt: skip


def trained(models, decays, steps, seed):
    """One record for each decay (constant from the first step) of one network on each data set."""
    frames = sorted({*range(0, 400, 10), *range(400, steps, 50), steps})
    found = [
        split(
            train(
                model, LAW, steps=steps, chains=1, seed=seed + i, protocol=Protocol(sweep={"weight_decay": decays}),
                recording=Recording(frames, observe={"flipped": fitted_flips(model)}),
            )
        )
        for i, model in enumerate(models)
    ]  # fmt: skip
    return [together(runs) for runs in zip(*found, strict=True)]


def fitted_flips(model):
    """Observable: share of the flipped labels that the network reproduces."""
    inputs, targets = (jnp.asarray(part, jnp.float32) for part in model.train)
    flipped = (inputs[:, 0] * inputs[:, 1] != targets[:, 0]).astype(jnp.float32)

    def fitted(weights):
        right = targets[:, 0] * parity.apply(weights, inputs)[:, 0] > 0
        return jnp.sum(flipped * right) / jnp.maximum(flipped.sum(), 1)

    return fitted


def together(runs):
    """One record of the networks of several runs, all with the same frames."""
    joined = {
        kind: {name: np.concatenate([getattr(run, kind)[name] for run in runs]) for name in getattr(runs[0], kind)}
        for kind in ("observables", "events")
    }  # fmt: skip
    return replace(runs[0], states=np.concatenate([run.states for run in runs]), **joined)


def late_share(run, name):
    """Mean (networks,) of an observable over the last fraction PLATEAU of the run."""
    return run.observables[name][:, run.steps >= (1 - PLATEAU) * run.steps[-1]].mean(axis=1)


def plateau(run, name):
    """Mean of an observable over the last fraction PLATEAU of the run and over networks."""
    return mean_over(late_share(run, name), f"plateau, {name}")


def thresholds(model):
    """Upper bound of the decay at which a circuit of flipped labels survives; decay at which a parity circuit dies."""
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


def later(slow, fast, name):
    """Share of networks for which the first of two times is later; "never" counts as later than any time."""
    return share_of((slow.time > fast.time) & ~fast.censored, name)


def factor(slow, fast):
    """Ratio of times of the networks that arrive in both cases, and the number of these networks, as text."""
    both = ~(slow.censored | fast.censored)
    if both.sum() < 2:
        return f"not reached within the run in {int((~both).sum())} of {len(both)} networks"
    return f"{told(factor_over(slow.time[both] / fast.time[both]))} times as late (n = {both.sum()} with both times)"


def is_slower(runs):
    """By both criteria most networks generalise later at `COMPARED` than without flips; "never" counts as later."""
    words, parts = [], []
    for level in (1.0, SOFT):
        late, early = times(runs[COMPARED], level), times(runs[0.0], level)
        share = later(late, early, f"fraction of networks that reach {level:g} later")
        means = ", ".join(
            f"{told(mean_time(times(run, level)))} at p = {part:g}"
            for part, run in runs.items()
            if not times(run, level).censored.any()
        )
        words.append(
            f"steps to test accuracy {level:g}: {means}; at p = {COMPARED:g} later than without flips in "
            f"{share.law.count} of {share.n} networks, {factor(late, early)}"
        )
        parts.append(above(share, MOST))
    return Finding(SLOWER, verdict_of(every("later by both criteria", parts)), "; ".join(words))


def has_threshold(runs):
    """At `COMPARED` most networks do not reach 1, and their plateau is at chance, or else at least the former."""
    arrived = {
        part: share_of(~times(run, 1.0).censored, f"fraction that reaches 1 at p = {part:g}")
        for part, run in runs.items()
    }
    ends = {part: plateau(run, "test_accuracy") for part, run in runs.items()}
    words = f"networks of {arrived[0.0].n} that reach test accuracy 1: "
    words += ", ".join(f"{share.law.count} at p = {part:g}" for part, share in arrived.items())
    words += "; plateau of the test accuracy " + ", ".join(
        f"{told(m)} at p = {part:g}" for part, m in ends.items()
    )
    strict = every("accuracy 1 only at small p", (above(arrived[0.0], MOST), below(arrived[COMPARED], MOST)))
    at_all = every("no generalisation at all", (strict, below(ends[COMPARED], CHANCE)))
    condition = (
        f"'generalised' means test accuracy 1, and the weight decay is {DECAY:g}: the plateau falls gradually towards "
        f"chance, and is {told(ends[COMPARED])} at p = {COMPARED:g}"
    )
    return Finding(THRESHOLD, verdict_of(at_all, Narrowed(condition, strict)), words)


def is_harder(runs):
    """At `COMPARED` the time to generalise (criterion SOFT) grows by a larger factor than the time to memorise."""
    kinds = (("test", SOFT), ("train", 1.0))
    late, early = ([times(runs[part], level, what) for what, level in kinds] for part in (COMPARED, 0.0))
    grown = [slow._replace(time=slow.time / fast.time) for slow, fast in zip(late, early)]
    share = later(*grown, "fraction of networks whose generalisation is delayed more")
    words = (
        f"at p = {COMPARED:g}, compared with no flips: test accuracy {SOFT:g}: {factor(late[0], early[0])}, "
        f"training accuracy 1: {factor(late[1], early[1])}; the test accuracy is delayed by the larger factor in "
        f"{share.law.count} of {share.n} networks"
    )
    return Finding(HARDER, verdict_of(above(share, MOST)), words)


def are_corrected(runs, sweep, edges):
    """Flipped labels are corrected at the decay of the post, or else only at the highest decay."""
    left = {decay: plateau(run, "flipped") for decay, run in sweep.items()}
    tests = {decay: plateau(run, "test_accuracy") for decay, run in sweep.items()}
    high, limit, bound = max(sweep), lost_at(sweep), mean_over(edges[:, 0])
    words = (
        f"flipped labels fitted at weight decay {DECAY:g}: "
        + ", ".join(f"{told(plateau(run, 'flipped'))} at p = {part:g}" for part, run in runs.items() if part)
        + f"; at p = {COMPARED:g}: "
        + ", ".join(f"{told(share)} at w = {decay:g}" for decay, share in left.items())
        + f"; they disappear at w = {told(limit)} (upper bound in theory: w = {told(bound)}); test accuracy "
        f"{told(tests[DECAY])} at w = {DECAY:g}, {told(tests[high])} at w = {high:g}, n = {limit.n}"
    )
    condition = (
        f"the weight decay exceeds {told(limit)}, the threshold of the circuit of the flipped labels at p = "
        f"{COMPARED:g}, and is below that of the parity circuit; at the decay of the post they stay memorised"
    )
    corrected = every("corrected at a high decay", (below(left[high], CORRECTED), above(tests[high], SOFT)))
    narrowed = Narrowed(condition, corrected, above(left[DECAY], KEPT))
    return Finding(CORRECTS, verdict_of(below(left[DECAY], CORRECTED), narrowed), words)


def lost_at(sweep):
    """Middle between the last w at which a network keeps half of the flipped labels and the next w, over networks."""
    tried = np.array(list(sweep))
    kept = np.minimum.accumulate([late_share(run, "flipped") > 0.5 for run in sweep.values()]).sum(axis=0)
    edges = np.concatenate([tried[:1], tried, tried[-1:]])
    low, high = edges[kept], edges[kept + 1]
    found = mean_over((low + high) / 2, "weight decay at which the flipped labels disappear")
    return replace(found, error=float(np.hypot(found.error, (high - low).mean() / 12**0.5)))


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


def draw(path, runs, sweep, edges):
    """Left times against p, middle plateaus against p, right flipped labels and test accuracy against the decay."""
    from langevin.figures.canvas import COLOURS, canvas
    from langevin.figures.panels import bars, panels

    with canvas(path, f"Weight decay {DECAY:g}: steps to generalise", width=11.0) as place:
        axes, middle, right = panels(place, 1, 3)
        limit = next(iter(runs.values())).steps[-1]
        criteria = ((1.0, "test", "o"), (SOFT, "test", "s"), (1.0, "train", "^"))
        for (level, what, mark), colour in zip(criteria, COLOURS):
            found = {part: times(run, level, what) for part, run in runs.items()}
            whole = [part for part, late in found.items() if not late.censored.any()]
            bars(axes, whole, [mean_time(found[part]) for part in whole], colour, mark, f"{what} accuracy {level:g}",
                 linestyle="-")  # fmt: skip
            some = [part for part in runs if part not in whole]
            if some:
                places = [limit * (1.2 if mark == "o" else 1.6)] * len(some)
                axes.plot(some, places, mark, color=colour, markersize=4.5, markerfacecolor="white",
                          label=f"{what} {level:g}, not in all networks")  # fmt: skip
        axes.axhline(limit, color="#999999", linewidth=0.8, label="end of the run")
        axes.set(xlabel="fraction $p$ of flipped labels", ylabel="steps", yscale="log", ylim=(60, 2e5))
        middle.set_title(f"Weight decay {DECAY:g}: end of the run", loc="left")
        ends = [plateau(run, "test_accuracy") for run in runs.values()]
        bars(middle, list(runs), ends, COLOURS[1], "s", "test accuracy", linestyle="-")
        kept = {part: plateau(run, "flipped") for part, run in runs.items() if part > 0}
        bars(middle, list(kept), list(kept.values()), COLOURS[3], "D", "flipped labels fitted", linestyle="-")
        middle.axhline(0.5, color="#999999", linestyle=":", label="chance")
        middle.set(xlabel="fraction $p$ of flipped labels", ylabel="fraction", ylim=(-0.03, 1.08))
        right.set_title(f"Larger weight decay, $p$ = {COMPARED:g}", loc="left")
        kinds = {"test_accuracy": ("test accuracy", 1, "s"), "flipped": ("flipped labels fitted", 3, "D")}
        for name, (label, colour, mark) in kinds.items():
            found = [plateau(run, name) for run in sweep.values()]
            bars(right, list(sweep), found, COLOURS[colour], mark, label, linestyle="-")
        right.axvspan(edges[:, 0].min(), edges[:, 0].max(), color="#999999", alpha=0.4, linewidth=0,
                      label="predicted upper bound for flipped labels")  # fmt: skip
        right.set(xlabel="weight decay $w$", ylabel="fraction", ylim=(-0.03, 1.3))
        for panel in (axes, middle, right):
            panel.legend(fontsize=7)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
