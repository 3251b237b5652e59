"""Does every training sample remove an equal share of the zero-risk set?

Walks sample the set that the training samples leave: of Kozyrev's cube, and of the version space of a perceptron with
two and with thirty weights. The share of the walk that satisfies the next sample estimates V_(k+1) / V_k. This equals
1 - (test error), so that equal shares mean a flat learning curve. The full run takes a minute of one processor.
"""

import numpy as np

import langevin
from langevin import theory
from langevin.comparison import compare_all, format_value
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import between, every, near, no
from langevin.manifolds.perceptron import teacher_of
from langevin.measure import bootstrap_walkers, log_of
from langevin.measure.combined import difference, ratio, scaled
from langevin.types import Curve, Prediction

DIM, FRACTION = 8, 0.25
FEW, MANY = 2, 30
#: For each set: numbers of samples; size of a kick in each coordinate, number of steps. A fifth of the run is burn-in.
CUBE, PLANE, SPACE = "cube", "perceptron, two weights", "perceptron, many weights"
SAMPLES = {CUBE: tuple(range(DIM)), PLANE: (0, 1, 2, 4, 8), SPACE: (0, 15, 30, 60)}
WALKS = {CUBE: (0.1, 2000), PLANE: (0.15, 3000), SPACE: (0.03, 4000)}
HEAT, FRAMES = 1.0, 20
#: Number of samples that are tried as the next one.
NEXT = 200
#: Tolerance of equal shares (absolute), and of equal entropies that a sample removes (relative).
EQUAL_TO, LINEAR_TO = 0.05, 0.2
PAPER = "S. V. Kozyrev, How to explain grokking (2024), section 2"
EQUAL = Claim(
    "the imposition of each additional condition removes an equal percentage of the volume of the zero-risk manifold",
    PAPER,
)
LINEAR = Claim(
    "then the entropy of the zero-risk region decreases linearly as the sample size increases", PAPER
)


