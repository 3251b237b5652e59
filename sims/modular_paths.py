"""Is grokking a random walk on the zero-loss set, as long as the path to it, with the waiting time of an escape?

The sim tests Kozyrev's explanation on addition modulo a prime (`sims.modular_addition`). It compares the squared
displacement between memorising and generalising with Brownian motion in the free directions, and networks with thermal
noise with the same networks without. It measures path lengths before and after memorising, and the distribution of the
time between memorising and generalising, as well as its growth as the sample shrinks. The full run takes 5 minutes.
"""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from langevin.comparison import compare
from langevin.comparison import format_measurement as told
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, between, every
from langevin.measure import coefficient_of_variation
from langevin.measure.networks import accuracy_times, mean_time
from langevin.measure.occupancy import share_of
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Law, Protocol, Recording, train
from langevin.types import Measurement, Prediction, Status
from models import modular
from sims._growth_of_times import growth, unevenness
from sims._modular_paths_figure import draw


class Setting(NamedTuple):
    """Modulus, width, initial weights, temperature; networks at each fraction of the table, controls; steps, frames."""

    p: int
    width: int
    scale: float
    heat: float
    networks: dict[float, int]
    controls: int
    horizon: int
    every: int


FULL = Setting(23, 190, 0.15, 1e-5, {0.7: 16, 0.8: 16, 0.9: 16}, 8, 30_000, 15)
QUICK = Setting(17, 96, 0.17, 4e-5, {0.8: 8, 0.85: 8, 0.9: 20}, 8, 6000, 15)
RATE, SKETCH = 1.0, 512
#: Memorised and generalised: training and test accuracy.
LEARNED = {"train": 0.99, "test": 0.95}
#: "Most networks" means a share above MOST; lengths are similar within the factor ALIKE.
MOST, ALIKE = 0.5, 3.0
#: Range of lags of the squared displacement, in units of the time between memorising and generalising (origins lie in
#: its first half); the exponent of Brownian motion, and the tolerance of a measured one.
LAGS, BROWNIAN, CLOSE = (1 / 16, 1 / 4), 1.0, 0.1
#: Bounds of the coefficient of variation within which waiting times count as those of an escape (1 for an exponential).
MEMORYLESS = (0.5, 1.5)
#: Two numbers, if too few networks generalised.
UNKNOWN = [Measurement(math.nan, math.inf, 0, "too few networks", False)] * 2
PAPER = "S. V. Kozyrev, How to explain grokking (2024), section 2"
WALK = Claim("Grokking is a random walk in the zero risk manifold f = 0 (or Brownian motion)", PAPER)
SIMPLY = Claim(
    "Grokking could be caused simply by diffusive dynamics on the optimal manifold",
    "B. Millidge, Addendum to Grokking Grokking (beren.io)",
)
LENGTHS = Claim("memorization and grokking result in similar path lengths in the zero risk manifold", PAPER)
EYRING = Claim(
    "Eyring's formula exp(-beta (F1 - F0)) gives an approximation of the dependence of the reciprocal of the grokking "
    "time on the training sample size", PAPER,
)  # fmt: skip


def answer(quick=False, seed=1):
    """Train with noise until all test pairs are right, then train the first few without noise for the same time."""
    setting = QUICK if quick else FULL
    networks = {part: modular_network(setting, part) for part in setting.networks}
    noisy = {part: run(setting, networks[part], n, seed, setting.heat)
             for part, n in setting.networks.items()}  # fmt: skip
    still = {
        part: run(setting._replace(horizon=int(one.events["step"].max())), networks[part], setting.controls, seed, 0.0)
        for part, one in noisy.items()
    }  # fmt: skip
    controls = {part: control_accuracy(noisy[part], still[part]) for part in noisy}
    walks = {part: squared_displacements(one, networks[part], setting.heat) for part, one in noisy.items()}
    ways = {part: lengths(one) for part, one in noisy.items()}
    times = {part: mean_time(accuracy_times(one, "test", level=LEARNED["test"]))
             for part, one in noisy.items()}  # fmt: skip
    late = {part: waits(one) for part, one in noisy.items()}
    spread = coefficient_of_variation(late[min(late)])
    return Answer(
        question="Is grokking a random walk on the zero-loss set, with the path lengths and waiting times of Kozyrev?",
        findings=(
            is_a_walk(walks), noise_is_enough(noisy, controls), travels_alike(ways, setting.every),
            waits_like_eyring(late, spread),
        ),
        header=(
            "fraction of the table", "networks", "generalised, steps", "error", "test accuracy without noise", "error",
            "displacement ratio", "error", "path ratio", "error", "exponent of the squared displacement", "error",
            "its size over that of Brownian motion", "error",
        ),
        rows=[
            (part, times[part].n, *(number for m in (times[part], mean_over(controls[part]), *ways[part], *walks[part])
                                    for number in (m.value, m.error)))
            for part in noisy
        ],
        draw=lambda path: draw(
            path, {part: shown(one, still[part], networks[part], setting.heat) for part, one in noisy.items()}
        ),
        settings={**setting._asdict(), "learning_rate": RATE, "criteria": LEARNED},
        comparisons=[compare(spread, Prediction(1.0), level=LEVEL)],
    )  # fmt: skip


