"""The test of a statement by numbers: they establish it, refute it, or leave it open.

A statement such as "the exponent lies between 0.9 and 1.1" is true or false; a measured number with its error decides
it only as far as its error allows. Two p-values keep both directions apart:

- `support`: the largest chance of numbers at least so favourable, if the statement were false. Small: established.
- `against`: the largest chance of numbers at least so unfavourable, if the statement were true. Small: refuted.

A bound is tested one-sided, by the exact law of the number if it is known, else by Student's law with n - 1 degrees of
freedom. The mean of n equal values has the error 0, and Student's law would be certain: such a mean is tested by the
sign test, in which n values on one side of a bound have the chance 2^-n. An interval is established by two one-sided
tests (Schuirmann 1987). The statement `every` is established if each part is established (an intersection-union test,
which needs no correction: Berger 1982). It is refuted if one part is refuted, with Bonferroni's correction for the
choice of this part. `some` is the mirror image. Numbers whose assumptions failed (`not mixed`), and numbers of one
walker, decide nothing in either direction.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from langevin.errors import UsageError
from langevin.measure.interval import exact_score
from langevin.types import Comparison, Measurement, Positive, Share, Waits

#: Chance that a true statement is refuted by accident, and that a false one is established.
LEVEL = 0.01
#: Part of its own size by which a measured number may differ from a theory that holds.
TOLERANCE = 0.1


@dataclass(frozen=True)
class Statement:
    """A sentence about measured numbers, and the p-values for and against it (module docstring)."""

    words: str
    support: float
    against: float

    @property
    def established(self) -> bool:
        """Whether the numbers establish it at `LEVEL`."""
        return self.support <= LEVEL

    @property
    def refuted(self) -> bool:
        """Whether the numbers refute it at `LEVEL`."""
        return self.against <= LEVEL


def above(measured: Measurement, bound: float, words: str = "") -> Statement:
    """The true number is above a bound.

    Args:
        measured: the number.
        bound: below the true number.
        words: of the statement; a default text if empty.
    """
    high, low = tails(measured, bound)
    return Statement(words or f"{measured.estimator} is above {bound:g}", support=high, against=low)


def below(measured: Measurement, bound: float, words: str = "") -> Statement:
    """The true number is below a bound.

    Args:
        measured: the number.
        bound: above the true number.
        words: of the statement; a default text if empty.
    """
    return no(above(measured, bound), words or f"{measured.estimator} is below {bound:g}")


def between(measured: Measurement, low: float, high: float, words: str = "") -> Statement:
    """The true number lies between two bounds.

    Args:
        measured: the number.
        low: the lower bound.
        high: the upper bound.
        words: of the statement; a default text if empty.

    Raises:
        UsageError: bounds that leave nothing between them.
    """
    if not low < high:
        raise UsageError(f"nothing lies between {low} and {high}", "the first bound below the second")
    words = words or f"{measured.estimator} lies between {low:g} and {high:g}"
    return every(words, (above(measured, low), below(measured, high)))


def near(measured: Measurement, truth: float, tolerance: float = TOLERANCE, words: str = "") -> Statement:
    """The true number differs from another number by at most this part of the other number.

    Args:
        measured: the number.
        truth: the other number.
        tolerance: largest difference over |truth|.
        words: of the statement; a default text if empty.

    Raises:
        UsageError: a truth of 0, of which nothing is a part.
    """
    if truth == 0.0:
        raise UsageError("nothing is a part of 0", "a number other than 0", "use between")
    width = abs(truth) * tolerance
    words = words or f"{measured.estimator} is within {tolerance:.0%} of {truth:g}"
    return between(measured, truth - width, truth + width, words)


def told_by(rows: Iterable[Comparison], tolerance: float = TOLERANCE, words: str = "") -> Statement:
    """The theory of these comparisons predicts every measured number in its range within this fraction.

    The prediction's remainder is added to the error of the measurement. Without a comparison in range the statement is
    undecided.

    Args:
        rows: comparisons with the theory.
        tolerance: largest difference over the prediction.
        words: of the statement; a default text if empty.
    """
    seen = [row for row in rows if row.predicted.in_range and math.isfinite(row.predicted.value)]
    words = words or " and ".join(dict.fromkeys(f"{row.theory} within {tolerance:.0%}" for row in seen))
    return every(
        words,
        (
            near(widened(row.measured, row.predicted.remainder), row.predicted.value, tolerance)
            for row in seen
        ),
    )


def widened(measured: Measurement, remainder: float) -> Measurement:
    """The measurement with the remainder of a prediction as a further, independent error.

    Args:
        measured: the number.
        remainder: of the prediction.
    """
    if not remainder:
        return measured
    return replace(measured, error=math.hypot(measured.error, remainder), law=None)


def certain(holds: bool, words: str) -> Statement:
    """A statement without chance: arithmetic, or a complete exact count.

    Args:
        holds: whether the statement is true.
        words: of the statement.
    """
    return Statement(words, support=0.0 if holds else 1.0, against=1.0 if holds else 0.0)


def no(statement: Statement, words: str = "") -> Statement:
    """The contrary of a statement.

    Args:
        statement: the statement.
        words: of the contrary; a default text if empty.
    """
    return Statement(words or f"not: {statement.words}", support=statement.against, against=statement.support)


def every(words: str, statements: Iterable[Statement]) -> Statement:
    """All of the statements are true. It is undecided if there are none.

    Args:
        words: of the whole statement.
        statements: its parts.
    """
    parts = list(statements)
    if not parts:
        return Statement(words, 1.0, 1.0)
    return Statement(words, max(one.support for one in parts), _least(one.against for one in parts))


def some(words: str, statements: Iterable[Statement]) -> Statement:
    """At least one of the statements is true. It is undecided if there are none.

    Args:
        words: of the whole statement.
        statements: its parts.
    """
    return no(every("", [no(one) for one in statements]), words)


def _least(chances: Iterable[float]) -> float:
    """The smallest of several p-values, after Bonferroni's correction for being the smallest."""
    known = list(chances)
    return min(1.0, len(known) * min(known))


