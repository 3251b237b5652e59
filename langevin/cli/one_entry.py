"""What `langevin list NAME` shows of one entry: its text, its dials explained, and a command that uses it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from langevin import registry
from langevin.errors import UsageError

if TYPE_CHECKING:
    from langevin.types import DelayTheory, WhetherTheory

#: Kinds whose entries are made by a factory with dials.
MADE = ("manifolds", "potentials", "integrators")
#: Sections of a docstring; the text before the first of them describes the thing.
SECTION = re.compile(r"^(Args|Raises|Returns|Attributes):$", re.MULTILINE)


def found_as(name: str) -> list[str]:
    """The kinds that have an entry of this name; the kinds `network` and `sim` are modules.

    Raises:
        UsageError: no kind has one; the sentence lists similar names.
    """
    from difflib import get_close_matches

    if "." in name and ":" not in name:
        return ["sim" if name.startswith("sims.") else "network"]
    known = {kind: registry.names(kind) for kind in registry.KINDS} | {
        "network": [*registry.content_names("models"), *registry.offers("models")],
        "sim": registry.content_names("sims"),
    }
    kinds = [
        kind for kind, found in known.items() if {name.replace("_", "-"), name.replace("-", "_")} & set(found)
    ]
    if kinds:
        return kinds
    near = get_close_matches(
        name, [*registry.KINDS, *(one for found in known.values() for one in found)], n=3
    )
    raise UsageError(
        f"there is nothing called {name!r}",
        f"a kind ({', '.join((*registry.KINDS, *registry.FOLDERS))}), the name of an entry, "
        "or a network of your own by its dotted name",
        f"did you mean {' or '.join(near)}?" if near else "see `langevin list`",
    )


def explained(make: Any) -> tuple[str, dict[str, str]]:
    """The text of a docstring before its sections, and its description of each argument.

    Args:
        make: a function with a docstring of the Google style.
    """
    text = inspect.getdoc(make) or ""
    parts = SECTION.split(text)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    entries = re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", sections.get("Args", ""), re.MULTILINE)
    return parts[0].strip(), {name: " ".join(text.split()) for name, text in entries}


def as_text(kind: str, details: Mapping[str, Any], shown: Any) -> str:
    """The lines that the command prints about an entry, within the width of the terminal.

    Args:
        kind: of the entry.
        details: as `langevin list --json` has it.
        shown: number or text to how it is written.
    """
    formatter = click.HelpFormatter(max_width=100)
    home = f" of {details['distribution']}" if "distribution" in details else ""
    formatter.write(f"{details['name']} ({registry.KINDS.get(kind, kind)}{home})\n\n")
    formatter.write_text(details["text"])
    if details.get("dials"):
        with formatter.section("Dials"):
            lines = [
                (f"{name} = {shown(value)}", details["explained"].get(name, ""))
                for name, value in details["dials"].items()
            ]
            formatter.write_dl(lines, col_max=34)
    if details.get("facts"):
        with formatter.section("Facts"):
            formatter.write_dl([(name, shown(value)) for name, value in details["facts"].items()], col_max=34)
    if details.get("presets"):
        with formatter.section("Presets"):
            formatter.write_text(", ".join(details["presets"]))
    if details.get("example"):
        with formatter.section("Example"):
            formatter.write(f"  {details['example']}\n")
    return formatter.getvalue().rstrip()


def network(name: str) -> dict[str, Any]:
    """The description of a network. Its module is imported.

    Raises:
        UsageError: as `langevin.sgld.load`.
    """
    import sys

    from langevin.registry import dials
    from langevin.sgld import load

    name, offer = registry.dotted("models", name), registry.offered_network(name)
    make, _ = load(name)
    module = sys.modules[make.__module__]
    _, explanations = explained(make)
    usual = {dial: parameter.default for dial, parameter in dials(make).items()}
    first = next(iter(usual.items()), None)
    example = f"langevin train {name}" if first is None else f"langevin train {name} -p {first[0]}={first[1]}"
    home = {} if offer is None else {"distribution": offer.distribution}
    return {
        "name": name, **home, "text": inspect.getdoc(module) or inspect.getdoc(make) or "",
        "dials": usual, "explained": explanations, "presets": list(getattr(module, "PRESETS", {})), "example": example,
    }  # fmt: skip


def sim(name: str) -> dict[str, Any]:
    """The description of a sim that comes with langevin; nothing is imported.

    Raises:
        UsageError: there is none of this name.
    """
    plain = registry.dotted("sims", name).partition(".")[2]
    if plain not in registry.content_names("sims"):
        raise UsageError(
            f"there is no sim {name!r}", "it must be a name of `langevin list sims`", "choose one of these"
        )
    text, example = registry.content_text("sims", plain), f"langevin run {plain} --quick"
    return {"name": plain, "text": text, "example": example}


#: Functions that describe the kinds that are modules.
OF_CONTENT = {"network": network, "sim": sim}


def entry_details(kind: str, name: str, line: Mapping[str, Any]) -> dict[str, Any]:
    """The line of the list with the text of the entry, explanations of its dials, and a command.

    Args:
        kind: of the entry.
        name: of the entry.
        line: of the list.
    """
    from langevin.experiment.tried_cases import example_of

    if kind == "delays":
        text, explanations = of_delay(registry.entry(kind, name)), {}
    else:
        text, explanations = (
            explained(registry.factory(kind, name)) if kind in MADE else (line["summary"], {})
        )
    example = example_of(kind, name)
    dial = next(((one, value) for one, value in line.get("dials", {}).items() if value is not None), None)
    if example and dial:
        example = " ".join([example, "-i" if kind == "integrators" else "-p", f"{dial[0]}={dial[1]}"])
    return {**line, "text": text, "explained": explanations, "example": example}


def of_delay(theory: DelayTheory | WhetherTheory) -> str:
    """Formula, source, assumption and fitted constants of a theory of the delay, a paragraph each."""
    constants = ", ".join(one.name for one in theory.constants)
    labelled = {"Source": theory.source, "It assumes": theory.assumes, "Fitted constants": constants}
    return "\n\n".join([theory.formula, *(f"{name}: {words}" for name, words in labelled.items() if words)])