def modular_network(setting, part):
    """The network and its training pairs."""
    return modular.model(p=setting.p, width=setting.width, scale=setting.scale, fraction=part)


def run(setting, network, networks, seed, heat):
    """Langevin descent until all test pairs are right, or the horizon."""
    return train(
        network, Law(RATE, temperature=heat), steps=setting.horizon, chains=networks, seed=seed,
        protocol=Protocol(stop={"generalised": 0}),
        recording=Recording(range(0, setting.horizon + 1, setting.every), sketch=SKETCH),
    )  # fmt: skip


def frames_of(one):
    """Frames (networks,) at which each network has memorised, and generalised; 0 if it never does."""
    return [
        np.argmax(one.observables[f"{part}_accuracy"] >= level, axis=1) for part, level in LEARNED.items()
    ]


def control_accuracy(noisy, still):
    """Test accuracy (networks,) without noise at the step at which the same network with noise has generalised."""
    frames = np.minimum(frames_of(noisy)[1], len(still.times) - 1)
    accuracy = still.observables["test_accuracy"]
    return accuracy[np.arange(len(accuracy)), frames[: len(accuracy)]]


def squared_displacement(path, first, last):
    """Lags in frames, and mean squared displacement at these lags, between two frames; empty if these are too close."""
    lags = np.unique(np.geomspace(*(max(part * (last - first), 1) for part in LAGS), 8).astype(int))
    if not 0 < first < last or len(lags) < 3:
        return np.empty(0, int), np.empty(0)
    origins = np.arange(first, first + (last - first) // 2)
    return lags, np.array([((path[origins + lag] - path[origins]) ** 2).sum(axis=1).mean() for lag in lags])


def squared_displacements(one, network, heat):
    """Between memorising and generalising: exponent of the squared displacement, its size over 2 theta (P - rank) t.

    P - rank is the number of directions, of all P weights, that no residual constrains. The size is that at the longest
    lag.
    """
    found = []
    for path, rank, first, last in zip(one.states, one.events["rank"], *frames_of(one), strict=True):
        lags, squared = squared_displacement(path, first, last)
        if len(lags):
            free = 2 * heat * (weights_of(network) - rank) * one.times[lags[-1]]
            found.append((np.polyfit(np.log(lags), np.log(squared), 1)[0], squared[-1] / free))
    if len(found) < 2:
        return UNKNOWN
    powers, sizes = np.transpose(found)
    return [
        mean_over(powers, "exponent of the squared displacement"),
        factor_over(sizes, "its size over theory"),
    ]


def weights_of(network):
    """Number of weights of the quadratic network."""
    return 3 * network.dials["p"] * network.dials["width"]


def lengths(one):
    """Ratios after memorisation (until generalising) over before it: of displacements, and of path lengths."""
    ratios = []
    for path, first, last in zip(one.states, *frames_of(one), strict=True):
        if 0 < first < last:
            (near, short), (far, long) = way(path[: first + 1]), way(path[first : last + 1])
            ratios.append((far / near, long / short))
    return UNKNOWN if len(ratios) < 2 else [mean_over(column) for column in np.transpose(ratios)]


def way(path):
    """End-to-end distance, and length of the polygon through all frames."""
    return np.linalg.norm(path[-1] - path[0]), np.linalg.norm(np.diff(path, axis=0), axis=1).sum()


def waits(one):
    """The run, with the times between memorising and generalising as its events."""
    first, last = (accuracy_times(one, part, level=level) for part, level in LEARNED.items())
    status = np.where(last.censored, Status.CENSORED, Status.HIT)
    return replace(one, events=dict(one.events) | {"status": status, "time": last.time - first.time})


def is_a_walk(walks):
    """At every fraction of the table the squared displacement has the exponent and size of Brownian motion."""
    parts = [
        statement
        for power, size in walks.values()
        for statement in (
            between(power, BROWNIAN - CLOSE, BROWNIAN + CLOSE), between(size, 1 / ALIKE, ALIKE),
        )
    ]  # fmt: skip
    number = "squared displacement between memorising and generalising: " + ", ".join(
        f"exponent {told(power)} and {told(size)} times 2 theta (P - rank) t at fraction {part:g} (n = {power.n})"
        for part, (power, size) in walks.items()
    )
    return Finding(WALK, verdict_of(every("exponent and size of Brownian motion", parts)), number)


def noise_is_enough(noisy, controls):
    """At the smallest fraction most networks generalise with noise, and few of the same networks without noise."""
    part = min(noisy)
    late = accuracy_times(noisy[part], "test", level=LEARNED["test"])
    with_noise = share_of(~late.censored, "fraction of networks that generalise with noise")
    without = share_of(controls[part] >= LEARNED["test"], "fraction of them that generalises without noise")
    number = (
        f"at fraction {part:g} {with_noise.law.count} of {with_noise.n} networks generalise under thermal noise alone, "
        f"after {told(mean_time(late))} steps; without noise {without.law.count} of the same "
        f"{without.n} networks have generalised at that step; test accuracy without noise at that step "
        + ", ".join(f"{told(mean_over(m))} at fraction {part:g}" for part, m in controls.items())
    )
    enough = every("the noise is sufficient and necessary", (above(with_noise, MOST), below(without, MOST)))
    return Finding(SIMPLY, verdict_of(enough), number)


def travels_alike(ways, every_steps):
    """Lengths are similar within a factor `ALIKE` at every fraction: path lengths, or else displacements."""
    ends, polygons = (
        every(name, [between(pair[i], 1 / ALIKE, ALIKE) for pair in ways.values()])
        for i, name in enumerate(("displacements are similar", "path lengths are similar"))
    )
    number = "grokking over memorisation, displacement and path length: " + ", ".join(
        f"{told(end)} and {told(length)} at fraction {part:g} (n = {end.n})"
        for part, (end, length) in ways.items()
    )
    condition = (
        "'path length' means displacement: the path length itself grows with the number of steps, and diverges as the "
        "step goes to 0"
    )
    verdict = verdict_of(polygons, Narrowed(condition, ends))
    return Finding(LENGTHS, verdict, f"{number}; polygons with sides of {every_steps} steps")


def waits_like_eyring(late, spread):
    """Waiting times are those of an escape, and log T is linear in the sample size; or else at least the latter.

    The formula gives a constant rate of escape, hence exponential waiting times with a coefficient of variation of 1.
    The entropy is linear in the sample size (Kozyrev), so log T is. The growth counts as even if its unevenness is less
    than half of that of a power law in the sample size, which is the other form that is proposed.
    """
    sides, uneven = growth(late)
    _, rival = unevenness(sorted(late), -np.log(sorted(late)))
    fractions = ", ".join(f"{part:g}" for part in late)
    number = (
        f"coefficient of variation of the time from memorisation to generalisation at fraction {min(late):g}, where "
        f"networks without noise do not generalise: {told(spread)} (1 for escape at a constant rate); n = {spread.n} "
        "networks; the logarithm of this time grows by {:.2f} and {:.2f} per tenth of the table less, ".format(
            *(0.1 * side for side in sides)
        )
        + f"below and above the middle of the fractions {fractions}; half the difference over the mean {told(uneven)} "
        f"(0 for an exponential, {rival:.3f} for a power law), n >= {uneven.n} networks each"
    )  # fmt: skip
    exponential = between(uneven, -rival / 2, rival / 2)
    escape = every("escape at an exponential rate", (exponential, between(spread, *MEMORYLESS)))
    condition = (
        f"only an exponential dependence is meant: networks do not wait for a rare escape, as the coefficient of "
        f"variation of their times is {told(spread)} and not 1; the free energies are not measured here"
    )
    return Finding(EYRING, verdict_of(escape, Narrowed(condition, exponential)), number)


def shown(one, still, network, heat):
    """What the figure shows of the networks at a fraction: runs with and without noise, displacements, path, times.

    The displacement of each network comes with its lags in steps, and is over that of Brownian motion. The path is that
    of the first network: steps, length, distance from the start, and the frame at which it has memorised.
    """
    displacements, frames = [], list(zip(*frames_of(one), strict=True))
    for states, rank, (first, last) in zip(one.states, one.events["rank"], frames, strict=True):
        lags, squared = squared_displacement(states, first, last)
        free = 2 * heat * (weights_of(network) - rank) * one.times[lags]
        displacements.append((one.steps[lags], squared / free))
    memorised, frame = frames[0]
    return {
        "noise": one, "no noise": still, "displacements": displacements,
        "path": (
            one.steps[1 : frame + 1], np.cumsum(np.linalg.norm(np.diff(one.states[0, : frame + 1], axis=0), axis=1)),
            one.observables["displacement"][0, 1 : frame + 1], memorised,
        ),
        "times": np.maximum(waits(one).events["time"], 1) / RATE,
    }  # fmt: skip


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
