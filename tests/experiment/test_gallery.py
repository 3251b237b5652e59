"""Sims are found, run and kept; the gallery shows their answers and refuses outdated ones."""

import json
import sys

import pytest

import langevin
from langevin.errors import InputFileError, UsageError
from langevin.experiment.claims import HOLDS
from langevin.experiment.gallery import Line, number_after, table, together, write_gallery
from langevin.experiment.sims import find_sim, rounded, run_sim

SIM = """
from pathlib import Path
from langevin.experiment.claims import Answer, Claim, Finding, verdict_of
from langevin.experiment.statements import certain

def answer(quick=False, seed=1):
    def draw(path):
        Path(path).write_bytes(b"picture")
    verdict = verdict_of(certain(1 + 1 == 2, "two"))
    found = Finding(Claim("one and one | two", "a book, page 1"), verdict, f"sum 2.00 +- 0.10, seed {seed}")
    return Answer("Is it two?", (found,), ("a", "b"), [(1, 2)], draw, {"quick": quick})
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with one sim in it, as the working directory."""
    (tmp_path / "claims_for_tests").mkdir()
    (tmp_path / "claims_for_tests" / "addition.py").write_text(SIM)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("claims_for_tests")]:
        del sys.modules[name]


def test_a_full_run_is_kept_and_a_quick_one_only_where_it_is_told(folder):
    sim = find_sim("claims_for_tests.addition")
    answer, place = run_sim(sim, quick=True)
    assert place is None
    assert not (folder / "results").exists()
    answer, place = run_sim(sim)
    assert place is not None
    record = json.loads((place / "run.json").read_text())
    assert record["findings"][0]["word"] == HOLDS == answer.findings[0].verdict.word
    assert record["versions"]["langevin"] == langevin.__version__
    assert (place / "table.csv").read_text() == "a,b\n1,2\n"


def test_the_gallery_shows_claim_number_verdict_and_command(folder):
    run_sim(find_sim("claims_for_tests.addition"), seed=3)
    table = write_gallery(sims=folder / "claims_for_tests").read_text()
    assert "| one and one \\| two | holds | 2.00 +- 0.10 | [addition] |" in table
    assert "## a book, page 1" in table
    page = (folder / "results" / "addition.md").read_text()
    for part in ("a book, page 1", "sum 2.00 +- 0.10, seed 3", "**holds**", "addition/figure.png",
                 "`langevin run sims.addition`"):  # fmt: skip
        assert part in page


def line(word, sim="one", short="it grows"):
    return Line("a book (2024)", short, word, "1.0 +- 0.1", sim)


def test_a_sentence_that_several_sims_judge_has_a_line_of_its_own():
    text = table(
        [line("holds"), line("holds where", "two"), line("fails", "three", "it falls")],
        {"it grows": "It grows in sims of kind one."},
    )
    assert "| it grows | **holds where** | 2 verdicts | |" in text
    assert "| same sentence | holds | 1.0 +- 0.1 | [one] |" in text
    assert "| it falls | fails | 1.0 +- 0.1 | [three] |" in text
    assert "[two]: two.md" in text
    assert "- *it grows*: It grows in sims of kind one." in text


def test_different_verdicts_on_a_sentence_need_a_common_meaning():
    with pytest.raises(InputFileError, match="the verdicts on 'it grows' differ"):
        table([line("holds"), line("fails", "two")], {})
    assert "**holds**" in table([line("holds"), line("holds", "two")], {})


def test_the_deciding_number_follows_the_words_that_are_given():
    text = "share 0.50 +- 0.10 at the start, and 0.9 +- 0.2 at the end"
    assert number_after("", text, "one") == "0.50 +- 0.10"
    assert number_after("at the start", text, "one") == "0.9 +- 0.2"
    assert number_after("at the end", text, "one") == ""
    with pytest.raises(InputFileError, match="the finding of one does not contain 'middle'"):
        number_after("middle", text, "one")


@pytest.mark.parametrize(
    ("words", "one"),
    [
        (("holds", "holds"), "holds"),
        (("holds", "undecided"), "undecided"),
        (("holds", "fails"), "holds where"),
        (("undecided", "undecided"), "undecided"),
    ],
)
def test_several_verdicts_make_one_word(words, one):
    assert together([line(word) for word in words]) == one


def test_a_long_claim_needs_short_words(folder):
    run_sim(find_sim("claims_for_tests.addition"))
    sims = folder / "claims_for_tests"
    long = " ".join(["one and one | two", *"word" * 4])
    path = folder / "results" / "addition" / "run.json"
    path.write_text(
        path.read_text().replace("one and one | two", long + " of sixteen words, or more than that")
    )
    with pytest.raises(InputFileError, match="more than 15 words"):
        write_gallery(sims=sims)
    (folder / "results" / "claims.toml").write_text(
        f'[short]\n"{long} of sixteen words, or more than that" = "one and one"\n'
    )
    assert "| one and one | holds |" in write_gallery(sims=sims).read_text()
    wide = "=" * 80
    (folder / "results" / "claims.toml").write_text(
        f'[short]\n"{long} of sixteen words, or more than that" = "{wide}"\n'
    )
    with pytest.raises(InputFileError, match="characters, more than 100"):
        write_gallery(sims=sims)
    (folder / "results" / "claims.toml").write_text("[short]\none = 3\n")
    with pytest.raises(InputFileError, match="does not give words"):
        write_gallery(sims=sims)


@pytest.mark.parametrize("change", ["sim", "version", "quick"])
def test_a_stale_answer_is_refused(change, folder):
    _, place = run_sim(find_sim("claims_for_tests.addition"))
    path = place / "run.json"
    record = json.loads(path.read_text())
    if change == "sim":
        (folder / "claims_for_tests" / "addition.py").write_text(SIM.replace("1 + 1", "2 + 0"))
    elif change == "version":
        record["versions"]["langevin"] = "0.0.1"
    else:
        record["quick"] = True
    path.write_text(json.dumps(record))
    with pytest.raises(InputFileError, match="is stale"):
        write_gallery(sims=folder / "claims_for_tests")


def test_a_stale_answer_may_be_left_out_by_name(folder):
    run_sim(find_sim("claims_for_tests.addition"))
    sims = folder / "claims_for_tests"
    (sims / "other.py").write_text(SIM)
    sys.modules.pop("claims_for_tests.other", None)
    run_sim(find_sim("claims_for_tests.other"))
    (sims / "other.py").write_text(SIM.replace("1 + 1", "2 + 0"))
    page = write_gallery(sims=sims, without_stale=True).read_text()
    assert "since its last full run: other." in page
    assert "[other]" not in page
    assert "[addition]" in page


def test_no_answers_make_no_gallery(tmp_path):
    with pytest.raises(InputFileError, match="run a sim first"):
        write_gallery(tmp_path, tmp_path)


@pytest.mark.parametrize("name", ["sims.nothing_of_the_kind", "no such", "json"])
def test_what_is_no_sim_is_refused(name):
    with pytest.raises(UsageError):
        find_sim(name)


def test_what_is_kept_does_not_hang_on_round_off():
    """Sums in another order change the last digits of a double, but not the kept text; counts and words are kept."""
    once, again = ([("a", 3, True, [0.1 + error, 1e-30 * (1 + error)])] for error in (0.0, 1e-15))
    assert rounded(once) == rounded(again) == [["a", 3, True, [0.1, 1e-30]]]
    assert rounded({"x": float("inf")}) == {"x": float("inf")}
