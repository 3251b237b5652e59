"""How many samples does learning need at dimension D: as D if it is rich, as D^2 if it is lazy?

The target is quadratic. Rich networks (Kumar et al., alpha = 1/4) are trained side by side by gradient descent; lazy
learning in its limit is kernel regression with K_0 = x . x' + eps^2 (x . x')^2. Samples suffice when the test loss ends
below a tenth of that at the start. The full run takes a minute of one processor.
"""

import numpy as np

from langevin import theory
from langevin.comparison import compare, format_value
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, judge
from langevin.figures.canvas import COLOURS, canvas
from langevin.measure import bootstrap_walkers
from langevin.sgld import Law, Recording, train
from langevin.types import Curve, Prediction
from models import polynomial

EPS, ALPHA, RATE, STEPS, LEARNT = 0.05, 0.25, 1.5, {True: 1500, False: 4000}, 0.1
#: Data seeds; dimensions: quick, full. Samples over D (rich), over the number of kernel modes (lazy).
SEEDS, DIMS = {True: 2, False: 5}, {True: (6, 12), False: (6, 12, 24)}
RICH, LAZY = (1.5, 2.2, 3.3, 5.0), (0.4, 0.6, 0.8, 1.0)
NOTES = "Grokking as lazy to rich learning (sinatootoonian.com), notes on Kumar et al., arXiv 2310.06110, on regression"
FEW = Claim(
    "when the activation function is an order k polynomial, the functions can be learned using as many examples P as "
    "the dimensionality of the input D", NOTES,
)  # fmt: skip
MANY = Claim("lazy learning requires D^k examples, where k is the order of the nonlinearity", NOTES)


def answer(quick=False, seed=1):
    """Find the samples needed at every dimension and data seed, fit exponents."""
    dims, seeds = DIMS[quick], SEEDS[quick]
    needs = {
        "rich": crossings(rich_losses(dims, seeds, STEPS[quick], seed), np.outer(dims, RICH)),
        "lazy": crossings(lazy_losses(dims, seeds), np.outer([modes(dim) for dim in dims], LAZY)),
    }
    rows = {
        "rich": exponent_row("rich: D", dims, needs["rich"], dims),
        "lazy": exponent_row("lazy: D (D + 3) / 2", dims, needs["lazy"], [modes(dim) for dim in dims]),
    }
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(rich_needs_few(dims, needs, rows), lazy_needs_many(dims, needs, rows["lazy"])),
        header=("learning", "D", "data seed", "samples needed"),
        rows=[
            (who, dim, i, float(need))
            for who, found in needs.items()
            for i, row in enumerate(found)
            for dim, need in zip(dims, row, strict=True)
        ],
        draw=lambda path: draw(path, dims, needs, rows),
        settings={
            "dims": dims,
            "alpha": ALPHA,
            "eps": EPS,
            "learning_rate": RATE,
            "learnt": LEARNT,
            "seeds": seeds,
        },
        comparisons=list(rows.values()),
    )


def modes(dim):
    """Linear and quadratic functions of x, those that K_0 can represent beside the constant."""
    return dim * (dim + 3) // 2


def rich_losses(dims, seeds, steps, seed):
    """Test loss after training over that before (data seeds, dims, RICH)."""
    cases = [
        {"dim": dim, "samples": round(dim * share), "alpha": ALPHA, "eps": EPS, "data_seed": i}
        for i in range(seeds)
        for dim in dims
        for share in RICH
    ]
    run = train(
        polynomial.family(cases), Law(RATE, name="gradient-descent"), steps=steps, chains=1, seed=seed,
        recording=Recording(frames=2, sketch=1),
    )  # fmt: skip
    ends = np.array([run.observables[f"test_loss {i}"][0, [0, -1]] for i in range(len(cases))])
    return (ends[:, 1] / ends[:, 0]).reshape(seeds, len(dims), -1)


def lazy_losses(dims, seeds):
    """Test loss of kernel regression with K_0 over that of the answer 0 (data seeds, dims, LAZY)."""

    def loss(dim, share, i):
        model = polynomial.model(dim=dim, samples=round(modes(dim) * share), data_seed=i)
        (x, y), (other, target) = model.train, model.test
        weights = np.linalg.lstsq(theory.tangent_kernel(x, x, EPS), y, rcond=1e-12)[0]
        return ((theory.tangent_kernel(other, x, EPS) @ weights - target) ** 2).sum() / (target**2).sum()

    return np.array([[[loss(dim, share, i) for share in LAZY] for dim in dims] for i in range(seeds)])


