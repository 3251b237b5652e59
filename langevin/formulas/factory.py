"""A factory of a formula that is typed instead of a landscape's name. Its dials are the parameters of the formula."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from langevin.formulas import potential, surface
from langevin.formulas.parsing import expression
from langevin.types import Landscape

#: Prefix of a name that is a formula, and separator of several formulas.
MARK, BETWEEN = "expr:", ";"


def factory_of(kind: str, name: str) -> Callable[..., Landscape]:
    """The factory of `expr:FORMULA`, or of `expr:FORMULA; FORMULA` for a surface of several equations.

    Args:
        kind: `potentials` or `manifolds`.
        name: with its mark.

    Raises:
        UsageError: the text is no such formula.
    """
    text = name.removeprefix(MARK)
    texts = [part for part in text.split(BETWEEN) if part.strip()] if kind == "manifolds" else [text]
    make: Callable[..., Landscape] = (
        surface.from_expression if kind == "manifolds" else potential.from_expression
    )
    names = sorted({name for part in texts for name in expression(part).parameters})

    def build(**dials: float) -> Landscape:
        return make(*texts, **dials)

    parameters = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=float) for name in names]
    build.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    build.__module__, build.__qualname__ = MARK.rstrip(":"), text.strip()
    return build
