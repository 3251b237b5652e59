"""Entropic barriers: diffusion in a channel of varying width, reduced to diffusion along its axis.

In the channel |y| <= w(x), y in R^m, the section gives the potential of mean force -m theta log w(x), a barrier that is
proportional to the temperature. The equation for x alone (Fick and Jacobs; Zwanzig, J. Phys. Chem. 96 (1992) 3926)
assumes that a walker spreads over the section at once. A diffusion coefficient D(x) below theta corrects this error:

    fick-jacobs     theta
    reguera-rubi    theta (1 + w'^2)^(-m / (m + 2)), exponents 1/3 in the plane and 1/2 in space (Reguera and Rubi,
                    Phys. Rev. E 64 (2001) 061106); every m agrees with the exact expansion up to w'^2
    kalinay-percus  theta atan(w') / w', m = 1 (Kalinay and Percus, Phys. Rev. E 74 (2006) 041203)

All are expansions in the slope. They are in range for |w'| <= 1. There the error of the last two is below 1 % for a
sinusoidal width, and that of the first is up to 7 %. For a width that jumps there is no such equation.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from langevin.errors import NumericalError, unfit
from langevin.theory.quadrature import gauss_rule, panel_nodes
from langevin.types import Curve, FloatArray, Prediction

#: Array to array of the same shape.
Profile = Callable[[FloatArray], FloatArray]
LAWS = ("fick-jacobs", "reguera-rubi", "kalinay-percus")
NAMES = dict(zip(LAWS, ("Fick-Jacobs", "Reguera-Rubi", "Kalinay-Percus")))
ERRORS = dict(zip(LAWS, ("7 %", "1 %", "1 %")))
SOURCES = dict(
    zip(
        LAWS,
        (
            "Zwanzig, J. Phys. Chem. 96 (1992) 3926",
            "Reguera and Rubi, Phys. Rev. E 64 (2001) 061106",
            "Kalinay and Percus, Phys. Rev. E 74 (2006) 041203",
        ),
    )
)
STEEPEST = 1.0
#: Panels are doubled until two results agree to this. The finest differ by less than `ROUGH` at a kink of the width
#: (5e-6 measured), and by more if the width jumps (5e-5), which is refused.
GOAL, ROUGH = 1e-9, 2e-5
ROUND_OFF = 1e-12
MOST_PANELS = 1024


def local_diffusion(slope: FloatArray, transverse: int, temperature: float, law: str) -> FloatArray:
    """D(x) of a law (table above) for a slope w' of the half width, in the shape of `slope`.

    Args:
        slope: w', an array.
        transverse: m.
        temperature: theta.
        law: the law of D(x), a name in the table above.

    Raises:
        UsageError: an unknown law, m < 1, `kalinay-percus` with m > 1, or a temperature that is not positive.
    """
    if law not in LAWS or transverse < 1 or (law == "kalinay-percus" and transverse != 1):
        raise unfit(
            "law",
            f"must be one of {', '.join(LAWS)}, the last in the plane (transverse = 1) only",
            f"{law!r} with transverse = {transverse}",
        )
    if not 0 < temperature < math.inf:
        raise unfit("temperature", "must be positive and finite", f"{temperature}")
    steep = np.abs(np.asarray(slope, float))
    if law == "fick-jacobs":
        return np.full(steep.shape, temperature)
    if law == "reguera-rubi":
        return np.asarray(temperature * (1 + steep**2) ** (-transverse / (transverse + 2)))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(steep == 0, temperature, temperature * np.arctan(steep) / steep)


def channel_passage_time(
    half_width: Profile,
    slope: Profile,
    transverse: int,
    temperature: float,
    start: float,
    target: float,
    wall: float,
    law: str = "reguera-rubi",
) -> Prediction:
    """Mean time along the channel from the section at `start` to the one at `target`, mirror wall at `wall`.

    T = int_start^target dy / (D(y) w(y)^m) int_wall^y w(z)^m dz for wall <= start < target, or all mirrored. It is
    `escape.exact_escape_time` in the potential -m theta log w, with D(x). The remainder is the error of the quadrature.

    Args:
        half_width: w(x) > 0, array to array.
        slope: w'(x).
        transverse: m, 1 in the plane.
        temperature: theta.
        start: where the walker starts, spread over the section.
        target: absorbing section.
        wall: closed end.
        law: the law of D(x), a name in the table above.

    Raises:
        UsageError: the positions are out of order, a width is not positive, or as `local_diffusion`.
        NumericalError: the quadrature did not settle.
    """
    way = target - start
    if not (way != 0 and (start - wall) * way >= 0 and all(map(math.isfinite, (wall, start, target)))):
        raise unfit(
            "the wall", "must lie behind the start as seen from the target", f"{wall}, {start}, {target}"
        )
    _, _, running = gauss_rule()

    def time(panels: int) -> float:
        behind = 0.0
        if start != wall:
            nodes, weights = panel_nodes(wall, start, panels)
            behind = float((_sections(half_width, nodes, transverse) * weights).sum())
        nodes, weights = panel_nodes(start, target, panels)
        sections = _sections(half_width, nodes, transverse)
        whole = np.cumsum((sections * weights).sum(axis=1))
        within = way / (2 * panels) * sections @ running.T
        volumes = behind + np.concatenate([[0.0], whole[:-1]])[:, None] + within
        mobility = local_diffusion(slope(nodes), transverse, temperature, law) * sections
        return float((volumes / mobility * weights).sum())

    return _refine(time, _gentle(slope, wall, target))


def channel_curves(half_width: Profile, slope: Profile, transverse: int, target: float) -> list[Curve]:
    """Mean time over the temperature from the closed end of a channel at 0 to the section at `target`, for each law.

    Args:
        half_width: w(x) > 0, array to array.
        slope: w'(x).
        transverse: m.
        target: position of the absorbing section.

    Raises:
        UsageError, NumericalError: on evaluation, as `channel_passage_time`.
    """
    laws = [law for law in LAWS if transverse == 1 or law != "kalinay-percus"]
    return [
        Curve(
            NAMES[law],
            lambda temperature, law=law: channel_passage_time(  # type: ignore[misc]
                half_width, slope, transverse, temperature, 0.0, target, 0.0, law
            ),
            f"slope of the wall <= {STEEPEST:g}: errs by up to {ERRORS[law]}",
            SOURCES[law],
        )
        for law in laws
    ]


def effective_diffusion(
    half_width: Profile,
    slope: Profile,
    transverse: int,
    temperature: float,
    period: float,
    law: str = "reguera-rubi",
) -> Prediction:
    """Long-time diffusion coefficient lim <(x - x_0)^2> / (2 t) along a periodic channel, 1 / (<w^m> <1 / (D w^m)>).

    <...> in the result are means over a period (S. Lifson and J. L. Jackson, J. Chem. Phys. 36 (1962) 2410).
    `fick-jacobs` is an upper bound at any slope.

    Args:
        half_width: w(x) > 0, array to array.
        slope: w'(x).
        transverse: m.
        temperature: theta.
        period: period of the channel.
        law: the law of D(x), a name in the table above.

    Raises:
        UsageError: the period or a width is not positive, or as `local_diffusion`.
        NumericalError: the quadrature did not settle.
    """
    if not 0 < period < math.inf:
        raise unfit("period", "must be positive and finite", f"{period}")

    def diffusion(panels: int) -> float:
        nodes, weights = panel_nodes(0.0, period, panels)
        sections = _sections(half_width, nodes, transverse)
        mobility = local_diffusion(slope(nodes), transverse, temperature, law) * sections
        return float(period**2 / ((sections * weights).sum() * (weights / mobility).sum()))

    return _refine(diffusion, _gentle(slope, 0.0, period))


def _sections(half_width: Profile, nodes: FloatArray, transverse: int) -> FloatArray:
    widths = np.asarray(half_width(nodes), float)
    if not (np.isfinite(widths).all() and (widths > 0).all()):
        raise unfit(
            "the half width", "must be positive and finite all along", "", "end the channel before it closes"
        )
    return np.asarray(widths**transverse)


def _gentle(slope: Profile, first: float, last: float) -> bool:
    return bool(np.abs(slope(np.linspace(first, last, 1001))).max() <= STEEPEST)


def _refine(answer: Callable[[int], float], in_range: bool) -> Prediction:
    """Double the panels; if a kink keeps the changes above `GOAL`, the larger of the last two is the remainder.

    If a kink is close to a border that all doubled panels share, the result changes little for many doublings. A run
    with one panel more shows the kink.
    """
    panels, previous, change = 8, answer(8), math.inf
    while panels < MOST_PANELS:
        panels *= 2
        current = answer(panels)
        before, change = change, abs(current - previous)
        if change <= GOAL * abs(current):
            change = max(change, abs(answer(panels + 1) - current), abs(answer(panels - 1) - current))
        if change <= GOAL * abs(current):
            return Prediction(current, max(change, ROUND_OFF * abs(current)), in_range)
        previous = current
    if max(change, before) <= ROUGH * abs(current):
        return Prediction(current, max(change, before), in_range)
    raise NumericalError(f"the quadrature changed by {change:.1g} at {panels} panels: smooth the width")
