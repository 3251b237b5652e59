"""The theories of the cube as curves over the number of samples k, and a lattice model for their slopes.

The model has n birth-death chains with N = 1/eps sites; the target is one corner site. Its results are exact for every
n, but the process is not the diffusion: compare only slopes of log T with the cube.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from langevin.errors import NumericalError, unfit
from langevin.theory.cube.closed_forms import capacity_time, check_cube, eyring_time, volume_slope
from langevin.theory.cube.finite_volume import reference_time
from langevin.theory.quadrature import panel_sum
from langevin.types import Curve, Prediction

#: Panels of the quadrature. Its error is bounded by that of half of them; it is below 1e-14 for up to 10 000 sites.
PANELS = 60
#: The quadrature begins at this fraction of the time of a hop.
EARLIEST = 1e-14
#: Relative error, for each free coordinate, of the powers of p_t and of the beginning of the quadrature.
ROUND_OFF = 1e-13
EYRING = "T = (eps L)^2 / theta x exp((F1 - F0) / theta), (F1 - F0) / theta = (d - k) log(1 / eps)"
KOZYREV = "S. V. Kozyrev, How to explain grokking (2024)"


def excess(time: float, free: int, sites: int, far: bool = False) -> float:
    """N^n p_t^n - 1 at hop rate 1, p_t the probability of one chain to be at its end site, from there or the `far` end.

    The path with mirror ends has N p_t(0,0) = 1 + 2 sum_j cos^2(pi j / 2N) exp(-4 t sin^2(pi j / 2N)); from the far
    end the terms of the sum have the sign (-1)^j, because its modes cos(pi j (i + 1/2) / N) are even or odd.

    Args:
        time: t, times the hop rate.
        free: number n of free coordinates, one chain each.
        sites: number N of sites of a chain.
        far: whether all chains start at the far end, else at the end site itself.
    """
    modes = np.arange(1, sites)
    halves = np.pi * modes / (2 * sites)
    terms = np.cos(halves) ** 2 * np.exp(-4 * time * np.sin(halves) ** 2)
    one = 2 * float(np.sum(terms * (-1.0) ** modes if far else terms))
    # At early times no walker has come from the far end, and the computed probability is only round-off.
    return math.expm1(free * math.log1p(one)) if one > -1 else -1.0


def lattice_time(free: int, sites: int, attempt_rate: float, start: str = "uniform") -> Prediction:
    """Mean time in which a walker reaches the corner site, by one quadrature for every n.

    Each free coordinate hops to each neighbour at the rate `attempt_rate`. The mean time to hit a single state is N^n
    int_0^inf (p_t(0,0)^n - q_t) dt, with q_t the probability to be in this state at time t: N^-n from a uniform start
    (equilibrium), p_t(0,N-1)^n from the corner where all free coordinates are at their far ends (Aldous and Fill,
    "Reversible Markov Chains and Random Walks on Graphs", lemmas 2.11 and 2.12). Both times grow as N^n / n. The
    formula is exact; the remainder is the error of the quadrature.

    Args:
        free: number n of coordinates that no sample has fixed.
        sites: number N of sites of each.
        attempt_rate: rate of hops to each side.
        start: `uniform` on all sites, the target included, or `far`, the opposite corner.

    Raises:
        UsageError: fewer than 2 sites, a negative free count, a rate that is not positive, or an unknown start.
        NumericalError: more lattice sites than floats can count.
    """
    whole = float(sites).is_integer() and float(free).is_integer()
    if not (whole and sites >= 2 and free >= 0 and 0 < attempt_rate < math.inf):
        raise unfit(
            "lattice_time",
            "needs whole numbers sites >= 2 and free >= 0 and an attempt_rate > 0",
            f"{sites!r}, {free!r} and {attempt_rate!r}",
        )
    if start not in ("uniform", "far"):
        raise unfit("start", "must be 'uniform' or 'far', the corner opposite to the target", f"{start!r}")
    if free == 0:
        return Prediction(0.0)
    if free * math.log(sites) > math.log(np.finfo(float).max):
        raise NumericalError(
            f"{sites}^{free} lattice sites are beyond floats", remedy="take fewer free coordinates"
        )

    def integrand(log_time: float) -> float:
        time = math.exp(log_time)
        without = excess(time, int(free), int(sites), far=True) if start == "far" else 0.0
        return time * (excess(time, int(free), int(sites)) - without)

    gap = 4 * math.sin(math.pi / (2 * sites)) ** 2
    earliest, latest = math.log(EARLIEST), math.log(50 / gap)
    coarse, value = (panel_sum(integrand, earliest, latest, panels) for panels in (PANELS // 2, PANELS))
    error = abs(value - coarse)
    return Prediction(value / attempt_rate, (error + ROUND_OFF * free * value) / attempt_rate)


def lattice_slope(free: int, fraction: float) -> Prediction:
    """Growth log T(n) - log T(n-1) per removed sample, of the lattice with 1/eps sites.

    The distance of sites is eps L, so both times have the hop rate theta / (eps L)^2, which cancels. The value is nan
    and out of range if 1 / eps is not a whole number, or if n < 2, because then T(n-1) = 0.

    Args:
        free: number n of free coordinates.
        fraction: eps.
    """
    check_cube(free, 1.0, fraction, 1.0)
    sites = round(1 / fraction)
    if free < 2 or not math.isclose(sites * fraction, 1, rel_tol=1e-9):
        return Prediction(math.nan, in_range=False)
    longer, shorter = lattice_time(free, sites, 1.0), lattice_time(free - 1, sites, 1.0)
    remainder = longer.remainder / longer.value + shorter.remainder / shorter.value
    return Prediction(math.log(longer.value / shorter.value), remainder)


def over_samples(dim: int, law: Callable[[int], Prediction]) -> Callable[[float], Prediction]:
    """Turn a law over the number n = dim - k of free coordinates into a law over the number k of samples.

    Args:
        dim: number d of coordinates.
        law: the law, a function of the number of free coordinates.
    """

    def predict(samples: float) -> Prediction:
        if not float(samples).is_integer() or not 0 <= samples <= dim:
            raise unfit("samples", f"must be a whole number from 0 to {dim} (the dimension)", f"{samples}")
        return law(dim - int(samples))

    return predict


def cube_curves(dim: int, side: float, fraction: float, temperature: float) -> list[Curve]:
    """Mean first-passage time over the number of samples, by three theories.

    Args:
        dim: number d of coordinates.
        side: L.
        fraction: eps.
        temperature: theta.

    Raises:
        UsageError: an impossible cube (`check_cube`); on evaluation, samples outside 0 ... dim.
    """
    check_cube(dim, side, fraction, temperature)
    laws = (
        (
            "finite volume",
            reference_time,
            "up to 8 free coordinates, remainder below 10 %",
            "backward equation, cells lumped by permutation, extrapolated",
        ),
        (
            "Eyring",
            eyring_time,
            "any: its source claims no range",
            f"{KOZYREV}, equation (3): {EYRING}",
        ),
        (
            "capacity law",
            capacity_time,
            "free coordinates 1: any fraction; 2: fraction <= 1/6; 3: fraction <= 1/4; more: limit only",
            "Hasimoto, J. Fluid Mech. 5 (1959) 317; Dirichlet's principle",
        ),
    )
    return [
        Curve(name, over_samples(dim, _at(law, side, fraction, temperature)), validity, reference)
        for name, law, validity, reference in laws
    ]


def cube_slope_curves(dim: int, fraction: float) -> list[Curve]:
    """Predictions of log T(k) - log T(k+1) over k; they do not depend on side and temperature.

    Args:
        dim: number d of coordinates.
        fraction: eps.

    Raises:
        UsageError: an impossible cube (`check_cube`); on evaluation, samples outside 0 ... dim.
    """
    check_cube(dim, 1.0, fraction, 1.0)

    def volume(free: int) -> Prediction:
        return Prediction(volume_slope(fraction), in_range=free >= 2)

    return [
        Curve(
            "lattice law (slope)",
            over_samples(dim, lambda free: lattice_slope(free, fraction)),
            "2 or more free coordinates, 1 / fraction whole; exact for the lattice itself",
            "Aldous and Fill, Reversible Markov Chains, lemma 2.11",
        ),
        Curve("volume law (slope)", over_samples(dim, volume), "2 or more free coordinates", KOZYREV),
    ]


def _at(
    law: Callable[[int, float, float, float], Prediction], side: float, fraction: float, temperature: float
) -> Callable[[int], Prediction]:
    return lambda free: law(free, side, fraction, temperature)
