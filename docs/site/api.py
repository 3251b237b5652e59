"""A page for each public package: Sphinx reads the docstrings."""

import importlib

from docs.site.markdown import contents, fenced, page, table
from langevin import theory, types

#: The packages, in the order of a reader's needs.
PACKAGES = (
    "langevin",
    "langevin.manifolds",
    "langevin.potentials",
    "langevin.integrators",
    "langevin.measure",
    "langevin.measure.networks",
    *(f"langevin.theory.{room}" for room in theory.__all__),
    "langevin.comparison",
    "langevin.sgld",
    "langevin.store",
    "langevin.types",
    "langevin.errors",
)
HEAD = """Every public function and record, from its docstring. Units and conventions are in
[concepts](../docs/concepts.md)."""


def pages():
    """The pages by path."""
    files = {package: package.removeprefix("langevin.") for package in PACKAGES}
    rows = [[f"[{package}]({file}.md)", first_line(package)] for package, file in files.items()]
    index = page(
        "Python reference", HEAD, table(["package", "content"], rows), contents(list(files.values()))
    )
    return {"api/index.md": index, **{f"api/{file}.md": of(package) for package, file in files.items()}}


def first_line(package):
    """What a package says of itself."""
    return importlib.import_module(package).__doc__.partition("\n")[0]


def of(package):
    """The page of one package; that of `langevin` names records that the page of the types explains."""
    public = importlib.import_module(package).__all__ if package == "langevin" else ()
    records = [name for name in public if name in types.__all__]
    left_out = f"\n   :exclude-members: {', '.join(records)}" if records else ""
    links = ", ".join(f"{{py:class}}`{name} <langevin.types.{name}>`" for name in records)
    return page(
        package,
        f"Records, explained with [all others](types.md): {links}." if records else "",
        fenced("{eval-rst}", f".. automodule:: {package}\n   :members:{left_out}"),
    )
