"""Bad words on every command line are refused in three fields: what, allowed, remedy."""

import click
import pytest
from hypothesis import given, settings

from langevin.cli import main
from tests.inputs.commands import command_lines
from tests.inputs.guard import CAREFUL, fault

pytestmark = pytest.mark.filterwarnings("ignore")


def tried(line):
    wrong = fault(lambda: click.Group.main(main, list(line), standalone_mode=False))
    assert wrong is None, f"langevin {line}: {wrong}"


@settings(CAREFUL, max_examples=400)
@given(command_lines())
def test_bad_words_are_refused_in_three_fields(line):
    tried(line)


@pytest.mark.slow
@settings(CAREFUL, max_examples=3000)
@given(command_lines())
def test_thousands_of_bad_words_are_refused(line):
    tried(line)
