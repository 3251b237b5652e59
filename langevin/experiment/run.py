"""Choose the question that a landscape raises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langevin.errors import UsageError
from langevin.experiment.report import Report
from langevin.experiment.settings import Settings
from langevin.potentials import with_weight_decay
from langevin.types import Manifold


def run(
    make: Callable[..., Any], dials: dict[str, Any], settings: Settings, samples: Sequence[int] | None = None
) -> Report:
    """Ask the landscape `make(**dials)` its question.

    The cube: the time to reach its target against the number of samples. Another body with a target: the time
    to reach it. A potential with a target: the time to escape. A surface: the drift along it. Any other
    potential: its stationary law.

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
    if settings.weight_decay:
        landscape = with_weight_decay(landscape, settings.weight_decay)
    if isinstance(landscape, Manifold) and landscape.residual is None and landscape.target is not None:
        from langevin.experiment.arrival_time import arrival_time

        return arrival_time(landscape, settings)
    if isinstance(landscape, Manifold):
        from langevin.experiment.drift import drift

        return drift(landscape, settings)
    if landscape.target is not None:
        from langevin.experiment.escape_time import escape_time

        return escape_time(landscape, settings)
    from langevin.experiment.stationary import stationary

    return stationary(landscape, settings)
