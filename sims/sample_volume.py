"""Does every training sample remove an equal share of the zero-risk set?

Walks fill what the samples leave of Kozyrev's cube and of the version space of a perceptron with two and with thirty
weights; the share of the walk that the next sample would leave is V_(k+1) / V_k. It equals 1 - (test error), so equal
shares are a flat learning curve. The full run takes a minute of one processor.
"""

import math

import numpy as np

import langevin
from langevin import theory
from langevin.comparison import compare_all
from langevin.experiment.claims import Answer, Claim, Finding, judge
from langevin.manifolds.perceptron import teacher_of
from langevin.measure import bootstrap_walkers
from langevin.types import Curve, Prediction

DIM, FRACTION = 8, 0.25
FEW, MANY = 2, 30
#: Samples imposed, kick a coordinate, steps, for each set; the first fifth of the frames is left out.
CUBE, PLANE, SPACE = "cube", "perceptron, two weights", "perceptron, many weights"
SAMPLES = {CUBE: tuple(range(DIM)), PLANE: (0, 1, 2, 4, 8), SPACE: (0, 15, 30, 60)}
WALKS = {CUBE: (0.1, 2000), PLANE: (0.15, 3000), SPACE: (0.03, 4000)}
HEAT, FRAMES = 1.0, 20
#: Samples that are tried as the next one.
NEXT = 200
PAPER = "S. V. Kozyrev, How to explain grokking (2024), section 2"
EQUAL = Claim(
    "the imposition of each additional condition removes an equal percentage of the volume of the zero-risk manifold",
    PAPER,
)
LINEAR = Claim(
    "then the entropy of the zero-risk region decreases linearly as the sample size increases", PAPER
)


def answer(quick=False, seed=1):
    """Measure the share that the next sample leaves, for every set and number of samples, beside learning curves."""
    samples = (
        {CUBE: SAMPLES[CUBE][::3], PLANE: SAMPLES[PLANE][::2], SPACE: SAMPLES[SPACE][::2]}
        if quick
        else SAMPLES
    )
    teachers = {CUBE: 12, PLANE: 60, SPACE: 4} if quick else {CUBE: 40, PLANE: 400, SPACE: 8}
    shares = {
        name: [share_left(name, k, teachers[name], 20 if quick else 50, seed) for k in samples[name]]
        for name in samples
    }
    curves = {curve.name: kept(curve) for curve in theory.learning_curves(DIM, FRACTION)}
    curves[SPACE] = kept(
        next(curve for curve in theory.learning_curves(MANY, FRACTION) if curve.name == SPACE)
    )
    comparisons = [
        row
        for name in samples
        for row in compare_all(samples[name], shares[name], [curves[name]], 0.05 / len(samples))
    ]
    return Answer(
        question="Does every training sample remove an equal share of the zero-risk set?",
        findings=(shares_are_equal(shares, samples), entropy_is_linear(shares, samples)),
        header=("set", "samples", "share left by the next", "standard error", "1 - test error in theory", "sets"),
        rows=[
            (row_name, k, m.value, m.error, curves[row_name].predict(k).value, m.n)
            for row_name in samples
            for k, m in zip(samples[row_name], shares[row_name], strict=True)
        ],
        draw=lambda path: draw(path, shares, samples, curves),
        settings={
            "cube": [DIM, FRACTION], "weights": [FEW, MANY], "sets": teachers, "kicks_and_steps": WALKS,
            "temperature": HEAT,
        },
        comparisons=comparisons,
    )  # fmt: skip


def share_left(name, k, sets, walkers, seed):
    """Mean of V_(k+1) / V_k over independent walks in the cube, or over teachers and samples."""
    shares = [
        (cube_share if name == CUBE else perceptron_share)(name, k, walkers, seed + i) for i in range(sets)
    ]
    return bootstrap_walkers(np.array(shares), lambda means: means, f"share left, {name}")  # fmt: skip


def cube_share(name, k, walkers, seed):
    """Share of the walk that the next condition leaves."""
    body = langevin.manifolds.cube(DIM, k, FRACTION)
    states = walk(langevin.Problem(body, HEAT, "reflected"), name, walkers, seed)
    return (states[:, k] <= FRACTION).mean()


