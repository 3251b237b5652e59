"""docs/networks.md: the commands of its table exist with their figures, and so do the functions that it names."""

import importlib
import re
import shlex
from dataclasses import replace

import pytest

from langevin import measure
from langevin.measure import networks
from langevin.registry import names
from langevin.sgld import Law, train
from tests.project.documents import FENCE, ROOT, langevin_calls
from tests.project.test_readme import parse
from tests.tiny_network import network

PAGE = (ROOT / "docs/networks.md").read_text()
CODE = [text for name, text in FENCE.findall(PAGE) if name == "python"]
CLAIMS = PAGE.partition("## In Python")[0]
ROWS = [line for line in CLAIMS.splitlines() if line.startswith("| ") and "| `langevin " in line]
FUNCTIONS = [
    name
    for line in PAGE.partition("## Measurements")[2].splitlines()
    if line.startswith("| ")
    for name in re.findall(r"`([\w.]+)`", line.split("|")[2])
]


def command_of(row):
    return shlex.split(re.search(r"`langevin ([^`]*)`", row).group(1))


@pytest.mark.parametrize("row", ROWS, ids=[" ".join(command_of(row)[:2]) for row in ROWS])
def test_a_command_of_the_table_is_taken_and_has_its_figure(row):
    command, name, *options = command_of(row)
    parse(command, name, *options)
    if command == "run":
        sim = name.removeprefix("sims.")
        assert (ROOT / f"sims/{sim}.py").is_file()
        assert f"../results/{sim}/figure.png" in row
    else:
        chosen = dict(zip(options[::2], options[1::2], strict=True))
        assert chosen["--preset"] in importlib.import_module(name).PRESETS
        assert chosen["--figure"] in PAGE.partition("## Figures")[2]


@pytest.mark.parametrize("example", range(2))
def test_an_example_prints_what_the_page_shows(example, capsys):
    """All examples that print."""
    shown = [text for name, text in FENCE.findall(PAGE) if name == "text"]
    printing = [text for text in CODE if "print(" in text]
    assert len(shown) == len(printing) == 2
    exec(compile(printing[example], "networks.md", "exec"), {})
    assert capsys.readouterr().out == shown[example]


def test_the_observables_of_the_page_are_those_there_are():
    rows = PAGE.partition("## Observables")[2].partition("```sh")[0].splitlines()
    named = [
        name for row in rows if row.startswith("| `") for name in re.findall(r"`([\w-]+)`", row.split("|")[1])
    ]
    assert sorted(named) == names("observables")


def test_the_optimiser_of_the_page_trains():
    pytest.importorskip("optax")
    names = {}
    (code,) = [text for text in CODE if "slow_adam" in text]
    exec(compile(code, "networks.md", "exec"), names)
    run = train(network(), replace(names["law"], learning_rate=0.01), steps=40, chains=1, seed=1)
    assert run.observables["train_loss"][0, -1] < run.observables["train_loss"][0, 0]


def test_the_weights_of_the_page_come_back():
    names = {}
    (code,) = [text for text in CODE if "def kept" in text]
    exec(compile(code, "networks.md", "exec"), names)
    run = train(network(), Law(0.3), steps=200, chains=1, seed=1)
    at_the_end, early, named = names["kept"](run, network())
    assert set(at_the_end) == set(early) == set(named) == {"in", "out"}
    assert (at_the_end["in"] == named["in"]).all()
    assert not (early["in"] == at_the_end["in"]).all()


def test_links_lead_somewhere_and_shell_blocks_are_calls():
    for link in re.findall(r"\]\(([^)#:]+)[)#]", PAGE):
        assert (ROOT / "docs" / link).exists(), link
    calls = langevin_calls("docs/networks.md")
    assert calls
    for call in calls:
        parse(*call)


def test_the_table_has_every_kind_of_figure():
    assert len(ROWS) >= 14
    assert {command_of(row)[0] for row in ROWS} == {"run", "train"}


def test_the_functions_of_the_page_are_there():
    assert len(FUNCTIONS) > 30
    for name in FUNCTIONS:
        found = networks
        for part in name.removeprefix("networks.").split("."):
            found = getattr(found, part, None) or getattr(measure, part)
        assert callable(found), name


def test_every_public_measurement_is_on_the_page():
    types = {"Performance", "TraceDrift"}
    assert not {name for name in networks.__all__ if f"`{name}`" not in PAGE.replace("networks.", "")} - types
