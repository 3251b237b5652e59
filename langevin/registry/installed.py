"""Objects that installed distributions offer by entry points of the groups `langevin.manifolds`, `langevin.models` ...

The name of an entry point is the name on the command line. Metadata contains the names; the object is imported when it
is needed. Laws of motion, questions and theories define to which cases they apply, so all of a kind are imported as
soon as one is needed: no name, which may come from a data file, decides which of them. An error of a distribution
becomes one sentence with its name, and everything else works.
"""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from langevin.errors import UsageError, foreign
from langevin.registry.content import content_names, is_here
from langevin.registry.kinds import KINDS, built_in, check_record, stems

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

#: Kinds that distributions may offer, and the word for one object of each.
OFFERED = {**KINDS, "models": "network"}
#: Kinds whose objects are records, and no functions that make them.
RECORDS = ("dynamics", "questions", "theories", "delays")


@dataclass(frozen=True)
class Offer:
    """An object that a distribution offers: its kind, its name on the command line, and its entry point.

    Attributes:
        distribution: name and version.
        point: the entry point; its value is `module:object`.
    """

    kind: str
    name: str
    distribution: str
    point: EntryPoint

    def __str__(self) -> str:
        """What it is called in a sentence."""
        return f"the {OFFERED[self.kind]} {self.name} of the distribution {self.distribution}"


def offers(kind: str) -> dict[str, Offer]:
    """What distributions offer of a kind, by name; nothing is imported.

    Names of langevin's own objects, and names that two distributions give, are left out with a warning.
    """
    return dict(_offers(kind, tuple(sys.path)))


def offered_network(name: str) -> Offer | None:
    """The offer of a network, None if there is none of this name, or the working directory has a module of it."""
    return None if is_here(name.replace("-", "_")) else offers("models").get(_spelled(name))


def brought(offer: Offer) -> Any:
    """The object of an offer.

    Raises:
        UsageError: it cannot be imported, or is of another kind; the sentence names the distribution.
    """
    with naming_offer(offer):
        found = offer.point.load()
        if offer.kind in RECORDS or not callable(found):
            check_record(offer.kind, "it is not", found)
    return found


def usable(kind: str) -> dict[str, Any]:
    """All objects of a kind that distributions offer, by name; a warning names those that fail."""
    found = {}
    for name, offer in offers(kind).items():
        try:
            found[name] = brought(offer)
        except UsageError as error:
            _warn_once(f"{error}; it is left out")
    return found


@contextmanager
def naming_offer(offer: Offer | None) -> Iterator[None]:
    """Name the distribution in the sentence of what fails inside the block; None changes nothing.

    Raises:
        UsageError: something fails.
    """
    if offer is None:
        yield
        return
    try:
        with foreign("it"):
            yield
    except Exception as error:
        failure, remedy = f"{offer} cannot be used, {error}", "correct it, or uninstall it"
        raise UsageError(failure, "an object of its kind", remedy, sentence=f"{failure}; {remedy}") from error


def plugin_packages() -> set[str]:
    """Top-level names of the modules that distributions offer."""
    values = {offer.point.value for kind in OFFERED for offer in offers(kind).values()}
    return {value.partition(":")[0].partition(".")[0] for value in values}


def plugin_distributions() -> list[str]:
    """Names and versions of all distributions that offer something."""
    return sorted({offer.distribution for kind in OFFERED for offer in offers(kind).values()})


@cache
def _offers(kind: str, path: tuple[str, ...]) -> dict[str, Offer]:
    from importlib.metadata import entry_points  # not needed for an overview of a command

    found = {_offer(kind, point) for point in entry_points(group=f"langevin.{kind}")}
    times = Counter(offer.name for offer in found)
    taken = set(map(_spelled, content_names(kind) if kind == "models" else stems(built_in(kind))))
    kept = {}
    for offer in sorted(found, key=lambda offer: (offer.name, offer.distribution)):
        if offer.name in taken:
            _warn_once(f"{offer} has the name of one of langevin's own; it is left out")
        elif times[offer.name] > 1:
            _warn_once(f"{offer} has the name of one of another distribution; both are left out")
        else:
            kept[offer.name] = offer
    return kept


def _offer(kind: str, point: EntryPoint) -> Offer:
    home = point.dist
    distribution = "unknown" if home is None else f"{home.name} {home.version}"
    return Offer(kind, _spelled(point.name), distribution, point)


def _spelled(name: str) -> str:
    """A name as it is written on the command line."""
    return name.replace("_", "-")


@cache
def _warn_once(sentence: str) -> None:
    warnings.warn(sentence, stacklevel=2)
