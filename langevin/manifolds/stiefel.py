"""Stiefel manifold: p orthonormal columns in R^n, X^T X = 1."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from langevin.errors import unfit
from langevin.landscapes.coordinates import power_of
from langevin.landscapes.orthonormal_return import retract, tangent
from langevin.landscapes.sphere_size import log_area
from langevin.landscapes.squared_loss import gradient_of, value_of
from langevin.landscapes.starts import all_at
from langevin.types import Facts, Landscape, Moment


def stiefel(rows: int = 4, columns: int = 2, stiffness: float = 100.0) -> Landscape:
    """V(n, p) in the coordinates X by rows: p (p + 1) / 2 equations, loss k |X^T X - 1|^2 / 8 (Frobenius norm).

    The residuals are sqrt(k) (X^T X - 1)_aa / 2, and sqrt(k) (X^T X - 1)_ab / sqrt(2) for a < b, so J J^T = k on the
    set, and the distributions `surface` and `gibbs` are both uniform. The metric is that of the ambient space, tr dX^T
    dX. Walkers start at the first p columns of the identity. With n = rows and p = columns, E X(t) decays with the rate
    (2 n - p - 1) / 2 at temperature 1, half the sum of normal curvatures. Under both distributions E X_11^2 = 1 / n
    and, for p > 1, E X_11^2 X_22^2 = (n + 1) / ((n - 1) n (n + 2)) (Collins and Sniady 2006). For the area see
    log_volume.

    Args:
        rows: n.
        columns: p, below n; for p = n see special_orthogonal.
        stiffness: k, the normal curvature of the loss.
    """
    if not 1 <= columns < rows or not 0.0 < stiffness < math.inf:
        raise unfit(
            "stiefel",
            "needs 1 <= columns < rows and stiffness > 0",
            f"rows={rows}, columns={columns}, stiffness={stiffness}",
            "for columns = rows use special_orthogonal",
        )
    moments = [Moment("X_11^2", power_of(0, 2), surface=1.0 / rows, gibbs=1.0 / rows)]
    if columns > 1:
        product = (rows + 1.0) / ((rows - 1.0) * rows * (rows + 2.0))
        moments += [
            Moment(
                "X_11^2 X_22^2",
                lambda states: (states[:, 0] * states[:, columns + 1]) ** 2,
                surface=product,
                gibbs=product,
            )
        ]
    dials = {"rows": rows, "columns": columns, "stiffness": stiffness}
    return orthonormal("stiefel", rows, columns, stiffness, dials, moments)


def orthonormal(
    name: str, rows: int, columns: int, stiffness: float, dials: Mapping[str, Any], moments: Sequence[Moment]
) -> Landscape:
    """The manifold of p orthonormal columns, with the start at the first columns of the identity, and given moments."""
    codim = columns * (columns + 1) // 2
    return Landscape(
        name=name,
        dim=rows * columns,
        codim=codim,
        parameters=(math.sqrt(stiffness), columns),
        start=all_at(np.eye(rows, columns).ravel()),
        stiffness=lambda temperature: (
            stiffness + 1.5 * math.sqrt(80.0 * temperature * stiffness)
        ),  # one column is too long, at f = 10 theta
        residual=residual,
        jacobian=jacobian,
        value=value_of(residual, codim),
        gradient=gradient_of(residual, jacobian, codim),
        retract=retract,
        tangent=tangent,
        retract_rows=5 * columns * columns + 2,
        samples=codim,
        dials=dials,
        facts=Facts(
            moments=tuple(moments),
            log_volume=log_volume(rows, columns),
            decay=0.5 * (2 * rows - columns - 1),
        ),
    )


def log_volume(rows: int, columns: int) -> float:
    """Log of 2^(p(p-1)/4) times the product of the areas of the unit spheres in R^n ... R^(n-p+1), without R^1.

    (Muirhead 1982, theorem 2.1.15.) The factor comes from the metric, sqrt(2) for each pair of columns. The unit sphere
    in R^1 has two points, one for each sign of the determinant.
    """
    areas = sum(log_area(dim) for dim in range(max(2, rows - columns + 1), rows + 1))
    return areas + 0.25 * columns * (columns - 1) * math.log(2.0)


def residual(x, out, parameters):
    """sqrt(k) (X^T X - 1)_ab / 2 on the diagonal, / sqrt(2) above, by rows of the upper triangle."""
    root, columns = parameters
    row = 0
    for a in range(columns):
        for b in range(a, columns):
            factor = 0.5 * root if a == b else root * np.sqrt(0.5)
            for lane in range(x.shape[1]):
                out[row, lane] = -factor if a == b else 0.0
            for i in range(0, x.shape[0], columns):
                for lane in range(x.shape[1]):
                    out[row, lane] += factor * x[i + a, lane] * x[i + b, lane]
            row += 1


def jacobian(x, out, parameters):
    """The derivative of residual (a, b) is its factor times X_ib with respect to X_ia, and times X_ia for X_ib."""
    root, columns = parameters
    row = 0
    for a in range(columns):
        for b in range(a, columns):
            factor = root if a == b else root * np.sqrt(0.5)
            for i in range(x.shape[0]):
                for lane in range(x.shape[1]):
                    out[row, i, lane] = 0.0
            for i in range(0, x.shape[0], columns):
                for lane in range(x.shape[1]):
                    out[row, i + a, lane] = factor * x[i + b, lane]
                    out[row, i + b, lane] = factor * x[i + a, lane]
            row += 1