def crossings(losses, samples):
    """Samples (data seeds, dims) at which losses (data seeds, dims, samples) come down to LEARNT, between those tried.

    NaN where none of them was few enough, or enough.
    """
    logs = np.minimum.accumulate(np.log(np.maximum(losses, 1e-9)), axis=2)
    return np.exp([
        [np.interp(-np.log(LEARNT), -row, np.log(tried), np.nan, np.nan) for row, tried in zip(rows, samples)]
        for rows in logs
    ])  # fmt: skip


def exponent_row(name, dims, needs, law):
    """Exponent of the samples needed over D, from the data seeds that show it at every D, beside that of a law."""
    logs = np.log(dims) - np.mean(np.log(dims))
    weights = logs / (logs @ logs)
    sound = np.log(needs[np.isfinite(needs).all(axis=1)])
    found = bootstrap_walkers(sound @ weights[:, None], lambda means: means[:, 0], f"exponent, {name}")
    curve = Curve(name, lambda _: Prediction(float(np.log(law) @ weights)), "large D", NOTES)
    return compare(found, curve, level=LEVEL / 2, yardstick=1.0)


def rich_needs_few(dims, needs, rows):
    """The exponent may be 1, and is below that of lazy learning by three errors; or else at least that."""
    rich, lazy = rows["rich"].measured, rows["lazy"].measured
    fewer = bool(lazy.value - rich.value > 3 * np.hypot(lazy.error, rich.error))
    condition = (
        f"an order is meant: at D = {dims[0]} to {dims[-1]} the power is below the lazy one, but above 1"
    )
    verdict = judge(rows["rich"].verdict != "excluded" and fewer, fewer, condition)
    return Finding(FEW, verdict, f"samples needed by rich learning {told(dims, needs['rich'], rich)}")


def lazy_needs_many(dims, needs, row):
    """The exponent is 2; or else that of the number of modes, which goes to 2 with D."""
    square = compare(row.measured, Prediction(2.0), level=LEVEL / 2, yardstick=1.0).verdict == "agrees"
    condition = "P is the number of modes, D (D + 3) / 2, which is near D^2 / 2 at large D only"
    number = f"samples needed by lazy learning {told(dims, needs['lazy'], row.measured)}"
    number += f"; the number of modes goes as D to the {row.predicted.value:.2f}"
    return Finding(MANY, judge(square, row.verdict == "agrees", condition), number)


def told(dims, needs, exponent):
    """Means over data seeds by D, and the exponent."""
    means = [
        bootstrap_walkers(column[np.isfinite(column), None], lambda m: m[:, 0], "need") for column in needs.T
    ]
    listed = ", ".join(
        f"{format_value(m.value, m.error)} at D = {dim}" for dim, m in zip(dims, means, strict=True)
    )
    return f"{listed}; D to the {format_value(exponent.value, exponent.error)} (n = {exponent.n} data seeds)"


def draw(path, dims, needs, rows):
    """Samples needed over D, with lines D and D (D + 3) / 2 through the first mean."""
    with canvas(path, f"Samples from which on test loss ends below {LEARNT:g} of its start") as axes:
        fine = np.geomspace(dims[0], dims[-1], 50)
        laws = {"rich": (fine, "$\\sim D$"), "lazy": (fine * (fine + 3) / 2, "$\\sim D (D + 3) / 2$")}
        for i, (who, (law, name)) in enumerate(laws.items()):
            found, spread = np.nanmean(needs[who], axis=0), np.nanstd(needs[who], axis=0, ddof=1)
            m = rows[who].measured
            axes.errorbar(dims, found, 1.96 * spread / len(needs[who]) ** 0.5, fmt="o^"[i], color=COLOURS[i], capsize=3,
                          label=f"{who}: power {format_value(m.value, m.error)}")  # fmt: skip
            axes.plot(fine, law * found[0] / law[0], "--", color=COLOURS[i], label=f"{who}, law {name}")
        axes.set(xscale="log", yscale="log", xlabel="dimension D", ylabel="samples")
        axes.set_xticks(dims, [str(dim) for dim in dims])
        axes.minorticks_off()
        axes.legend()


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
