"""How many samples does learning need at dimension D: as D if it is rich, as D^2 if it is lazy?

The target is quadratic. Rich networks (Kumar et al., alpha = 1/4) are trained by gradient descent. The limit of lazy
learning is kernel regression with K_0 = x . x' + eps^2 (x . x')^2. A number of samples is sufficient if the final test
loss is below a tenth of the initial one. The full run takes two minutes of one processor.
"""

from dataclasses import replace

import numpy as np

from langevin import theory
from langevin.comparison import compare, format_value
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, near
from langevin.figures.canvas import COLOURS, canvas
from langevin.figures.panels import bars
from langevin.measure.seeds import mean_over
from langevin.sgld import Law, Recording, train
from langevin.types import Curve, Prediction
from models import polynomial

EPS, ALPHA, RATE, STEPS, LEARNT = 0.05, 0.25, 1.5, {True: 1500, False: 4000}, 0.1
#: Data seeds of rich learning; dimensions: quick, full. Lazy learning is cheap: it has these data seeds and more,
#: `MORE` times as many in all. Samples over D (rich), over the number of kernel modes (lazy).
SEEDS, DIMS, MORE = {True: 8, False: 12}, {True: (8, 16), False: (8, 16, 32)}, 3
RICH, LAZY = (1.4, 2.4, 4.1, 7.0), (0.4, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0)
NOTES = "Grokking as lazy to rich learning (sinatootoonian.com), notes on Kumar et al., arXiv 2310.06110, on regression"
FEW = Claim(
    "when the activation function is an order k polynomial, the functions can be learned using as many examples P as "
    "the dimensionality of the input D", NOTES,
)  # fmt: skip
MANY = Claim("lazy learning requires D^k examples, where k is the order of the nonlinearity", NOTES)


def answer(quick=False, seed=1):
    """Find the samples needed at every dimension and data seed, fit exponents."""
    dims, data = DIMS[quick], [100 * seed + i for i in range(MORE * SEEDS[quick])]
    needs = {
        "rich": crossings(rich_losses(dims, data[: SEEDS[quick]], STEPS[quick], seed), np.outer(dims, RICH)),
        "lazy": crossings(lazy_losses(dims, data), np.outer([modes(dim) for dim in dims], LAZY)),
    }
    powers = {who: exponents(dims, found) for who, found in needs.items()}
    laws = {"rich": ("rich: D", dims), "lazy": ("lazy: D (D + 3) / 2", [modes(dim) for dim in dims])}
    rows = {who: exponent_row(law, dims, powers[who]) for who, law in laws.items()}
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(rich_needs_few(dims, needs, powers), lazy_needs_many(dims, needs, rows["lazy"])),
        header=("learning", "D", "data seed", "samples needed"),
        rows=[
            (who, dim, i, float(need))
            for who, found in needs.items()
            for i, row in zip(data, found, strict=False)
            for dim, need in zip(dims, row, strict=True)
        ],
        draw=lambda path: draw(path, dims, needs, rows),
        settings={
            "dims": dims,
            "alpha": ALPHA,
            "eps": EPS,
            "learning_rate": RATE,
            "learnt": LEARNT,
            "data_seeds": {"rich": data[: SEEDS[quick]], "lazy": data},
        },
        comparisons=list(rows.values()),
    )


def modes(dim):
    """Number of linear and quadratic functions of x that K_0 can represent, without the constant."""
    return dim * (dim + 3) / 2


def rich_losses(dims, data, steps, seed):
    """Test loss after training over that before training (data seeds, dims, RICH)."""
    cases = [
        {"dim": dim, "samples": round(dim * share), "alpha": ALPHA, "eps": EPS, "data_seed": i}
        for i in data
        for dim in dims
        for share in RICH
    ]
    run = train(
        polynomial.family(cases), Law(RATE, name="gradient-descent"), steps=steps, chains=1, seed=seed,
        recording=Recording(frames=2, sketch=1),
    )  # fmt: skip
    ends = np.array([run.observables[f"test_loss {i}"][0, [0, -1]] for i in range(len(cases))])
    return (ends[:, 1] / ends[:, 0]).reshape(len(data), len(dims), -1)


def lazy_losses(dims, data):
    """Test loss of kernel regression with K_0 over that of the answer 0 (data seeds, dims, LAZY)."""

    def loss(dim, share, i):
        model = polynomial.model(dim=dim, samples=round(modes(dim) * share), data_seed=i)
        (x, y), (other, target) = model.train, model.test
        weights = np.linalg.lstsq(theory.learning.tangent_kernel(x, x, EPS), y, rcond=1e-12)[0]
        return ((theory.learning.tangent_kernel(other, x, EPS) @ weights - target) ** 2).sum() / (
            target**2
        ).sum()

    return np.array([[[loss(dim, share, i) for share in LAZY] for dim in dims] for i in data])


