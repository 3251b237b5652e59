"""Is adding a residue a shift along the circle on which a transformer embeds residues?

One-layer transformers learn a + b mod p under weight decay (a small version of the network of Power et al. and Nanda
et al.). Each residue has an angle in the plane of the strongest frequency of its embedding. If adding b is a shift, the
angle of a + b minus that of a is the same for all a. The control is the same embedding with residues renamed at random,
in its own plane. The plane of the two largest principal components is shown as well; it can mix two circles. Networks
that do not generalise are left out. The sim modular_addition tests, with transformers of the same kind
(sims/_circles.py), whether residues lie on a circle.
The full run takes a minute of one processor.
"""

import math

import numpy as np

from langevin.comparison import format_measurement as told
from langevin.experiment.claims import Answer, Claim, Finding, verdict_of
from langevin.experiment.statements import above, below, every
from langevin.measure.networks import fourier_power, frequency_plane, principal_components
from langevin.measure.seeds import mean_over
from langevin.types import Measurement
from sims import _circles as circles

#: Networks and longest run: quick, full.
SIZES = {True: (5, 3000), False: (12, 6000)}
#: Test accuracy at the end of a network that generalised.
GENERALISED = 0.95
#: A shift is steady if the length of the mean of its unit vectors is above this: a spread of 26 degrees.
STEADY = 0.9
#: Distance of the label from its point in the figure, over the mean radius.
BESIDE = 0.11
PAPER = "S. V. Kozyrev, How to explain grokking (2024), section 2"
SHIFT = Claim("adding a residue is a shift along such a circle", f"{PAPER}, observation 3")
STRONGEST, PRINCIPAL, RENAMED = "strongest frequency", "principal plane", "residues renamed at random"


def answer(quick=False, seed=1):
    """Train transformers, find the angles of the residues in each plane, judge whether shifts are steady."""
    networks, steps = SIZES[quick]
    tables = circles.transformers(networks, seed, level=GENERALISED, steps=steps)
    order = np.random.default_rng(seed)
    planes = {
        STRONGEST: [frequency_plane(table)[0] for table in tables],
        PRINCIPAL: [principal_components(table)[0] for table in tables],
        RENAMED: [frequency_plane(order.permutation(table))[0] for table in tables],
    }
    shifts = {name: np.array([steadiness(plane) for plane in found]) for name, found in planes.items()}
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(is_a_shift(shifts, [fourier_power(table) for table in tables], networks),),
        header=("plane", "network", *(f"shift by {b}" for b in range(1, circles.DIALS["p"]))),
        rows=[(name, i, *row) for name, found in shifts.items() for i, row in enumerate(found)],
        draw=lambda path: draw(path, planes, shifts),
        settings={
            **circles.DIALS, "learning_rate": circles.RATE, "batch": circles.BATCH, "networks": networks,
            "steps": steps, "generalised": len(tables), "steady": STEADY,
        },
    )  # fmt: skip


def steadiness(plane):
    """For each b = 1 ... p - 1, length (p - 1,) of the mean of exp(i (angle of a + b - angle of a)) over residues a.

    It is 1 if adding b turns all residues by one angle, and about 1 / sqrt(p) if their order is random.
    """
    angles = np.arctan2(*plane.T)
    return np.array(
        [np.abs(np.exp(1j * (np.roll(angles, -b) - angles)).mean()) for b in range(1, len(plane))]
    )


def is_a_shift(shifts, powers, trained):
    """In the plane of the strongest frequency shifts are steady, and they are not if residues are renamed."""
    if not len(powers):
        unknown = Measurement(math.nan, math.inf, 0, "steadiness", False, "no network generalised")
        return Finding(
            SHIFT, verdict_of(above(unknown, STEADY)), f"none of {trained} transformers generalised"
        )
    means = {name: mean_over(found.mean(axis=1), name) for name, found in shifts.items()}
    number = (
        f"{len(powers)} of {trained} transformers generalised; steadiness of the shifts (1 if all residues turn by one "
        "angle), mean over shifts: "
        + ", ".join(f"{name} {told(m)}" for name, m in means.items())
        + f"; share of the strongest of {len(powers[0])} frequencies in the variance of the embedding "
        + f"{told(mean_over(np.max(powers, axis=1)))}, n = {len(powers)} networks that generalised, on one split"
    )
    steady = above(means[STRONGEST], STEADY, "shifts are steady")
    random = below(means[RENAMED], STEADY, "shifts of renamed residues are not steady")
    return Finding(SHIFT, verdict_of(every("shifts are steady, but not by chance", (steady, random))), number)


def draw(path, planes, shifts):
    """Residues of one network in two planes, with lines from each to the next; steadiness of each shift."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas
    from langevin.figures.panels import band, panels

    below_axes = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.2)}
    with canvas(path, "Strongest frequency, network 1", width=11.0, height=4.4) as place:
        axes, middle, right = panels(place, 1, 3)
        for panel, name, colour in ((axes, STRONGEST, COLOURS[0]), (middle, PRINCIPAL, COLOURS[1])):
            panel.set(xlabel="first coordinate / mean radius", ylabel="second coordinate / mean radius")
            for plane in planes[name][:1]:
                draw_residues(panel, plane / np.linalg.norm(plane, axis=1).mean(), colour)
                panel.legend(**below_axes, ncols=2)
        middle.set_title("Principal plane, network 1", loc="left")
        for (name, found), colour, dash in zip(shifts.items(), (*COLOURS[:2], "0.4"), DASHES):
            if len(found) > 1:
                band(right, np.arange(1, found.shape[1] + 1), found, colour, dash, name)
        right.axhline(STEADY, color="black", linewidth=0.8, linestyle=":", label=f"bound {STEADY:g}")
        right.set(xlabel="residue $b$ that is added", ylabel="steadiness of the shift", ylim=(0, 1.05))
        right.set_title("Shifts (1: one angle for all residues $a$)", loc="left")
        title = f"mean of {len(planes[STRONGEST])} networks, 95 % interval"
        right.legend(**below_axes, ncols=2, fontsize=7, title=title, title_fontsize=7)


def draw_residues(panel, points, colour):
    """Points (p, 2) with their residues, and a line from each to the next."""
    x, y = points.T
    panel.plot([*x, x[0]], [*y, y[0]], "-", color="0.8", linewidth=0.8, zorder=0, label="from $a$ to $a + 1$")
    panel.plot(x, y, "o", color=colour, markersize=4, label="residues $a$")
    for a, place in enumerate(places_of_labels(points)):
        panel.annotate(str(a), place, fontsize=6, ha="center", va="center")
    panel.margins(0.12)
    panel.set(aspect="equal")


def places_of_labels(points):
    """A place for the label of each point (p, 2), at the distance `BESIDE`: outwards, if there is room.

    There is room if other points and labels are at least 1.6 times as far from the label as its own point.
    """
    turns = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    others = list(points)
    for i, (x, y) in enumerate(points):
        angles = math.atan2(y, x) + turns
        around = points[i] + BESIDE * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        taken = np.delete(others, i, axis=0)
        rooms = np.linalg.norm(around[:, None] - taken, axis=2).min(axis=1)
        others.append(around[np.argmax(np.minimum(rooms, 1.6 * BESIDE))])
    return others[len(points) :]


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
