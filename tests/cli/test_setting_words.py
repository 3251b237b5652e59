"""Conversion of settings to the words of a command and back."""

import click
import pytest

from langevin.cli.settings import settings_of, words_of
from langevin.cli.simulate import simulate


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"check-dt": "true"}, ["--check-dt"]),
        ({"check-dt": "false"}, []),
        ({"p.flag": "true"}, ["-p", "flag=true"]),
        ({"p.flag": "false"}, ["-p", "flag=false"]),
        ({"walkers": "true"}, ["--walkers", "true"]),
        ({"question": "false"}, ["--question", "false"]),
    ],
)
def test_only_a_switch_that_is_false_has_no_words(settings, words):
    assert words_of(simulate, settings) == words


def test_settings_come_back_from_their_words():
    settings = {"manifold": "canal", "p.flag": "false", "i.kind": "a", "walkers": "5", "plugins": "a:b"}
    assert settings_of(simulate, click.Context(simulate), words_of(simulate, settings)) == settings