def perceptron_share(name, k, walkers, seed):
    """The same for a perceptron: the mean over many next samples, any of which could be the one."""
    dim = FEW if name == PLANE else MANY
    version_space = langevin.manifolds.perceptron(dim, k, seed=seed)
    states = walk(langevin.Problem(version_space, HEAT, "projected"), name, walkers, seed)
    inputs = np.random.default_rng([seed, NEXT]).standard_normal((NEXT, dim))  # not the stream of the samples
    labels = inputs @ teacher_of(version_space) >= 0
    return ((states @ inputs.T >= 0) == labels).mean()


def walk(problem, name, walkers, seed):
    """States (points, dim) of walks that have forgotten their start."""
    kick, steps = WALKS[name]
    run = langevin.simulate(
        problem, walkers=walkers, steps=steps, dt=kick**2 / (2 * HEAT), every=steps // FRAMES, seed=seed
    )
    return run.states[:, FRAMES // 5 :].reshape(-1, problem.landscape.dim)


def kept(curve):
    """The share left, 1 - (test error), from a learning curve."""
    return Curve(curve.name, lambda k: volume_kept(curve, k), curve.validity, curve.reference)


def volume_kept(curve, k):
    """`theory.volume_ratio` with the range of the learning curve."""
    error = curve.predict(k)
    return Prediction(theory.volume_ratio(error.value).value, error.remainder, error.in_range)


def shares_are_equal(shares, samples):
    """The same share at every k, on a set where something is learned as on the cube."""
    equal = {name: abs(rise(ms)[0]) < 3 * rise(ms)[1] and rise(ms)[1] < 0.1 for name, ms in shares.items()}
    number = "; ".join(
        f"{name}: {ms[0].value:.3f} +- {ms[0].error:.3f} at k = {samples[name][0]} to {ms[-1].value:.3f} +- "
        f"{ms[-1].error:.3f} at k = {samples[name][-1]} (n = {ms[0].n})"
        for name, ms in shares.items()
    )
    condition = (
        "the test error does not fall, so that nothing is learned before the end, as on the cube; where something is "
        "learned the share climbs to 1"
    )
    return Finding(EQUAL, judge(all(equal.values()), equal[CUBE], condition), number)


def rise(measurements):
    """Last share less the first, and its error."""
    first, last = measurements[0], measurements[-1]
    return last.value - first.value, math.hypot(first.error, last.error)


def entropy_is_linear(shares, samples):
    """The entropy that one sample takes, -log of the share it leaves, at the first and at the last k."""
    losses = {
        name: [(-math.log(m.value), m.error / m.value) for m in (ms[0], ms[-1])]
        for name, ms in shares.items()
    }
    linear = {
        name: abs(first[0] - last[0]) < 3 * math.hypot(first[1], last[1])
        for name, (first, last) in losses.items()
    }
    number = "; ".join(
        f"{name}: one sample takes {first[0]:.3f} +- {first[1]:.3f} nats at k = {samples[name][0]}, {last[0]:.3f} +- "
        f"{last[1]:.3f} at k = {samples[name][-1]}"
        for name, (first, last) in losses.items()
    )
    return Finding(
        LINEAR,
        judge(all(linear.values()), linear[CUBE], "the samples teach nothing one by one, as on the cube"),
        number,
    )


def draw(path, shares, samples, curves):
    """Share left by the next sample, over the samples for each free direction."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas

    with canvas(path, "Share of the zero-risk set that the next sample leaves") as axes:
        sizes = {CUBE: DIM, PLANE: FEW, SPACE: MANY}
        for name, colour, dash, mark in zip(shares, COLOURS, DASHES[1:], "os^"):
            loads = [k / sizes[name] for k in samples[name]]
            whole = range(samples[name][-1] + 1)
            axes.plot([k / sizes[name] for k in whole], [curves[name].predict(k).value for k in whole],
                      linestyle=dash, color=colour, label=f"1 - test error, {name}")  # fmt: skip
            axes.errorbar(loads, [m.value for m in shares[name]], [1.96 * m.error for m in shares[name]], fmt=mark,
                          color=colour, capsize=3, label=f"walk, {name}")  # fmt: skip
        axes.set(xlabel="samples / dimensions", ylabel="$V_{k+1} / V_k$", ylim=(0, 1.05))
        axes.legend(loc="lower right", fontsize=7)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
