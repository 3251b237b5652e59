"""Does the time to grok grow exponentially as training samples are taken away? On Kozyrev's cube.

The claim (S. V. Kozyrev, "How to explain grokking", 2024, section 2): each sample removes an equal share of the
zero-loss volume, so the entropy falls linearly with the number of samples, and by Eyring's formula the time to
find the solution grows as exp((F1 - F0) / theta) when samples are removed.

    python -m sims.cube_grokking_time [--quick]

The full run takes half a minute on two processors and writes results/cube_grokking_time/.
"""

import json
import math
import sys
from itertools import pairwise
from pathlib import Path

from langevin import theory
from langevin.experiment import Settings
from langevin.experiment.grokking_time import grokking_time

DIM, FRACTION = 8, 0.25
SAMPLES = range(DIM)


def main(quick=False):
    """Measure, compare, say what holds."""
    report = grokking_time(
        SAMPLES, Settings(seed=1, precision=0.1 if quick else 0.01), dim=DIM, fraction=FRACTION
    )
    print(report.text)

    entropies = [theory.entropy(DIM, k, 1.0, FRACTION) for k in SAMPLES]
    times = [row["value"] for row in report.record["first_passage_time"]]
    slopes = [math.log(before / after) for before, after in pairwise(times)]
    print(f"\nEntropy lost per sample: {entropies[0] - entropies[1]:.3f}, at every k alike.")
    print(f"log T gained per sample removed: {min(slopes):.2f} to {max(slopes):.2f}.")
    print(f"Verdict: {verdict(slopes, report.record['verdicts'])}")

    if not quick:
        folder = Path("results/cube_grokking_time")
        folder.mkdir(parents=True, exist_ok=True)
        report.draw(str(folder / "figure.png"))
        (folder / "run.json").write_text(json.dumps(report.record, indent=1) + "\n")
        (folder / "answer.txt").write_text(report.text + "\n")


def verdict(slopes, verdicts):
    """The claim has two parts: the time grows by a factor with each sample removed, and by which factor."""
    if min(slopes) <= 0.0:
        return "fails: removing a sample does not always make the time longer."
    if verdicts["volume law (slope)"] == "agrees":
        return "holds."
    return (
        "holds only if the base of the exponential is left open: the time grows by a factor with each sample removed, "
        f"but the factor 1 / eps of the volume is {verdicts['volume law (slope)']}, and Eyring's time is "
        f"{verdicts['Eyring']}."
    )


if __name__ == "__main__":
    main(quick="--quick" in sys.argv[1:])
