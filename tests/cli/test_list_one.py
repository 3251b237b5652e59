"""`langevin list NAME` explains one entry, and its example is a command that the program takes."""

import json
import shlex

import click
import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.cli.one_entry import explained
from langevin.experiment.tried_cases import example_of
from langevin.registry import KINDS, names

#: Entries for which no landscape at its defaults has a case: a cap of the sphere, a closed curve with a target, and a
#: user-defined loss.
NO_EXAMPLE = {"cap-time", "curve-passage", "line-escape"}
ENTRIES = [(kind, name) for kind in KINDS for name in names(kind)]


def call(*words, code=0):
    done = CliRunner().invoke(main, words, env={"COLUMNS": "80"})
    assert done.exit_code == code, done.output
    return done.output


def test_a_landscape_is_shown_with_its_dials_explained():
    said = call("list", "cube")
    for words in (
        "cube (manifold)",
        "fraction = 0.25  eps, the fraction",
        "log_volume",
        "--manifold cube -p dim=8",
    ):
        assert words in said
    assert max(map(len, said.splitlines())) <= 80
    assert json.loads(call("list", "cube", "--json"))["manifolds"]["dials"]["fraction"] == 0.25


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("heavy_ball", "-i momentum=0.9"),
        ("wells", "--question first-passage"),
        ("soft", "--dynamics soft"),
        ("displacement", "Mean squared displacement"),
        ("norms", "--observe norms"),
        ("free-energy", "Source: Lakkapragada"),
    ],
)
def test_other_kinds_are_shown_too(name, words):
    assert words in call("list", name)


def test_a_network_is_shown_with_its_presets():
    said = call("list", "models.parity")
    for words in (
        "models.parity (network)",
        "width = 500",
        "Number of hidden units",
        "Presets",
        "langevin train",
    ):
        assert words in said


@pytest.mark.parametrize(("kind", "name"), ENTRIES)
def test_the_example_of_every_entry_is_a_command(kind, name):
    """Law and landscape of an example fit together, since they were tried when it was made; here it is parsed."""
    example = example_of(kind, name)
    assert bool(example) is (name not in NO_EXAMPLE)
    if example:
        _, command, *words = shlex.split(example)
        context = click.Context(main, **main.context_settings)
        main.get_command(context, command).make_context(command, words, parent=context)


@pytest.mark.parametrize(
    ("name", "near"), [("cub", "did you mean cube"), ("nothing-like-it", "see `langevin list`")]
)
def test_an_unknown_name_is_one_sentence(name, near):
    said = call("list", name, code=2)
    assert near in said
    assert said.count("\n") == 1


def test_arguments_of_a_docstring_are_read_over_several_lines():
    def make(one, two):
        """Text.

        More text.

        Args:
            one: begins here
                and ends here.
            two: short.

        Raises:
            UsageError: never.
        """

    assert explained(make) == ("Text.\n\nMore text.", {"one": "begins here and ends here.", "two": "short."})
