"""Choose the question that a landscape raises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from langevin.errors import UsageError
from langevin.experiment.own import origin_of, signing
from langevin.experiment.report import Report
from langevin.experiment.settings import Settings
from langevin.experiment.step_bias import with_step_bias
from langevin.potentials import with_weight_decay
from langevin.types import Landscape


def run(
    make: Callable[..., Any], dials: dict[str, Any], settings: Settings, samples: Sequence[int] | None = None
) -> Report:
    """Ask the landscape `make(**dials)` its question.

    The cube: the time to reach its target against the number of samples. Another body with a target: the time
    to reach it. A potential with a target: the time to escape. A closed curve: the law along it. A surface with a known
    rate of forgetting, in projected motion: the displacement. Any other surface, and any motion with label noise: the
    drift along it. Noise that changes along a closed curve or a valley (power-law, tangential): where it settles. Any
    other potential: its stationary law.

    Args:
        make: factory of the landscape.
        dials: its arguments.
        settings: of the run.
        samples: numbers of training samples, for landscapes that take them.

    Raises:
        UsageError: samples given to a landscape that takes none, or a setting it refuses.
    """
    from langevin.manifolds import cube

    if make is cube:
        if settings.weight_decay:
            raise UsageError("the cube has walls and no loss to add --weight-decay to; drop it")
        from langevin.experiment.grokking_time import grokking_time

        if "samples" in dials:
            samples = [dials.pop("samples")]
        return grokking_time(range(dials.get("dim", 8)) if samples is None else samples, settings, **dials)
    if samples is not None:
        raise UsageError(
            "--samples is for landscapes made of training samples, such as the cube; leave it out"
        )
    landscape = make(**dials)
    origin = origin_of(make, dials, landscape)
    if settings.weight_decay:
        landscape = with_weight_decay(landscape, settings.weight_decay)
    report = _asked(landscape, signing(settings, origin))
    if settings.check_dt:
        report = with_step_bias(report, lambda finer: _asked(landscape, finer), settings)
    run = report.trajectory
    return replace(report, trajectory=replace(run, meta={**run.meta, **origin}))


def _asked(landscape: Landscape, settings: Settings) -> Report:
    """The question that a landscape raises, put to it."""
    if landscape.is_body and landscape.target is not None:
        from langevin.experiment.arrival_time import arrival_time

        return arrival_time(landscape, settings)
    if landscape.is_surface or landscape.is_body:
        return _on_surface(landscape, settings)
    if landscape.target is not None:
        from langevin.experiment.escape_time import escape_time

        return escape_time(landscape, settings)
    from langevin.experiment.stationary import stationary

    return stationary(landscape, settings)


def _on_surface(landscape: Landscape, settings: Settings) -> Report:
    from langevin.experiment.along_curve import along_curve, curve_of
    from langevin.experiment.displacement import displacement
    from langevin.experiment.drift import drift
    from langevin.experiment.uneven_noise import asks, uneven_noise

    if asks(settings):
        return uneven_noise(landscape, settings)
    curve = None if settings.dynamics == "label-noise" else curve_of(landscape)
    if curve is not None:
        return along_curve(landscape, curve, settings)
    if landscape.facts.decay is not None and settings.dynamics == "projected":
        return displacement(landscape, settings)
    return drift(landscape, settings)
