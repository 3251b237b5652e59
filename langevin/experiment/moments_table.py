"""Measured means of several functions, each compared with its theories: the answer of the questions on moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from langevin.comparison import compare_all, format_prediction, format_table, format_value, measurement_record
from langevin.experiment.question import Answer
from langevin.types import Comparison, Curve, Measurement


def moments_answer(
    title: str,
    temperature: float,
    measured: Mapping[str, Measurement],
    curves: Sequence[Curve],
    yardsticks: Mapping[str, float] | None = None,
) -> Answer:
    """The answer on moments: every curve is compared with the moment that it names as its quantity.

    Args:
        title: of the answer.
        temperature: the point on the dial of the curves.
        measured: moments by name.
        curves: over the temperature.
        yardsticks: sizes beside which differences of a moment are told, by its name; by default its prediction.
    """
    told = [name for name in measured if any(curve.quantity == name for curve in curves)]
    comparisons: list[Comparison] = []
    for name in told:
        own = [curve for curve in curves if curve.quantity == name]
        unit = (yardsticks or {}).get(name)
        comparisons += compare_all([temperature], [measured[name]], own, 0.05 / len(told), yardstick=unit)
    rows: list[list[str | float | None]] = []
    for name, moment in measured.items():
        values = [format_prediction(c.predict(temperature)) for c in curves if c.quantity == name]
        rows.append([name, format_value(moment.value, moment.error), moment.n, ", ".join(values) or "-"])

    def draw(path: str) -> None:
        from langevin.figures.quantities import quantities

        quantities(path, measured, comparisons, title, "mean at the end")

    return Answer(
        title=title,
        table=format_table(["moment", "measured", "walkers", "theory"], rows),
        measured=measured,
        comparisons=comparisons,
        curves=curves,
        draw=draw,
        notes=sorted({moment.note for moment in measured.values()}),
        record={"moments": {name: measurement_record(moment) for name, moment in measured.items()}},
    )
