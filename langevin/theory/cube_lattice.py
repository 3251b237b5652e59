"""The cube's lattice caricature: n birth-death chains with N = 1/eps sites, target one corner site.

Exact for every n, but for another process than the diffusion: compare only slopes of log T with the cube.
"""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import NumericalError, UsageError
from langevin.theory.cube import check_cube
from langevin.types import Prediction


def return_excess(time: float, free: int, sites: int) -> float:
    """N^n p_t(0,0)^n - 1 at hop rate 1, p_t(0,0) the return probability of one chain to its end site.

    The path with mirror ends has N p_t(0,0) = 1 + 2 sum_j cos^2(pi j / 2N) exp(-2 t (1 - cos(pi j / N))).
    """
    angles = np.pi * np.arange(1, sites) / sites
    excess = 2 * np.sum(np.cos(angles / 2) ** 2 * np.exp(-2 * time * (1 - np.cos(angles))))
    return math.expm1(free * math.log1p(excess))


def lattice_time(free: int, sites: int, attempt_rate: float) -> Prediction:
    """Mean time for a walker from a uniform start to find the corner site, one quadrature for every n.

    Each free coordinate hops to either neighbour at `attempt_rate`. Hitting a single state from
    equilibrium takes N^n int_0^inf (p_t(0,0)^n - N^-n) dt (Aldous and Fill, "Reversible Markov Chains and
    Random Walks on Graphs", lemma 2.11), which grows as N^n / n. Exact; the remainder is the quadrature's.

    Raises:
        UsageError: fewer than 2 sites, a negative free count, or a rate that is not positive.
        NumericalError: more lattice sites than floats can count.
    """
    whole = float(sites).is_integer() and float(free).is_integer()
    if not (whole and sites >= 2 and free >= 0 and 0 < attempt_rate < math.inf):
        raise UsageError(
            "lattice_time needs whole numbers sites >= 2 and free >= 0 and an attempt_rate > 0, "
            f"got {sites}, {free} and {attempt_rate}"
        )
    if free == 0:
        return Prediction(0.0)
    if free * math.log(sites) > math.log(np.finfo(float).max):
        raise NumericalError(f"{sites}^{free} lattice sites are beyond floats: take fewer free coordinates")
    from scipy.integrate import quad

    gap = 2 * (1 - math.cos(math.pi / sites))
    earliest, latest = math.log(1e-14), math.log(50 / gap)
    value, error = quad(
        lambda log_time: math.exp(log_time) * return_excess(math.exp(log_time), int(free), int(sites)),
        earliest,
        latest,
        epsabs=0.0,
        epsrel=1e-10,
        limit=500,
    )
    return Prediction(value / attempt_rate, error / attempt_rate)


def lattice_slope(free: int, fraction: float) -> Prediction:
    """Growth log T(n) - log T(n-1) per removed sample, of the lattice with 1/eps sites.

    Sites are eps L apart, so both times share the hop rate theta / (eps L)^2, which drops out.
    Out of range (value nan) where eps is not one over a whole number, or n < 2 and T(n-1) = 0.
    """
    check_cube(free, 1.0, fraction, 1.0)
    sites = round(1 / fraction)
    if free < 2 or not math.isclose(sites * fraction, 1, rel_tol=1e-9):
        return Prediction(math.nan, in_range=False)
    longer, shorter = lattice_time(free, sites, 1.0), lattice_time(free - 1, sites, 1.0)
    remainder = longer.remainder / longer.value + shorter.remainder / shorter.value
    return Prediction(math.log(longer.value / shorter.value), remainder)
