"""Does the time to grok grow exponentially as training samples are taken away, on Kozyrev's cube?

Each training sample confines one more coordinate of a cube to a fraction eps of its side. The walk grokks when it finds
the corner in which all coordinates are confined. The sim measures the share of walkers that satisfy the next sample,
the time to the corner for every number of samples, and how often walkers leave the corner again. The full run takes
half a minute on two processors.
"""

import math
from itertools import pairwise

import langevin
from langevin.comparison import compare, format_measured, format_value
from langevin.experiment import Settings, run
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, verdict_of
from langevin.experiment.statements import above, every, near
from langevin.kernels.streams import derived_seed
from langevin.measure import found_and_kept, log_of
from langevin.measure.combined import ratio, scaled
from langevin.types import Curve, Measurement, Prediction

DIM, FRACTION = 8, 0.25
SAMPLES = range(DIM)
#: Time after which states no longer depend on the start, in units of side^2 / theta (the slowest mode has decayed to
#: 1e-8); size of a kick.
MIXED, KICK = 2.0, 0.1
#: Relative tolerances: of equal shares, of equal steps of log T, and of the step that the formula predicts.
EVEN, ONE_BASE, FORMULA = 0.1, 0.25, 0.1
#: Walk with two free coordinates: their number, duration, time between frames, and the time after arrival at which the
#: sim checks whether the walker is in the corner.
FREE, LONG, GAP, AFTER = 2, 10.0, 0.05, 2.0
#: "Reliably": more than the first share groks. "Rarely un-grok": more than the second share is still there later.
RELIABLE, RARELY = 0.9, 0.5
SOURCE = "S. V. Kozyrev, How to explain grokking (2024), section 2"
ENTROPY = Claim("the entropy of the zero-risk region decreases linearly as the sample size increases", SOURCE)
GROWTH = Claim("the grokking time increases exponentially when the training sample decreases", SOURCE)
EYRING = Claim(
    "Eyring's formula exp(-beta (F1 - F0)) gives an approximation of the dependence of the reciprocal of the grokking "
    "time on the training sample size",
    SOURCE,
)
STAYS = Claim(
    "networks reliably grok and, once grokked, rarely seem to 'un-grok'",
    "B. Millidge, Addendum to Grokking Grokking (beren.io)",
)


def answer(quick=False, seed=1):
    """Measure the share that each sample leaves and the time for every number of samples; judge the claims."""
    settings = Settings(seed=seed, precision=0.02 if quick else 0.01)
    report = run(langevin.manifolds.cube, {"dim": DIM, "fraction": FRACTION}, settings, SAMPLES)
    times = [measurement_of(record) for record in report.record["first_passage_time"]]
    taken = [entropy_taken(k, 5000 if quick else 20_000, derived_seed(seed, k)) for k in SAMPLES]
    found, kept, share = stays(500 if quick else 4000, seed)
    return Answer(
        question="Does the time to grok grow exponentially as training samples are taken away?",
        findings=(
            entropy_falls(taken),
            time_grows(times),
            eyring_tells(times),
            corner_is_left(found, kept, share),
        ),
        header=(
            "samples",
            "entropy removed by the next sample",
            "standard error",
            "mean time",
            "standard error",
            "walkers",
        ),
        rows=[
            (k, s.value, s.error, t.value, t.error, t.n)
            for k, s, t in zip(SAMPLES, taken, times, strict=True)
        ],
        draw=report.draw,
        settings={"dim": DIM, "fraction": FRACTION, "precision": settings.precision, "temperature": 1.0},
        comparisons=[*report.comparisons, share],
        text=report.text,
    )


def measurement_of(record):
    """Measurement from its record."""
    return Measurement(record["value"], record["error"], record["n"], record["estimator"], record["mixed"])


def spread_out(samples, walkers, seed):
    """States (walkers, dim) in the set that these samples leave, when they no longer depend on the start."""
    body = langevin.manifolds.cube(DIM, samples, FRACTION)
    dt = KICK**2 / 2
    run = langevin.simulate(
        langevin.Problem(body, 1.0, "reflected"), walkers=walkers, steps=round(MIXED / dt), dt=dt, seed=seed
    )
    return run.states[:, -1]


def entropy_taken(samples, walkers, seed):
    """-log of the share of walkers that satisfy the next sample, in nats."""
    inside = (spread_out(samples, walkers, seed)[:, samples] <= FRACTION).mean()
    share = Measurement(inside, math.sqrt(inside * (1 - inside) / walkers), walkers, "share left")
    return scaled(log_of(share), -1.0, f"entropy removed at k = {samples}")


