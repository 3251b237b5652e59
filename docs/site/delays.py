"""A page for each theory of the delay between memorising and generalising."""

import inspect

from docs.site.markdown import contents, page, paragraphs, plain, table
from langevin.registry import entry, names
from langevin.types import WhetherTheory

HEAD = """Theories of the number of steps from memorising to generalising, and of whether a network generalises at all.
`langevin score` fits their constants on some trainings and scores them on others; [delays.md](../docs/delays.md) has
the scores. The words of the formulas are the columns of {py:class}`langevin.types.Seen`."""


def pages():
    """The pages by path."""
    found = {name: entry("delays", name) for name in names("delays")}
    rows = [[f"[{name}]({name}.md)", f"`{one.formula}`", plain(one.source)] for name, one in found.items()]
    index = page("Theories of the delay", HEAD, table(["theory", "formula", "source"], rows), contents(found))
    return {"delays/index.md": index, **{f"delays/{name}.md": of(name, one) for name, one in found.items()}}


def of(name, theory):
    """The page of one theory."""
    whether = isinstance(theory, WhetherTheory)
    about = {
        "predicts": "whether a network generalises" if whether else "when a network generalises",
        "source": plain(theory.source),
        "assumes": plain(theory.assumes) or "-",
        "baseline": "yes, it knows no mechanism" if theory.baseline else "no",
    }
    return page(
        name,
        f"`{theory.formula}`",
        paragraphs(inspect.getdoc(inspect.getmodule(theory.predict))),
        table(["part", "content"], about.items()),
        "## Fitted constants",
        constants(theory) if theory.constants else "None.",
        "All theories of the delay: [list](index.md).",
    )


def constants(theory):
    """The table of the constants that are fitted."""
    rows = [[f"`{one.name}`", f"{one.start:g}", f"{one.low:g} to {one.high:g}"] for one in theory.constants]
    return table(["constant", "the fit begins at", "allowed"], rows)
