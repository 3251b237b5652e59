"""The mean time to a cap of a sphere, by its closed form."""

from __future__ import annotations

from collections.abc import Sequence

from langevin import theory
from langevin.errors import NumericalError
from langevin.landscapes.spherical_cap import Cap, spherical_cap
from langevin.landscapes.starts import usual_point
from langevin.theory.surfaces.fine_steps import coarse_along
from langevin.types import Case, Curve, Landscape, Prediction, Setting, Theory

#: The last tested surface and the result: theories test the same surface several times.
_last: list[tuple[Landscape, Cap | None]] = []


def _cap_of(landscape: Landscape) -> Cap | None:
    if not _last or _last[0][0] is not landscape:
        _last[:] = [(landscape, _found(landscape))]
    return _last[0][1]


def _found(landscape: Landscape) -> Cap | None:
    try:
        return spherical_cap(landscape)
    except NumericalError:
        return None


def _applies(case: Case) -> bool:
    """Motion on a sphere by heat along it with the surface distribution; with this law J J^T need not be constant."""
    law = case.law
    if law is None or law.across or law.uneven_power or not (case.landscape.is_surface and case.watched):
        return False
    cap = _cap_of(case.landscape)
    return cap is not None and (cap.even or case.measure == "surface")


def _curves(setting: Setting) -> Sequence[Curve]:
    case = setting.case
    cap = _cap_of(case.landscape)
    start = (
        setting.start if setting.start is not None else usual_point(case.landscape) if case.usual else None
    )
    if cap is None or start is None:
        return []

    def time(temperature: float) -> Prediction:
        return theory.passage.cap_passage_time(
            case.landscape.dim, cap.radius, cap.angle, cap.angle_of(start), temperature
        )

    return [
        Curve(
            "law of the cap",
            time,
            "steps small compared with cap and radius",
            "theta Laplace-Beltrami T = -1",
        )
    ]


cap_time = Theory(
    question="first passage",
    summary="Mean time to a cap of a sphere, also on a user-defined surface.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_along,
)
