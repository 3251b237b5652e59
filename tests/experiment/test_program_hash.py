"""The hash of a sim changes with its program, and not with its comments, docstrings and blank lines."""

import pytest

from langevin.experiment.sims import private_parts, program_hash

PROGRAM = '''"""What it does."""

SIZE = (  # so many
    "ten"
)


def answer(quick, seed):
    """Answer it,
    in two lines.
    """
    # a reason
    return f"{SIZE} of {seed}"  # the end
'''


@pytest.fixture
def hash_of(tmp_path):
    def found(text):
        (tmp_path / "one.py").write_text(text)
        return program_hash(tmp_path / "one.py")

    return found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("What it does", "What it did"),
        ("Answer it,\n    in two lines.\n    ", "Answer it."),
        ("# a reason", "# another"),
        ("  # so many", ""),
        ("  # the end", ""),
        ("\n\n\n", "\n"),
    ],
)
def test_words_about_the_program_decide_nothing(hash_of, old, new):
    assert old in PROGRAM
    assert hash_of(PROGRAM.replace(old, new)) == hash_of(PROGRAM)


@pytest.mark.parametrize(("old", "new"), [('"ten"', '"two"'), ("{seed}", "{quick}"), (" of ", " in ")])
def test_the_program_decides(hash_of, old, new):
    assert hash_of(PROGRAM.replace(old, new)) != hash_of(PROGRAM)


def test_a_form_feed_in_a_string_ends_no_line(hash_of):
    program = PROGRAM.replace('"ten"', '"t\x0cen"')
    assert hash_of(program.replace("  # the end", "")) == hash_of(program)
    assert hash_of(program.replace("{seed}", "{quick}")) != hash_of(program)


def test_the_private_parts_of_a_sim_decide_too(tmp_path):
    """Parts of parts as well, each once; other modules and names do not count."""
    folder = tmp_path / "sims"
    folder.mkdir()
    sim, part, inner = folder / "one.py", folder / "_part.py", folder / "_inner.py"
    sim.write_text(
        "from math import pi\nfrom sims import _part as p\nfrom sims._inner import x\nfrom sims.two import y\n"
    )
    part.write_text("from sims._inner import x\nfrom sims._part import z\n")
    inner.write_text("x = 1\n")
    (folder / "two.py").write_text("y = 1\n")
    assert private_parts(sim) == [inner, part]
    first = program_hash(sim)
    (folder / "two.py").write_text("y = 2\n")
    inner.write_text("x = 1  # one\n")
    assert program_hash(sim) == first
    inner.write_text("x = 2\n")
    assert program_hash(sim) != first
