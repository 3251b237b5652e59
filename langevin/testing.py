"""The contracts of landscapes, steps, theories and networks, for tests of a package of your own.

    from langevin.testing import check_landscape

    def test_the_helix_keeps_its_contracts():
        check_landscape(helix())

The checks are those of `langevin check`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from langevin.errors import unfit
from langevin.types import Integrator, Landscape, Theory

if TYPE_CHECKING:
    from langevin.landscapes.contracts import Finding
    from langevin.sgld import Model

__all__ = ["check_integrator", "check_landscape", "check_model", "check_theory"]


def check_landscape(landscape: Landscape) -> None:
    """Try the start of a landscape, the derivatives of its kernels, their shapes and its walls, in plain Python.

    Args:
        landscape: at the dials that are to be tried.

    Raises:
        AssertionError: a contract is broken; the sentence names all that are.
        UsageError: it is no landscape.
    """
    from langevin.experiment.conformance import conformance

    _demand_type(landscape, Landscape)
    _demand(landscape.name, conformance(landscape))


def check_integrator(integrator: Integrator, landscape: Landscape | None = None) -> None:
    """Try the rows of a step, the compiled step against plain Python, and its weak order.

    Args:
        integrator: the step.
        landscape: where rows and compiled step are tried; None for the smallest that its law of motion needs.

    Raises:
        AssertionError: a contract is broken.
        UsageError: it is no integrator, its law of motion is not known, or the landscape does not suit it.
    """
    from langevin.experiment.step_check import check_integrator as findings

    _demand_type(integrator, Integrator)
    _demand(integrator.name, findings(integrator, landscape))


def check_theory(theory: Theory, landscape: Landscape | None = None) -> None:
    """Try the question of a theory, its cases, and its predictions at some points.

    Args:
        theory: the record.
        landscape: where it is tried; None for the first one, among those that are found by name, to which it applies.

    Raises:
        AssertionError: a contract is broken.
        UsageError: it is no theory.
    """
    from langevin.experiment.tried_cases import check_theory as findings

    _demand_type(theory, Theory)
    _demand(f"the theory of {theory.question}", findings(theory, landscape))


def check_model(model: Model) -> None:
    """Try the start of a network, its outputs, and a few steps of a training.

    Args:
        model: the network at the dials that are to be tried.

    Raises:
        AssertionError: a contract is broken.
        UsageError: it is no network.
    """
    from langevin.sgld import Model as Network
    from langevin.sgld.model_check import check_model as findings

    _demand_type(model, Network)
    _demand(model.name, findings(model))


def _demand_type(item: object, kind: type) -> None:
    if not isinstance(item, kind):
        raise unfit("what is checked", f"must be a record of type {kind.__name__}", type(item).__name__)


def _demand(name: str, findings: Sequence[Finding]) -> None:
    failed = [f"{finding.name}: {finding.detail}" for finding in findings if not finding.passed]
    if failed:
        raise AssertionError(f"{name} fails {len(failed)} of {len(findings)} checks: {'; '.join(failed)}")