def tails(measured: Measurement, bound: float) -> tuple[float, float]:
    """Chance of a number at least as high as the measured one, and of one at least as low, if the truth is the bound.

    Waiting times and shares use their exact law. Other numbers use Student's law, on the logarithmic scale if the
    law of the number is `Positive`, and the sign test if their error is 0.

    Args:
        measured: the number.
        bound: assumed true value.
    """
    from scipy.special import ndtr, stdtr

    if not (measured.mixed and math.isfinite(measured.value) and math.isfinite(measured.error)):
        return 1.0, 1.0
    law = measured.law
    if isinstance(law, Share) and not 0.0 < bound < 1.0:
        return _at_the_end(law, bound)
    if isinstance(law, Share) or (isinstance(law, Waits) and law.events and bound > 0.0):
        score = exact_score(law, bound)
        return float(ndtr(-score)), float(ndtr(score))
    z = _score(measured, bound)
    if measured.n <= 1:
        return 1.0, 1.0
    if math.isinf(z):
        chance = 0.5**measured.n
        return (chance, 1.0) if z > 0.0 else (1.0, chance)
    return float(stdtr(measured.n - 1, -z)), float(stdtr(measured.n - 1, z))


def _at_the_end(law: Share, bound: float) -> tuple[float, float]:
    """The chances of a share if the truth is 0 or below, or 1 or above: a share of 0 has no success."""
    if bound <= 0.0:
        return 0.0 if law.count or bound < 0.0 else 1.0, 1.0
    return 1.0, 0.0 if law.count < law.trials or bound > 1.0 else 1.0


def _score(measured: Measurement, bound: float) -> float:
    """The excess of the number over the bound in standard errors; infinite if the error is zero."""
    if isinstance(measured.law, Positive) and measured.value > 0.0:
        error = measured.error / measured.value
        difference = math.log(measured.value / bound) if bound > 0.0 else math.inf
    else:
        difference, error = measured.value - bound, measured.error
    if error == 0.0:
        return math.copysign(math.inf, difference) if difference else 0.0
    return difference / error
