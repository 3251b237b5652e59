"""Are the formulas of lazy learning right: the initial kernel, the initial rate of the loss, and CKA?

The network of Kumar et al., f = (alpha / N) sum_i g(w_i . x) with g(h) = h + eps h^2 / 2, learns a quadratic target.
The sim measures its tangent kernel at the start for several widths N, and during a training in which features are
learned. The full run takes twenty seconds of one processor.
"""

from functools import cache

import numpy as np

from langevin import theory
from langevin.comparison import compare, format_value
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, every, near
from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
from langevin.figures.panels import band, panels, residuals_under
from langevin.measure import bootstrap_walkers
from langevin.measure.combined import scaled
from langevin.measure.networks import kernel_alignment, tangent_kernel
from langevin.measure.seeds import mean_over
from langevin.sgld import Callbacks, Law, Recording, train
from langevin.types import Curve, Prediction
from models import polynomial

EPS, ALPHA, SAMPLES, RATE, STEPS = 0.05, 0.25, 100, 5.0, 2000
#: Data seeds of the training; widths; number of starts at each width; samples at these starts.
SEEDS, WIDTHS = {True: 5, False: 8}, {True: (5, 20, 320), False: (5, 20, 80, 320, 1280)}
STARTS, FEW = 20, 40
#: Length of the step that measures the initial rate of the loss. Its relative error is at most half the step times the
#: largest kernel eigenvalue.
SHORT = 0.05
#: Relative tolerance of "is": of the kernel, and of the rate of the loss.
EQUAL = 0.02
NOTES = "Grokking as lazy to rich learning (sinatootoonian.com), notes on Kumar et al., arXiv 2310.06110"
KERNEL = Claim("at initialization the kernel is K_0 = x^T x' + eps^2 (x^T x')^2", f"{NOTES}, on regression")
INITIAL = Claim("at the start dL/dt = -(1/N) y^T K y, with N the number of samples", f"{NOTES}, on CKA")
BOUNDED = Claim(
    "centered kernel alignment, CKA = y^T K y / (|K| |y|): the denominator normalizes the value to lie between 0 and 1",
    f"{NOTES}, on CKA",
)
FORMULAS = ("$|y|$, not centred (as it stands)", "$|y|^2$, not centred", "$|y|^2$, centred (CKA)")


def answer(quick=False, seed=1):
    """Measure kernels at the start and during training, and the first step; compare them with the formulas."""
    from jax import random

    errors = [kernel_errors(width, random.split(random.key(seed), STARTS)) for width in WIDTHS[quick]]
    row = width_row(WIDTHS[quick], np.array(errors).T)
    rates = initial_rates(SEEDS[quick], seed)
    steps, alignments = trained_alignments(SEEDS[quick], seed)
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(
            kernel_is_known(WIDTHS[quick], errors, row),
            rate_is_alignment(rates),
            cka_is_bounded(alignments),
        ),
        header=("width", "relative error of K_0", "standard error", "starts", "theory"),
        rows=[
            (width, m.value, m.error, m.n, kernel_spread(width))
            for width, m in zip(WIDTHS[quick], map(root_mean, errors), strict=True)
        ],
        draw=lambda path: draw(path, WIDTHS[quick], errors, rates, steps, alignments),
        settings={"eps": EPS, "alpha": ALPHA, "samples": SAMPLES, "learning_rate": RATE, "steps": STEPS},
        comparisons=[row],
    )


def limit(x):
    """K_0 between inputs: the mean of the kernel over starts."""
    return theory.learning.tangent_kernel(x, x, EPS)


def kernel_errors(width, keys):
    """Squared relative distance (starts,) between the kernel at the start and K_0."""
    model = polynomial.model(samples=FEW, width=width, eps=EPS)
    expected = limit(model.train.inputs)
    kernels = [tangent_kernel(model, model.init(key)) for key in keys]
    return np.array([((kernel - expected) ** 2).sum() / (expected**2).sum() for kernel in kernels])


def kernel_spread(width):
    """Root mean square relative error of the kernel by theory."""
    x = polynomial.model(samples=FEW).train.inputs
    spread = theory.learning.tangent_kernel_spread(x, x, EPS, width)
    return float(np.linalg.norm(spread) / np.linalg.norm(limit(x)))


def root_mean(squares):
    """Root of the mean over starts."""
    return bootstrap_walkers(squares[:, None], lambda means: np.sqrt(means[:, 0]), "kernel error")


