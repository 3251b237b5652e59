"""A page for each landscape: what it is, its dials, what is known of it, what can be asked of it, and a command."""

from docs.site.markdown import contents, fenced, page, paragraphs, plain, table
from docs.site.meetings import meetings
from langevin.cli.list import describe
from langevin.cli.one_entry import entry_details
from langevin.registry import names

KINDS = {"manifolds": "Zero-loss sets", "potentials": "Losses"}
HEAD = """A landscape is a loss, or a zero-loss set, on which walkers move. Its dials are set by `-p NAME=VALUE` on the
command line, and as arguments of its function in Python. [Your own](../docs/own_landscapes.md) is a loss or a
constraint in a file. The program itself made these pages, as `langevin list NAME` prints them."""


def pages():
    """The pages by path."""
    told = {
        kind: {name: entry_details(kind, name, describe(kind, name)) for name in names(kind)}
        for kind in KINDS
    }
    found = {
        f"landscapes/{name}.md": of(kind, one) for kind, all_ in told.items() for name, one in all_.items()
    }
    lists = [
        f"## {title}\n\n"
        + table(
            ["landscape", "what it is"],
            [[f"[{n}]({n}.md)", plain(one["summary"])] for n, one in told[kind].items()],
        )
        for kind, title in KINDS.items()
    ]
    every = [name for kind in KINDS for name in told[kind]]
    return {"landscapes/index.md": page("Landscapes", HEAD, *lists, contents(every)), **found}


def of(kind, told):
    """The page of one landscape."""
    name = told["name"]
    function = f"langevin.{kind}.{name.replace('-', '_')}"
    return page(
        name,
        paragraphs(told["text"]),
        f"In Python: {{py:func}}`{function}`. All landscapes: [list](index.md).",
        fenced("sh", told["example"]),
        section("Dials", ["dial", "default", "meaning"], [
            [f"`{dial}`", f"`{shown(value)}`", plain(told["explained"].get(dial, ""))]
            for dial, value in told["dials"].items()
        ]),
        section("Known at the default dials", ["fact", "value"], [
            [plain(fact), shown(value)] for fact, value in told["facts"].items()
        ]),
        section("What can be asked", ["law of motion", "question", "theories"], asked(name)),
    )  # fmt: skip


def section(title, head, rows):
    """A table with its title; nothing without rows."""
    return f"## {title}\n\n{table(head, rows)}" if rows else ""


def asked(name):
    """The rows of the table of questions."""
    rows = {
        (one.case.dynamics.name, one.question, one.theories): None
        for one in meetings()
        if one.landscape == name
    }
    return [
        [
            f"`{law}`",
            question,
            ", ".join(f"[{theory}](../theories/{theory}.md)" for theory in theories) or "-",
        ]
        for law, question, theories in sorted(rows)
    ]


def shown(value):
    """A number or a word as the program prints it."""
    return f"{value:.6g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
