"""A page for each theory that is compared with measurements: question, predictions with range and source, cases."""

import inspect
import sys

from docs.site.markdown import contents, fenced, page, paragraphs, plain, table
from docs.site.meetings import meetings
from langevin.errors import LangevinError
from langevin.experiment.tried_cases import example_of
from langevin.landscapes.starts import usual_point
from langevin.registry import entry, names
from langevin.types import Setting

HEAD = """A theory answers one [question](../docs/questions.md). It predicts the numbers that this question measures,
and says where it claims to hold. The program itself made these pages. The formulas stand on the
[pages of the theories](../docs/README.md#theories); `langevin simulate` and `langevin compare` use every theory that
applies, and [one of your own](../docs/own_theories.md)."""
#: Of the setting for which the predictions are listed. Nothing is simulated.
TEMPERATURE, STEP = 1.0, 1e-3
SHOWN_FOR = f"""For the landscape `{{landscape}}` under `{{law}}` motion, at temperature {TEMPERATURE:g} with steps of
{STEP:g}. A number in a range belongs to this setting."""
NOWHERE = """No built-in landscape with its default dials meets what this theory needs. It serves
[landscapes of your own](../docs/own_landscapes.md)."""


def pages():
    """The pages by path."""
    found = {name: entry("theories", name) for name in names("theories")}
    rows = [[f"[{name}]({name}.md)", one.question, plain(one.summary)] for name, one in found.items()]
    index = page(
        "Theories of the registry",
        HEAD,
        table(["theory", "question", "what it predicts"], rows),
        contents(found),
    )
    return {
        "theories/index.md": index,
        **{f"theories/{name}.md": of(name, one) for name, one in found.items()},
    }


def of(name, theory):
    """The page of one theory."""
    module = sys.modules[inspect.getmodule(theory.applies).__name__]
    command = example_of("theories", name)
    return page(
        name,
        plain(theory.summary),
        f"It answers the question *{theory.question}*. "
        f"{'It predicts a stationary distribution. ' if theory.stationary else ''}All theories: [list](index.md).",
        paragraphs(inspect.getdoc(module)),
        fenced("sh", command) if command else "",
        predictions(name, theory),
        applies(name),
    )


def predictions(name, theory):
    """The table of predictions in the first case for which the theory has any."""
    for one in meetings():
        if name in one.theories and (curves := curves_of(theory, one.case)):
            rows = {
                (
                    plain(curve.quantity) or "-",
                    plain(curve.name),
                    plain(curve.validity),
                    plain(curve.reference),
                ): None
                for curve in curves
            }
            head = ["of", "prediction", "range of validity", "source"]
            said = " ".join(SHOWN_FOR.format(landscape=one.landscape, law=one.case.dynamics.name).split())
            return f"## Predictions\n\n{said}\n\n{table(head, rows)}"
    return ""


def curves_of(theory, case):
    """What the theory predicts in a case; nothing where its numerics refuse the setting."""
    try:
        return theory.curves(Setting(case, TEMPERATURE, STEP, usual_point(case.landscape), duration=1.0))
    except LangevinError:
        return []


def applies(name):
    """The landscapes with default dials to which the theory applies."""
    found = sorted({(one.landscape, one.case.dynamics.name) for one in meetings() if name in one.theories})
    rows = [[f"[{landscape}](../landscapes/{landscape}.md)", f"`{law}`"] for landscape, law in found]
    return "## Where it applies\n\n" + (table(["landscape", "law of motion"], rows) if rows else NOWHERE)