def entropy_falls(taken):
    """Linear means: every sample removes the mean entropy, up to the tolerance."""
    mean = sum(one.value for one in taken) / len(taken)
    even = every(
        f"every sample removes the mean entropy within {EVEN:.0%}", [near(one, mean, EVEN) for one in taken]
    )
    number = ", ".join(format_value(one.value, one.error) for one in taken)
    return Finding(
        ENTROPY, verdict_of(even),
        f"entropy that the samples k = 1 to {DIM} remove, by the share of n = {taken[0].n} walkers that each leaves: "
        f"{number} nats; log(1 / eps) = {-math.log(FRACTION):.3f}",
    )  # fmt: skip


def steps_of_log(times):
    """Fall of log T with each sample."""
    factors = [ratio(more, fewer, f"T({k}) / T({k + 1})") for k, (more, fewer) in enumerate(pairwise(times))]
    return [log_of(factor) for factor in factors]


def mean_step(times):
    """Mean fall of log T per sample, from the first sample to the last."""
    whole = log_of(ratio(times[0], times[-1], "T(0) / T(7)"))
    return scaled(whole, 1 / (len(times) - 1), "mean fall of log T per sample")


def time_grows(times):
    """An exponential has one base: log T falls by the same amount with every sample."""
    steps, mean = steps_of_log(times), mean_step(times)
    one_base = every(
        f"log T falls with every sample by the mean step within {ONE_BASE:.0%}",
        [near(step, mean.value, ONE_BASE) for step in steps],
    )
    number = (
        "log T falls by "
        + ", ".join(format_value(step.value, step.error) for step in steps)
        + f" with the samples k = 1 to {len(steps)}, mean {format_measured(mean)}; an exponential requires equal steps "
        f"(tolerance {ONE_BASE:.0%}); for a power law in the number of missing samples the steps would grow 5-fold"
    )
    return Finding(GROWTH, verdict_of(one_base), number)


def eyring_tells(times):
    """Only the exponent of the formula is tested, log(1 / eps) per sample: the formula leaves the unit of time open."""
    mean, exponent = mean_step(times), -math.log(FRACTION)
    told = near(mean, exponent, FORMULA, f"log T falls by log(1 / eps) per sample within {FORMULA:.0%}")
    first = steps_of_log(times)[0]
    number = (
        f"log T falls by {format_measured(mean)} per sample on average, and by "
        f"{format_value(first.value, first.error)} with the first of {DIM} samples; the formula predicts "
        f"log(1 / eps) = {exponent:.3f} per sample"
    )
    return Finding(EYRING, verdict_of(told), number)


def stays(walkers, seed):
    """Share of walkers that find the corner; share in it later; and this share compared with the corner's volume."""
    cube = langevin.manifolds.cube(DIM, DIM - FREE, fraction=FRACTION)
    dt = (FRACTION / 16.0) ** 2 / 2.0
    every = round(GAP / dt)
    walk = langevin.simulate(
        langevin.Problem(cube, 1.0, "reflected"), walkers=walkers, steps=every * round(LONG / GAP), dt=dt,
        every=every, seed=seed,
    )  # fmt: skip
    found, kept = found_and_kept(
        walk, lambda states: states.max(axis=1) <= FRACTION, after=AFTER, first_time=0.0
    )
    volume = Curve(
        "share of the volume",
        lambda _: Prediction(FRACTION**FREE),
        "long after arrival",
        "uniform distribution",
    )
    return found, kept, compare(kept, volume, level=LEVEL, yardstick=1.0)


def corner_is_left(found, kept, share):
    """Reliably: most walkers find the corner. Rarely: most of these are in it later."""
    number = (
        f"with {FREE} free coordinates a share {format_measured(found)} of the walkers finds the corner by time "
        f"{LONG:g}; a time {AFTER:g} after arrival, a share {format_measured(kept)} of these is in the corner; the "
        f"corner's share of the volume is {share.predicted.value:.4f} ({share.verdict})"
    )
    reliably = every(
        f"more than {RELIABLE:.0%} find the corner, and more than {RARELY:.0%} of them are in it later",
        [above(found, RELIABLE), above(kept, RARELY)],
    )
    return Finding(STAYS, verdict_of(reliably), number)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
