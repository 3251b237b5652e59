"""The theories of the cube as curves over the number of samples k."""

from __future__ import annotations

from collections.abc import Callable

from langevin.errors import unfit
from langevin.theory.cube.closed_forms import capacity_time, check_cube, eyring_time, volume_slope
from langevin.theory.cube.finite_volume import reference_time
from langevin.theory.cube.lattice import lattice_slope
from langevin.types import Curve, Prediction

EYRING = "T = (eps L)^2 / theta x exp((F1 - F0) / theta), (F1 - F0) / theta = (d - k) log(1 / eps)"
KOZYREV = "S. V. Kozyrev, How to explain grokking (2024)"


def over_samples(dim: int, law: Callable[[int], Prediction]) -> Callable[[float], Prediction]:
    """Turn a law over the number n = dim - k of free coordinates into a law over the number k of samples."""

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