def width_row(widths, squares):
    """Comparison of the exponent of the error in the width with -1/2, from squared errors (starts, widths)."""
    logs = np.log(widths) - np.mean(np.log(widths))
    measured = bootstrap_walkers(squares, lambda means: np.log(means) @ logs / (2 * logs @ logs), "slope")
    law = Curve(
        "1 / sqrt(N)", lambda _: Prediction(-0.5), "a mean over hidden units", "central limit theorem"
    )
    return compare(measured, law, level=LEVEL, yardstick=1.0)


@cache
def family(seeds):
    """Rich networks, one for each data seed."""
    return polynomial.family([{"alpha": ALPHA, "eps": EPS, "data_seed": i} for i in range(seeds)])


def trained(seeds, seed, steps, rate):
    """A training of the family, and the weights (data seeds, dim, width) at some steps."""
    kept = {}
    run = train(
        family(seeds), Law(rate, name="gradient-descent"), steps=steps, chains=1, seed=seed,
        recording=Recording(frames=24, sketch=1),
        callbacks=Callbacks(visit=lambda step, weights: kept.update({step: weights[0]["hidden"]})),
    )  # fmt: skip
    return run, kept


def initial_rates(seeds, seed):
    """Rate of the loss in a short step, y^T K y / N with y the labels minus the outputs, and the error of the step.

    Shape (data seeds, 3). A step of length h lowers the rate by at most h / 2 times the largest eigenvalue of K / N.
    """
    run, kept = trained(seeds, seed, 2, SHORT)
    model, found = polynomial.model(alpha=ALPHA, eps=EPS), []
    for i in range(seeds):
        x, y = polynomial.model(data_seed=i).train
        weights = {"hidden": kept[0][i]}
        rest = np.asarray(y - model.apply(weights, x))[:, 0]
        before, after = run.observables[f"train_loss {i}"][0, :2]
        kernel = tangent_kernel(model, weights, x, x)
        largest = np.linalg.eigvalsh(kernel)[-1] / len(y)
        found.append([(before - after) / SHORT, rest @ kernel @ rest / len(y), SHORT / 2 * largest])
    return np.array(found)


def trained_alignments(seeds, seed):
    """Steps, and alignments (FORMULAS, data seeds, steps) of the kernel with the labels by three formulas."""
    _, kept = trained(seeds, seed, STEPS, RATE)
    model, found = polynomial.model(alpha=ALPHA, eps=EPS), []
    for i in range(seeds):
        x, y = polynomial.model(data_seed=i).train
        kernels = [tangent_kernel(model, {"hidden": weights[i]}, x, x) for weights in kept.values()]
        plain, centred = (
            [kernel_alignment(kernel, y @ y.T, centred=way) for kernel in kernels] for way in (False, True)
        )
        found.append([np.linalg.norm(y) * np.array(plain), plain, centred])
    return np.array(list(kept)), np.array(found).swapaxes(0, 1)


def enough(squares, width):
    """Hidden units above which the error of K_0 is below EQUAL, extrapolated from one width by 1 / sqrt(N)."""
    units = bootstrap_walkers(squares[:, None], lambda means: width * means[:, 0] / EQUAL**2, "hidden units")
    return f"{format_value(units.value, units.error)}"


def kernel_is_known(widths, errors, row):
    """K_0 is the kernel at every width, or else only above a certain width."""
    found = [root_mean(squares) for squares in errors]
    shown = ", ".join(
        f"{format_value(m.value, m.error)} at N = {width} (theory {kernel_spread(width):.4f})"
        for width, m in zip(widths, found, strict=True)
    )
    boundary = enough(errors[1], widths[1])
    number = (
        f"relative error of K_0 {shown}; it is proportional to N^p with p = {told(row.measured)} starts, and equals "
        f"{EQUAL:g} at N = {boundary}"
    )
    small = [below(m, EQUAL) for m in found]
    wide = every("the wide networks have the kernel K_0", small[2:])
    narrow = above(found[0], EQUAL, f"networks of {widths[0]} units do not have it")
    condition = (
        f"the network is wide (for a relative error below {EQUAL:g}: N above {boundary}): the relative error is "
        "c / sqrt(N), and the unit of the kernel is alpha^2 / N"
    )
    return Finding(
        KERNEL, verdict_of(every("at every width", small), Narrowed(condition, wide, narrow)), number
    )