def answer(quick=False, seed=1):
    """Compare the share that the next sample leaves with learning curves, for every set and number of samples."""
    samples = (
        {CUBE: SAMPLES[CUBE][::3], PLANE: SAMPLES[PLANE][::2], SPACE: SAMPLES[SPACE][::2]}
        if quick
        else SAMPLES
    )
    teachers = {CUBE: 12, PLANE: 60, SPACE: 6} if quick else {CUBE: 40, PLANE: 200, SPACE: 8}
    shares = {
        name: [share_left(name, k, teachers[name], 20 if quick else 50, seed) for k in samples[name]]
        for name in samples
    }
    curves = {curve.name: kept(curve) for curve in theory.learning.learning_curves(DIM, FRACTION)}
    curves[SPACE] = kept(
        next(curve for curve in theory.learning.learning_curves(MANY, FRACTION) if curve.name == SPACE)
    )
    comparisons = [
        row
        for name in samples
        for row in compare_all(samples[name], shares[name], [curves[name]], 0.05 / len(samples))
    ]
    return Answer(
        question="Does every training sample remove an equal share of the zero-risk set?",
        findings=(shares_are_equal(shares, samples), entropy_is_linear(shares, samples)),
        header=("set", "samples", "share left by the next", "standard error", "1 - test error, theory", "sets"),
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
    """Share of the walk that satisfies the next condition."""
    body = langevin.manifolds.cube(DIM, k, FRACTION)
    states = walk(langevin.Problem(body, HEAT, "reflected"), name, walkers, seed)
    return (states[:, k] <= FRACTION).mean()


def perceptron_share(name, k, walkers, seed):
    """The same for a perceptron, averaged over many possible next samples."""
    dim = FEW if name == PLANE else MANY
    version_space = langevin.manifolds.perceptron(dim, k, seed=seed)
    states = walk(langevin.Problem(version_space, HEAT, "projected"), name, walkers, seed)
    inputs = np.random.default_rng([seed, NEXT]).standard_normal((NEXT, dim))  # not the stream of the samples
    labels = inputs @ teacher_of(version_space) >= 0
    return ((states @ inputs.T >= 0) == labels).mean()


def walk(problem, name, walkers, seed):
    """States (points, dim) of walks after burn-in."""
    kick, steps = WALKS[name]
    run = langevin.simulate(
        problem, walkers=walkers, steps=steps, dt=kick**2 / (2 * HEAT), every=steps // FRAMES, seed=seed
    )
    return run.states[:, FRAMES // 5 :].reshape(-1, problem.landscape.dim)


def kept(curve):
    """The share left, 1 - (test error), from a learning curve."""
    return Curve(curve.name, lambda k: volume_kept(curve, k), curve.validity, curve.reference)


def volume_kept(curve, k):
    """`theory.learning.volume_ratio` with the range of the learning curve."""
    error = curve.predict(k)
    return Prediction(theory.learning.volume_ratio(error.value).value, error.remainder, error.in_range)


def shares_are_equal(shares, samples):
    """The same share at every k: on all sets, or else on the cube only."""
    equal = {
        name: between(difference(ms[-1], ms[0], f"rise of the share, {name}"), -EQUAL_TO, EQUAL_TO)
        for name, ms in shares.items()
    }
    number = "; ".join(
        f"{name}: share left {format_value(ms[0].value, ms[0].error)} at k = {samples[name][0]} to "
        f"{format_value(ms[-1].value, ms[-1].error)} at k = {samples[name][-1]} (n = {ms[0].n})"
        for name, ms in shares.items()
    )
    flat = Narrowed(
        "the test error does not fall before the last sample, as on the cube; where samples lower the test error, the "
        "share rises to 1",
        equal[CUBE],
        every("unequal shares on the other sets", [no(one) for name, one in equal.items() if name != CUBE]),
    )
    number += f"; tolerance {EQUAL_TO:g}"
    return Finding(EQUAL, verdict_of(every("equal shares on all sets", equal.values()), flat), number)


def entropy_is_linear(shares, samples):
    """Comparison of the entropy that one sample removes, -log of the share it leaves, at the first and the last k."""
    taken = {name: [entropy_taken(m) for m in (ms[0], ms[-1])] for name, ms in shares.items()}
    linear = {
        name: near(ratio(last, first, f"entropy removed, last over first, {name}"), 1.0, LINEAR_TO)
        for name, (first, last) in taken.items()
    }
    number = "; ".join(
        f"{name}: one sample removes {format_value(first.value, first.error)} nats at k = {samples[name][0]}, "
        f"{format_value(last.value, last.error)} at k = {samples[name][-1]} (n = {first.n})"
        for name, (first, last) in taken.items()
    )
    alone = Narrowed(
        "single samples do not lower the test error, as on the cube",
        linear[CUBE],
        every("not linear on the other sets", [no(one) for name, one in linear.items() if name != CUBE]),
    )
    number += f"; tolerance {LINEAR_TO:.0%}"
    return Finding(LINEAR, verdict_of(every("linear on all sets", linear.values()), alone), number)


def entropy_taken(share):
    """-log of a share, in nats."""
    return scaled(log_of(share), -1.0)


def draw(path, shares, samples, curves):
    """Share left by the next sample, against the number of samples per dimension."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas
    from langevin.figures.panels import bars, residuals_under

    with canvas(path, "Share of the zero-risk set that the next sample leaves", 6.5, 5.4) as axes:
        low = residuals_under(axes)
        sizes = {CUBE: DIM, PLANE: FEW, SPACE: MANY}
        for name, colour, dash, mark in zip(shares, COLOURS, DASHES[1:], "os^"):
            loads = [k / sizes[name] for k in samples[name]]
            whole = range(samples[name][-1] + 1)
            axes.plot([k / sizes[name] for k in whole], [curves[name].predict(k).value for k in whole],
                      linestyle=dash, color=colour, label=f"1 - test error, {name}")  # fmt: skip
            style = {"linestyle": "none", "markerfacecolor": "none"}
            over = [scaled(m, 1 / curves[name].predict(k).value) for m, k in zip(shares[name], samples[name])]
            bars(axes, loads, shares[name], colour, mark, f"walk, {name}, 95 % interval", **style)
            bars(low, loads, over, colour, mark, "", **style)
        axes.set(ylabel="$V_{k+1} / V_k$", ylim=(0, 1.05))
        low.set(xlabel="samples / dimensions")
        axes.legend(loc="lower right", fontsize=7)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
