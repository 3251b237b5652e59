"""Langevin diffusion on zero-loss manifolds: simulate, measure, and compare with theory.

    import langevin
    problem = langevin.Problem(langevin.potentials.double_well(), temperature=0.2)
    run = langevin.simulate(problem, walkers=1000, steps=10_000, dt=1e-3, seed=1)

Everything is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "ask": "langevin.experiment.asking",
    "ask_rate": "langevin.experiment.asking",
    "review": "langevin.experiment.asking",
    "simulate": "langevin.ensemble",
    "extend": "langevin.ensemble.extending",
    "splitting": "langevin.ensemble.splitting",
    "train": "langevin.sgld.training",
    "weights": "langevin.sgld.weights",
    "save": "langevin.store",
    "load": "langevin.store",
    "export": "langevin.store",
    "to_xarray": "langevin.store",
    "load_sweep": "langevin.sweep.results",
    "compare": "langevin.comparison",
    "evaluate": "langevin.landscapes.evaluate",
    "lanewise": "langevin.kernels.block_kernels",
    "Problem": "langevin.types",
    "Start": "langevin.types",
    "Stop": "langevin.types",
    "StepSchedule": "langevin.types",
    "Watch": "langevin.types",
    "Sets": "langevin.types",
    "Effort": "langevin.types",
    "Landscape": "langevin.types",
    "Integrator": "langevin.types",
    "Comparison": "langevin.types",
    "Status": "langevin.types",
    "Trajectory": "langevin.types",
    "Measurement": "langevin.types",
    "Prediction": "langevin.types",
    "Curve": "langevin.types",
}
_ROOMS = (
    "comparison",
    "errors",
    "integrators",
    "manifolds",
    "measure",
    "potentials",
    "sgld",
    "store",
    "testing",
    "theory",
)

#: Written out, because type checkers read it; a test compares it with the names above.
__all__ = [
    "Comparison",
    "Curve",
    "Effort",
    "Integrator",
    "Landscape",
    "Measurement",
    "Prediction",
    "Problem",
    "Sets",
    "Start",
    "Status",
    "StepSchedule",
    "Stop",
    "Trajectory",
    "Watch",
    "ask",
    "ask_rate",
    "compare",
    "comparison",
    "errors",
    "evaluate",
    "export",
    "extend",
    "integrators",
    "lanewise",
    "load",
    "load_sweep",
    "manifolds",
    "measure",
    "potentials",
    "review",
    "save",
    "sgld",
    "simulate",
    "splitting",
    "store",
    "testing",
    "theory",
    "to_xarray",
    "train",
    "weights",
]

if TYPE_CHECKING:
    from langevin import (
        comparison,
        errors,
        integrators,
        manifolds,
        measure,
        potentials,
        sgld,
        store,
        testing,
        theory,
    )
    from langevin.comparison import compare
    from langevin.ensemble import simulate
    from langevin.ensemble.extending import extend
    from langevin.ensemble.splitting import splitting
    from langevin.experiment.asking import ask, ask_rate, review
    from langevin.kernels.block_kernels import lanewise
    from langevin.landscapes.evaluate import evaluate
    from langevin.sgld.training import train
    from langevin.sgld.weights import weights
    from langevin.store import export, load, save, to_xarray
    from langevin.sweep.results import load_sweep
    from langevin.types import (
        Comparison,
        Curve,
        Effort,
        Integrator,
        Landscape,
        Measurement,
        Prediction,
        Problem,
        Sets,
        Start,
        Status,
        StepSchedule,
        Stop,
        Trajectory,
        Watch,
    )


def _behind_door(function: Any) -> Any:
    """A function that refuses what does not fit its signature; these refuse numbers themselves, with their ranges."""
    from langevin.arguments import with_checks

    return with_checks(function, __name__)


if not TYPE_CHECKING:  # a type checker that saw it would let every name pass

    def __getattr__(name: str) -> Any:
        """Import a public name at its first use (PEP 562)."""
        if name in _HOME:
            value = getattr(importlib.import_module(_HOME[name]), name)
            return value if isinstance(value, type) else _behind_door(value)
        if name in _ROOMS:
            return importlib.import_module(f"langevin.{name}")
        raise AttributeError(f"module 'langevin' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