def rate_is_alignment(rates):
    """The measured rate over y^T K y / N is 1, or 1 / N if the notes lost a factor."""
    ratio = mean_over(rates[:, 0] / rates[:, 1], "rate over y K y / N")
    number = f"measured rate over y^T K y / N {told(ratio)} data seeds; 1 / N = {1 / SAMPLES:g}"
    condition = "y is the residual (labels minus initial outputs), and the rate has another factor 1 / N: y^T K y / N^2"
    literal, lost = near(ratio, 1.0, EQUAL), near(ratio, 1 / SAMPLES, EQUAL)
    return Finding(INITIAL, verdict_of(literal, Narrowed(condition, lost)), number)


def cka_is_bounded(alignments):
    """With |y|^2 the alignment is at most 1 by the Cauchy-Schwarz inequality; with |y| it is |y| times as large."""
    largest = [
        mean_over(rows.max(axis=1), f"largest alignment, {name}") for rows, name in zip(alignments, FORMULAS)
    ]
    plain, square, centred = (format_value(m.value, m.error) for m in largest)
    number = (
        f"largest value during training: {plain} by the formula as it stands, {square} with |y|^2 in the denominator, "
        f"{centred} if also K is centered, as the name says (n = {largest[0].n} data seeds)"
    )
    condition = (
        "the denominator has |y|^2 instead of |y|; 'centered' also requires H K H instead of K, where H subtracts the "
        "mean"
    )
    bounded = every("with |y|^2 it is at most 1", [below(m, 1.0) for m in largest[1:]])
    return Finding(BOUNDED, verdict_of(below(largest[0], 1.0), Narrowed(condition, bounded)), number)


def told(measured):
    """Number, error and n."""
    return f"{format_value(measured.value, measured.error)}, n = {measured.n}"


def draw(path, widths, errors, rates, steps, alignments):
    """Error of K_0 against the width, rate of the loss, alignment during training."""
    with canvas(path, "Error of the initial kernel", width=11.0, height=4.6) as axes:
        _, middle, right = panels(axes, 1, 3)
        low = residuals_under(axes)
        found = [root_mean(squares) for squares in errors]
        axes.errorbar(widths, [m.value for m in found], [1.96 * m.error for m in found], fmt="o", color=MEASURED,
                      capsize=3, label=f"{STARTS} starts, 95 % interval")  # fmt: skip
        law = [kernel_spread(width) for width in widths]
        axes.plot(widths, law, "--", color=COLOURS[0], label="theory, $\\sim 1 / \\sqrt{N}$")
        over = [scaled(m, 1 / value) for m, value in zip(found, law, strict=True)]
        low.errorbar(widths, [m.value for m in over], [1.96 * m.error for m in over], fmt="o", color=MEASURED,
                     markersize=4.5, capsize=3)  # fmt: skip
        axes.set(xscale="log", yscale="log", ylabel="$|K - K_0| / |K_0|$")
        low.set(xlabel="hidden units $N$")
        places = range(1, len(rates) + 1)
        measured = SAMPLES * rates[:, 0] / rates[:, 1]
        middle.errorbar(places, measured, [0 * measured, measured * rates[:, 2]], fmt="o", color=MEASURED, capsize=3,
                        label="measured; bar: largest error of the step")  # fmt: skip
        middle.axhline(
            1.0, linestyle="--", color=COLOURS[0], label="$y^T K y / N^2$ (formula with $1/N$: 100)"
        )
        middle.set(xlabel="data seed", ylabel="$-dL/dt$ over $y^T K y / N^2$", xticks=places)
        middle.margins(y=0.4)
        middle.set_title("Initial rate of the loss", loc="left")
        for i, (rows, name) in enumerate(zip(alignments, FORMULAS, strict=True)):
            band(right, steps[1:], rows[:, 1:], COLOURS[(1, 4, 0)[i]], DASHES[i], name)
        right.axhline(1.0, color="0.5", linewidth=0.8, label="bound of CKA")
        right.set(xscale="log", xlabel="step", ylabel="alignment of $K$ with the labels", ylim=(0, 2.5))
        right.set_title(f"Alignment in training, $\\alpha$ = {ALPHA:g}, 95 % bands", loc="left")
        for panel in (axes, middle, right):
            panel.legend(loc="best" if panel is not right else "upper left")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
