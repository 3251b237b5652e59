"""Does the zero-loss set take a larger share of the weight space of a wider network?

A linear network of n hidden units, f(x) = sum_j u_j v_j x, learns f(x) = x: its zero-loss set is u . v = 1. Weights are
drawn from the normal distribution of initial weights, and the sim counts those whose loss is below a bound. Either
every weight has variance 1 at any width, or the variances decrease with the width so that the size of f is constant.
The share is known in closed form. The full run takes ten seconds of one processor.
"""

import math

import numpy as np

from langevin.comparison import compare_all, format_value
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, every
from langevin.kernels.streams import derived_seed
from langevin.measure.combined import ratio
from langevin.types import Curve, Measurement, Prediction, Share

WIDTHS = (1, 2, 4, 16)
#: Largest |f(x) - x| / |x| (the loss is half its square); number of weights drawn in all, and at once.
WIDTH_OF_SET, DRAWS, AT_ONCE = 0.1, {True: 300_000, False: 1_000_000}, 100_000
#: Names of the distributions: weights of variance 1 (u . v has variance n), and of variance 1 / sqrt(n) (u . v has 1).
FIXED, KEPT = "weights of one size", "outputs of one size"
#: Ratio from one width to the next: above the first number the share rises, below the second it falls.
RISE, FALL = 1.05, 0.95
VOLUME = Claim(
    "as the model becomes more overparametrized, the volume of this manifold relative to the total weight space "
    "increases",
    "B. Millidge, Addendum to Grokking Grokking (beren.io), introduction",
)


def answer(quick=False, seed=1):
    """Compare counts with the closed form, at every width, for both distributions of the weights."""
    shares = {
        law: [share_near(law, width, DRAWS[quick], derived_seed(seed, 100 * i + width)) for width in WIDTHS]
        for i, law in enumerate((FIXED, KEPT))
    }
    rows = [row for law in shares for row in compare_all(WIDTHS, shares[law], [closed_form(law)], 0.025)]
    return Answer(
        question="Does the zero-loss set take a larger share of the weight space of a wider network?",
        findings=(volume_grows(shares),),
        header=("weights", "hidden units", "share of low loss", "standard error", "draws", "closed form"),
        rows=[
            (
                row.theory,
                row.point,
                row.measured.value,
                row.measured.error,
                row.measured.n,
                row.predicted.value,
            )
            for row in rows
        ],
        draw=lambda path: draw(path, shares),
        settings={"widths": WIDTHS, "half_width": WIDTH_OF_SET, "draws": DRAWS[quick]},
        comparisons=rows,
    )


def variance(law, width):
    """Variance of every weight."""
    return 1.0 if law == FIXED else width**-0.5


def share_near(law, width, draws, seed):
    """Share of weights with |u . v - 1| below the bound."""
    rng, count = np.random.default_rng(seed), 0
    for _ in range(draws // AT_ONCE):
        first, second = rng.normal(0.0, variance(law, width) ** 0.5, (2, AT_ONCE, width))
        count += int((np.abs((first * second).sum(axis=1) - 1.0) < WIDTH_OF_SET).sum())
    share = count / draws
    return Measurement(
        share,
        (share * (1 - share) / draws) ** 0.5,
        draws,
        f"share of low loss, {law}",
        law=Share(count, draws),
    )


def closed_form(law):
    """Variance-gamma distribution of u . v: density (|s| / 2)^((n-1)/2) K_((n-1)/2)(|s|) / (sqrt(pi) Gamma(n/2))."""
    from scipy.integrate import quad
    from scipy.special import gammaln, kve

    def density(s, width):
        order = (width - 1) / 2
        return math.exp(order * math.log(s / 2) - s - gammaln(width / 2)) * kve(order, s) / math.sqrt(math.pi)

    def predict(width):
        size = variance(law, width)
        value, remainder = quad(density, (1 - WIDTH_OF_SET) / size, (1 + WIDTH_OF_SET) / size, (width,))
        return Prediction(value, remainder)

    return Curve(
        f"closed form: {law}", predict, "normal weights", "products of normal numbers: a difference of gammas"
    )


def volume_grows(shares):
    """The share rises from each width to the next, for both distributions, or else for outputs of one size."""
    changes = {
        law: [
            ratio(wider, narrower, f"{law}: share at width {wide} over that at the previous width")
            for narrower, wider, wide in zip(found, found[1:], WIDTHS[1:], strict=False)
        ]
        for law, found in shares.items()
    }
    number = "; ".join(
        f"{law}: "
        + ", ".join(
            f"{format_value(m.value, m.error)} at width {n}" for n, m in zip(WIDTHS, found, strict=True)
        )
        for law, found in shares.items()
    )
    last = changes[FIXED][-1]
    fall = f"falls by more than {1 - FALL:.0%}" if below(last, FALL).established else "does not clearly fall"
    number += (
        f" (n = {shares[KEPT][0].n} draws); for weights of one size it {fall} from width {WIDTHS[-2]} to "
        f"{WIDTHS[-1]}, and in closed form it has its maximum at "
        f"{widest()} hidden units"
    )
    rises = {law: [above(change, RISE) for change in found] for law, found in changes.items()}
    size = Narrowed(
        "the variance of the weights falls with the width as n^(-1/2), so that outputs have a constant size, as those "
        "of usual initial weights have; the sim draws weights with this variance and with a constant one",
        every("the share rises with the width", rises[KEPT]),
    )
    claim = every("the share rises with the width, for both", [*rises[FIXED], *rises[KEPT]])
    return Finding(VOLUME, verdict_of(claim, size), f"share of the weights with low loss, {number}")


def widest():
    """Number of hidden units with the largest share, for weights of one size."""
    law = closed_form(FIXED)
    return max(range(1, 2 * WIDTHS[-1]), key=lambda width: law.predict(width).value)


def draw(path, shares):
    """Share against the width; in the lower panel, measured over closed form."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas
    from langevin.figures.panels import beside_theory, plain_ticks, residuals_under

    title = f"Share of the weight space with $|f(x) - x| < {WIDTH_OF_SET:g}\\,|x|$"
    with canvas(path, title, 6.0, 5.2) as axes:
        low, all_widths = residuals_under(axes), range(1, WIDTHS[-1] + 1)
        for (law, found), shift, colour, mark in zip(
            shares.items(), (0.97, 1.03), COLOURS, "os", strict=False
        ):
            known = [closed_form(law).predict(n).value for n in all_widths]
            axes.plot(all_widths, known, color=colour, linestyle=DASHES[1])
            at, theory = shift * np.array(WIDTHS), [known[n - 1] for n in WIDTHS]
            beside_theory(axes, low, at, found, theory, colour, mark, f"{law}, 95 % interval")
        axes.plot([], [], color="0.4", linestyle=DASHES[1], label="closed form")
        axes.set(xscale="log", ylabel="share")
        axes.legend()
        plain_ticks(low.xaxis, WIDTHS)
        low.set(xlabel="hidden units $n$")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
