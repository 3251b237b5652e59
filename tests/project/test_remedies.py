"""Every remedy can be followed: an option that a message names is one of each command that can print it."""

import ast
import re

import pytest

from langevin.cli import COMMANDS, main
from tests.project.reach import definitions, modules, reach

OPTION = re.compile(r"(?<![\w-])(?:--[a-z][a-z-]*|-[ip])(?![\w-])")
#: Another command that a message names, with its options, such as `langevin simulate --horizon`.
ELSEWHERE = re.compile(r"`?langevin (\w+)((?: [\w.{}]+| --?[a-zA-Z][a-z-]*)*)`?")
#: Commands whose options are settings of a plan file, which the user changes after a refusal.
PLANNED = ("simulate", "rate", "train")


def options(command):
    """The options of a command, with the options of its group."""
    read = PLANNED if command in ("sweep", "info") else ()
    params = [
        param for name in (command, *read) for param in main.get_command(None, name).params
    ] + main.params
    return {"--help", *(option for param in params for option in (*param.opts, *param.secondary_opts))}


def entry(command):
    return f"langevin.cli.{command}", f"{command}_" if command == "list" else command


def texts(node):
    """The texts that a node may print, with {} for inserted values; without docstrings and words of its options."""
    inner = [part for part in ast.walk(node) if isinstance(part, ast.FunctionDef | ast.ClassDef)]
    silent = [part.body[0] for part in inner if isinstance(part.body[0], ast.Expr)]
    silent += [decorator for part in inner for decorator in part.decorator_list]
    silent += [
        part for part in ast.walk(node) if isinstance(part, ast.Call) and _name(part) in ("option", "join")
    ]
    left_out = {id(part) for tree in silent for part in ast.walk(tree)}
    for part in ast.walk(node):
        if id(part) in left_out:
            continue
        if isinstance(part, ast.JoinedStr):
            left_out |= {id(value) for value in part.values}
            yield "".join(value.value if isinstance(value, ast.Constant) else "{}" for value in part.values)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _name(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def missing(command, text):
    """Options that a text names, but that neither the command nor a command named in the text has."""
    wrong = set()
    for other, words in ELSEWHERE.findall(text):
        if other in COMMANDS:
            wrong |= set(OPTION.findall(words)) - options(other)
    return wrong | set(OPTION.findall(ELSEWHERE.sub("", text))) - options(command)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_that_a_message_names_is_one_of_the_command_that_prints_it(command):
    found = {
        (module, name, text): wrong
        for module, name in reach(*entry(command))
        for text in texts(definitions(module)[name])
        if (wrong := missing(command, text))
    }
    assert not found


def test_remedies_that_cannot_be_followed_are_found():
    assert missing("compare", "the shares still change; raise --horizon") == {"--horizon"}
    assert missing("compare", "a longer run is needed (`langevin simulate --horizon`)") == set()
    assert missing("simulate", "see `langevin rate --horizon`") == {"--horizon"}
    assert missing("rate", "-i sets a dial of the step") == {"-i"}


def test_what_a_command_reaches():
    """It includes lazy imports, packages that re-export names, registries and fields of records."""
    walk, refusal = ("langevin.questions.first_passage", "_walk"), ("langevin.dynamics.soft", "_refusal")
    assert {walk, refusal} <= reach(*entry("simulate"))
    assert walk not in reach(*entry("compare"))
    assert refusal in reach(*entry("compare"))
    assert ("langevin.sgld.laws", "check_law") in reach(*entry("train"))
    assert ("langevin.theory.gibbs.quadratures", "gibbs_density") in reach(*entry("simulate"))
    assert len(modules()) > 200
