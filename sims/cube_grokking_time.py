"""Does the time to grok grow exponentially as training samples are taken away? On Kozyrev's cube.

Each training sample confines one more coordinate of a cube to a part eps of its side; the walk grokks when it finds
the corner in which all are confined. Then the same at another temperature, and walks that may leave the corner again.
The full run takes half a minute on two processors.
"""

import math
from itertools import pairwise

import langevin
from langevin import theory
from langevin.comparison import compare
from langevin.experiment import Settings, run
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, judge
from langevin.measure import found_and_kept
from langevin.types import Curve, Measurement, Prediction

DIM, FRACTION = 8, 0.25
SAMPLES = range(DIM)
#: Numbers of samples at which the temperature is changed, and to what.
COLDER, COLD = range(5, DIM), 0.25
#: A walk with two free coordinates: duration, gap of frames, and the time after which it is looked for in the corner.
FREE, LONG, GAP, AFTER = 2, 10.0, 0.05, 2.0
SOURCE = "S. V. Kozyrev, How to explain grokking (2024), section 2"
ENTROPY = Claim("the entropy of the zero-risk region decreases linearly as the sample size increases", SOURCE)
GROWTH = Claim("the grokking time increases exponentially when the training sample decreases", SOURCE)
EYRING = Claim("Eyring's formula exp(-beta (F1 - F0)) gives the reciprocal of the grokking time", SOURCE)
HEAT = Claim(
    "Eyring's formula exp(-beta (F1 - F0)), beta = 1 / theta, gives the dependence of the reciprocal of the grokking "
    "time on the training sample size",
    SOURCE,
)
STAYS = Claim(
    "networks reliably grok and, once grokked, rarely seem to 'un-grok'",
    "B. Millidge, Addendum to Grokking Grokking (beren.io)",
)


def answer(quick=False, seed=1):
    """Measure the time for every number of samples, lay the theories beside it, say what holds."""
    settings = Settings(seed=seed, precision=0.1 if quick else 0.01)
    dials = {"dim": DIM, "fraction": FRACTION}
    report = run(langevin.manifolds.cube, dials, settings, SAMPLES)
    times = report.record["first_passage_time"]
    slopes = [math.log(before["value"] / after["value"]) for before, after in pairwise(times)]
    cold = Settings(seed=seed + 1, precision=settings.precision, temperature=COLD)
    colder = run(langevin.manifolds.cube, dials, cold, COLDER)
    clock = in_units_of_the_clock(times[COLDER[0] :], colder.record["first_passage_time"])
    found, kept, share = stays(500 if quick else 4000, seed)
    entropies = [theory.entropy(DIM, k, 1.0, FRACTION) for k in SAMPLES]
    return Answer(
        question="Does the time to grok grow exponentially as training samples are taken away?",
        findings=(
            entropy_falls(entropies),
            time_grows(slopes),
            eyring_tells(slopes, report.record["verdicts"]),
            temperature_drops_out(clock),
            corner_is_left(found, kept, share),
        ),
        header=("samples", "entropy", "mean time", "standard error", "walkers"),
        rows=[
            (k, s, t["value"], t["error"], t["n"]) for k, s, t in zip(SAMPLES, entropies, times, strict=True)
        ],
        draw=report.draw,
        settings={"dim": DIM, "fraction": FRACTION, "precision": settings.precision, "temperature": 1.0},
        comparisons=[*report.comparisons, *clock, share],
        text=report.text,
    )


def entropy_falls(entropies):
    """Exact here: every sample takes log(1 / eps)."""
    losses = [before - after for before, after in pairwise(entropies)]
    even = max(losses) - min(losses) < 1e-9
    return Finding(ENTROPY, judge(even), f"each sample takes {losses[0]:.4f}, the same at every k")


def time_grows(slopes):
    """An exponential has one base: log T falls by the same amount with every sample."""
    number = f"log T falls by {min(slopes):.2f} to {max(slopes):.2f} with each sample"
    grows, one_base = min(slopes) > 0.0, max(slopes) - min(slopes) < 0.1 * max(slopes)
    condition = "no single base is asked for: the factor changes with the number of samples"
    return Finding(GROWTH, judge(grows and one_base, grows, condition), number)


def eyring_tells(slopes, verdicts):
    """With the prefactor (eps L)^2 / theta; without it the exponent alone, -log eps a sample."""
    number = (
        f"log T falls by {sum(slopes) / len(slopes):.2f} a sample, log(1 / eps) = {-math.log(FRACTION):.2f}"
    )
    holds = verdicts["Eyring"] == "agrees" or verdicts["volume law (slope)"] == "agrees"
    return Finding(EYRING, judge(holds), number + f"; Eyring's time is {verdicts['Eyring']}")


def in_units_of_the_clock(times, colder):
    """theta T at the lower temperature over that at temperature 1, beside 1, for each number of samples."""
    law = Curve("theta T without temperature", lambda k: Prediction(1.0), "no energy in F", "dimensions")
    ratios = [COLD * cold["value"] / warm["value"] for warm, cold in zip(times, colder, strict=True)]
    errors = [
        ratio * math.hypot(warm["error"] / warm["value"], cold["error"] / cold["value"])
        for ratio, warm, cold in zip(ratios, times, colder, strict=True)
    ]
    return [
        compare(
            Measurement(ratio, error, cold["n"], "ratio of theta T"),
            law,
            k,
            level=LEVEL / len(ratios),
            yardstick=1.0,
        )
        for k, ratio, error, cold in zip(COLDER, ratios, errors, colder, strict=True)
    ]


def temperature_drops_out(clock):
    """With an energy in F the exponent would be multiplied by beta; only entropies differ, and theta sets the clock."""
    number = ", ".join(
        f"{row.measured.value:.3f} +- {row.measured.error:.3f} at k = {row.point:g}" for row in clock
    )
    entropic = all(row.verdict == "agrees" for row in clock)
    condition = (
        "F1 - F0 is -theta times a difference of entropies: beta drops out, and theta only sets the clock"
    )
    return Finding(
        HEAT,
        judge(False, entropic, condition),
        f"theta T at theta = {COLD:g} over that at 1: {number}, n = {clock[0].measured.n} walkers or more",
    )


def stays(walkers, seed):
    """Share of walkers that find the corner, share still in it a while after, and that beside the corner's volume."""
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
        "share of the volume", lambda _: Prediction(FRACTION**FREE), "long after arrival", "uniform law"
    )
    return found, kept, compare(kept, volume, level=LEVEL, yardstick=1.0)


def corner_is_left(found, kept, share):
    """To stay would be to be there in more than half of the cases."""
    number = (
        f"with {FREE} free coordinates {found.value:.3f} +- {found.error:.3f} of {found.n} walkers find the corner by "
        f"time {LONG:g}, and {kept.value:.3f} +- {kept.error:.3f} (n = {kept.n}) are in it a time {AFTER:g} later; its "
        f"share of the volume is {share.predicted.value:.4f}: {share.verdict}"
    )
    return Finding(STAYS, judge(kept.value - 3 * kept.error > 0.5), number)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
