"""Does the time to grok grow exponentially as training samples are taken away? On Kozyrev's cube.

Each training sample confines one more coordinate of a cube to a part eps of its side; the walk grokks when it finds
the corner in which all are confined. The full run takes half a minute on two processors.
"""

import math
from itertools import pairwise

from langevin import theory
from langevin.experiment import Settings
from langevin.experiment.claims import Answer, Claim, Finding, judge
from langevin.experiment.grokking_time import grokking_time

DIM, FRACTION = 8, 0.25
SAMPLES = range(DIM)
SOURCE = "S. V. Kozyrev, How to explain grokking (2024), section 2"
ENTROPY = Claim("the entropy of the zero-risk region decreases linearly as the sample size increases", SOURCE)
GROWTH = Claim("the grokking time increases exponentially when the training sample decreases", SOURCE)
EYRING = Claim("Eyring's formula exp(-beta (F1 - F0)) gives the reciprocal of the grokking time", SOURCE)


def answer(quick=False, seed=1):
    """Measure the time for every number of samples, lay the theories beside it, say what holds."""
    settings = Settings(seed=seed, precision=0.1 if quick else 0.01)
    report = grokking_time(SAMPLES, settings, dim=DIM, fraction=FRACTION)
    times = report.record["first_passage_time"]
    slopes = [math.log(before["value"] / after["value"]) for before, after in pairwise(times)]
    entropies = [theory.entropy(DIM, k, 1.0, FRACTION) for k in SAMPLES]
    return Answer(
        question="Does the time to grok grow exponentially as training samples are taken away?",
        findings=(
            entropy_falls(entropies),
            time_grows(slopes),
            eyring_tells(slopes, report.record["verdicts"]),
        ),
        header=("samples", "entropy", "mean time", "standard error", "walkers"),
        rows=[
            (k, s, t["value"], t["error"], t["n"]) for k, s, t in zip(SAMPLES, entropies, times, strict=True)
        ],
        draw=report.draw,
        settings={"dim": DIM, "fraction": FRACTION, "precision": settings.precision, "temperature": 1.0},
        comparisons=report.comparisons,
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


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