def crossings(losses, samples):
    """Samples (data seeds, dims) at which losses (data seeds, dims, samples) fall to LEARNT, by interpolation.

    NaN if the loss crosses LEARNT outside the range of the numbers tried.
    """
    logs = np.minimum.accumulate(np.log(np.maximum(losses, 1e-9)), axis=2)
    return np.exp([
        [np.interp(-np.log(LEARNT), -row, np.log(tried), np.nan, np.nan) for row, tried in zip(rows, samples)]
        for rows in logs
    ])  # fmt: skip


def weights_of(dims):
    """Weights with which the logarithms at each D enter the slope over log D."""
    logs = np.log(dims) - np.mean(np.log(dims))
    return logs / (logs @ logs)


def exponents(dims, needs):
    """Exponent (data seeds,) of the samples needed as a power of D; NaN if they are not known at every D."""
    return np.log(needs) @ weights_of(dims)


def known_mean(powers, name):
    """Mean of the known exponents. It decides nothing if one is missing, because extreme ones are missing."""
    known = np.isfinite(powers)
    found = mean_over(powers[known], name)
    return replace(found, mixed=found.mixed and bool(known.all()))


def exponent_row(law, dims, powers):
    """Comparison of the exponent, averaged over data seeds known at every D, with that of a law (name, samples)."""
    name, samples = law
    found = known_mean(powers, f"exponent, {name}")
    curve = Curve(name, lambda _: Prediction(float(np.log(samples) @ weights_of(dims))), "large D", NOTES)
    return compare(found, curve, level=LEVEL / 2, yardstick=1.0)


def rich_needs_few(dims, needs, powers):
    """The power is 1 within the tolerance, or else at least below that of lazy learning on the same data."""
    fewer = powers["lazy"][: len(powers["rich"])] - powers["rich"]
    rich, fewer = (known_mean(found, "power of rich learning") for found in (powers["rich"], fewer))
    number = (
        f"samples needed by rich learning {told(dims, needs['rich'], rich)}, a power smaller than the lazy one by "
        f"{format_value(fewer.value, fewer.error)}"
    )
    condition = (
        f"the claim means a smaller power of D than that of lazy learning: the power is "
        f"{format_value(rich.value, rich.error)} between D = {dims[0]} and {dims[-1]}"
    )
    return Finding(FEW, verdict_of(near(rich, 1.0), Narrowed(condition, above(fewer, 0.0))), number)


def lazy_needs_many(dims, needs, row):
    """The power is 2 within the tolerance. For comparison, the power of the number of modes tends to 2 at large D."""
    number = (
        f"samples needed by lazy learning {told(dims, needs['lazy'], row.measured)}; the number of modes, D (D + 3) / "
        f"2, is proportional to D to the power {row.predicted.value:.2f} at these D ({row.verdict})"
    )
    return Finding(MANY, verdict_of(near(row.measured, 2.0)), number)


def told(dims, needs, exponent):
    """Means over data seeds by D, and the exponent."""
    means = [mean_over(column[np.isfinite(column)], "need") for column in needs.T]
    listed = ", ".join(
        f"{format_value(m.value, m.error)} at D = {dim}" for dim, m in zip(dims, means, strict=True)
    )
    missing = len(needs) - exponent.n
    note = f", {missing} more need a number outside the range that was tried" if missing else ""
    return f"{listed}; power of D {format_value(exponent.value, exponent.error)} (n = {exponent.n} data seeds{note})"


def draw(path, dims, needs, rows):
    """Samples needed against D, with laws D and D (D + 3) / 2 through the first mean; below, measured over law."""
    with canvas(
        path, f"Samples for a final test loss below {LEARNT:g} of the initial one", height=5.6
    ) as axes:
        grid = axes.figure.add_gridspec(2, 1, height_ratios=(2, 1))
        axes.set_subplotspec(grid[0])
        rest = axes.figure.add_subplot(grid[1], sharex=axes)
        fine = np.geomspace(dims[0], dims[-1], 50)
        laws = {"rich": (lambda dim: dim, "$\\propto D$"), "lazy": (modes, "$\\propto D (D + 3) / 2$")}
        for i, (who, (law, name)) in enumerate(laws.items()):
            found = [mean_over(column[np.isfinite(column)], "need") for column in needs[who].T]
            m, unit = rows[who].measured, found[0].value / law(dims[0])
            bars(axes, dims, found, COLOURS[i], "o^"[i], f"{who}: power {format_value(m.value, m.error)}")
            axes.plot(fine, unit * law(fine), "--", color=COLOURS[i], label=f"{who}, law {name}")
            over = [
                replace(m, value=m.value / unit / law(dim), error=m.error / unit / law(dim))
                for m, dim in zip(found, dims)
            ]
            bars(rest, dims, over, COLOURS[i], "o^"[i], who)
        rest.axhline(1.0, color="0.5", linewidth=0.8)
        axes.set(xscale="log", yscale="log", ylabel="samples $P$")
        axes.set_yticks([30, 100, 300], ["30", "100", "300"])
        rest.set(xlabel="dimension $D$", ylabel="measured / law")
        rest.set_xticks(dims, [str(dim) for dim in dims])
        for panel in (axes, rest):
            panel.minorticks_off()
            panel.legend()


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
