"""The mutant tester: the draw, and that a test which covers a mutant kills it, and without such a test it survives."""

import ast
import shutil

import pytest

from tests.mutants.__main__ import campaign
from tests.mutants.changes import mutants_of
from tests.mutants.drawing import drawn, shares
from tests.mutants.equivalents import EQUIVALENT, EXEMPT
from tests.mutants.page import score, table
from tests.project.documents import ROOT

TINY = '''"""Two rules, one of them tested."""


def area(side: float) -> float:
    return side * side


def edge(side: float) -> float:
    return 4 * side
'''
TEST = "from langevin.theory.tiny import area\n\n\ndef test_area():\n    assert area(3.0) == 9.0\n"
PLACE = "langevin/theory/tiny.py"


def tiny(folder, text):
    path = folder / PLACE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def changes(folder, text):
    """The possible changes of a text."""
    return {(one.before, one.after) for one in mutants_of(folder, tiny(folder, text))}


def test_a_mutant_is_killed_by_a_test_that_covers_it_and_survives_where_none_does(tmp_path):
    root = tmp_path / "root"
    caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "langevin", root / "langevin", ignore=caches)
    shutil.copytree(ROOT / "tests/mutants", root / "tests/mutants", ignore=caches)
    shutil.copy(ROOT / "pyproject.toml", root)
    tiny(root, TINY)
    (root / "tests/theory").mkdir()
    (root / "tests/theory/test_tiny.py").write_text(TEST)
    mutants = drawn(root, 100, 1, (PLACE,))
    done = campaign(root, mutants, tmp_path / "work", ["tests/theory"])
    assert {record["owner"]: record["failed"] for record in done} == {"area": True, "edge": False}
    assert {record["test"] for record in done if record["failed"]} == {"tests/theory/test_tiny.py::test_area"}
    text = table(done, 1)
    assert all((f"{record['path']}:{record['line']}" in text) is not record["failed"] for record in done)
    assert score(done) == sum(record["failed"] for record in done) / len(done)
    assert (tmp_path / "work/tree" / PLACE).read_text() == TINY
    assert campaign(root, mutants, tmp_path / "work", ["tests/theory"]) == done


@pytest.mark.parametrize(
    ("line", "change"),
    [
        ("x = a == b", ("a == b", "(a != b)")),
        ("x = a + b", ("a + b", "(a - b)")),
        ("x = 0.0", ("0.0", "(1.0)")),
        ("x = 2.5", ("2.5", "(5.0)")),
        ("x = 1e-9", ("1e-9", "(0.001)")),
        ("x = 3", ("3", "(4)")),
        ("x = a and b", ("a and b", "(a or b)")),
        ("x = 1 if a else b", ("a", "(not a)")),
        ("x = min(a, b)", ("min(a, b)", "(max(a, b))")),
        ("x = a.sum(axis=1)", ("a.sum(axis=1)", "(a.sum(axis=0))")),
        ("def x():\n    a.sort()\n", ("a.sort()", "pass")),
        ("def x():\n    return a * b\n", ("return a * b", "return -(a * b)")),
        ("def x(a=7):\n    pass\n", ("7", "(8)")),
    ],
)
def test_what_is_written_by_mistake(line, change, tmp_path):
    found = changes(tmp_path, line)
    assert change in found


def test_a_boundary_is_moved_or_a_condition_turned_round(tmp_path):
    found = changes(tmp_path, "".join(f"x{number} = a < b\n" for number in range(20)))
    assert found == {("a < b", "(a <= b)"), ("a < b", "(not a < b)")}


def test_texts_types_and_decorators_stay(tmp_path):
    text = '"""Of 3."""\n__all__ = ["a"]\n@b(1)\ndef a(x: c[2]) -> c[3]:\n    raise unfit(f"{x + 1}", 4)\n'
    assert changes(tmp_path, text) == {('raise unfit(f"{x + 1}", 4)', "pass")}


def test_every_place_of_the_package_gives_a_file_that_python_reads():
    for path in sorted((ROOT / "langevin/comparison").glob("*.py")):
        for mutant in mutants_of(ROOT, path):
            ast.parse(mutant.source(path.read_bytes()))


def test_the_draw_does_not_change_with_other_code(tmp_path):
    before = mutants_of(tmp_path, tiny(tmp_path, TINY))
    after = mutants_of(tmp_path, tiny(tmp_path, f"def other(x):\n    return x - 1\n\n\n{TINY}"))
    known = {(one.identity, one.after, one.drawn(1)) for one in before}
    assert known < {(one.identity, one.after, one.drawn(1)) for one in after}
    assert [one.identity for one in drawn(ROOT, 40, 1)] == [one.identity for one in drawn(ROOT, 40, 1)]


def test_shares_are_in_proportion_and_add_up():
    assert shares({"a": 30, "b": 60, "c": 10}, 10) == {"a": 3, "b": 6, "c": 1}
    assert sum(shares({"a": 7, "b": 5, "c": 3}, 4).values()) == 4
    assert shares({"a": 2, "b": 1}, 50) == {"a": 2, "b": 1}


def test_exemptions_name_what_is_there_and_equivalents_are_few():
    for key in EXEMPT:
        path, _, name = key.partition(":")
        assert f"\n{name}" in (ROOT / path).read_text()
    assert len(EQUIVALENT) <= 15
