"""Every built-in set under every law of motion: one question, live and from its file, and a theory of it."""

import warnings

import pytest

from langevin import registry
from langevin.ensemble.checks import StepSizeWarning
from langevin.errors import UsageError
from langevin.experiment import Settings, run
from langevin.experiment.recorded_question import answer_question
from langevin.store import load, save
from tests.comparisons import rows_of

LAWS = (None, "projected", "label-noise")
PAIRS = [(name, law) for name in registry.names("manifolds") for law in LAWS]
#: Two of each kind of set, for every run of the tests; all others are only in the nightly run.
OFTEN = {
    ("cube", None),
    ("torus", None),
    ("torus", "projected"),
    ("hyperbola", "label-noise"),
    ("valley", "projected"),
}
#: Pairs that do not fit: bodies have no equations, and label noise does not check walls.
REFUSED = {(name, law) for name in ("chambers", "channel", "cube") for law in ("projected", "label-noise")}
REFUSED |= {("perceptron", "label-noise")}
#: Pairs without a theory, and a part of the message with the reason.
WITHOUT = {
    ("perceptron", None): "target on the surface",
    ("perceptron", "projected"): "target on the surface",
}


def answered(name, law, path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StepSizeWarning)
        report = run(
            registry.factory("manifolds", name), {}, Settings(seed=1, walkers=32, threads=1, dynamics=law)
        )
    save(path, report.trajectory)
    return report


@pytest.mark.parametrize(
    ("name", "law"),
    [pytest.param(*pair, marks=[] if pair in OFTEN else pytest.mark.slow) for pair in PAIRS if pair not in REFUSED],
)  # fmt: skip
def test_a_run_and_its_file_say_the_same_and_a_theory_stands_beside_it(name, law, tmp_path):
    report = answered(name, law, tmp_path / "run.h5")
    again, _ = answer_question(load(tmp_path / "run.h5"))
    assert again.text == report.text
    assert rows_of(again.comparisons) == rows_of(report.comparisons)
    assert again.record["question"] == report.record["question"]
    assert "displacement along x" not in report.text or name == "canal"
    if (name, law) in WITHOUT:
        assert not report.comparisons
        assert WITHOUT[name, law] in report.text
    else:
        assert report.comparisons


@pytest.mark.parametrize(("name", "law"), sorted(REFUSED))
def test_what_cannot_be_walked_is_refused_with_the_reason(name, law):
    with pytest.raises(UsageError, match=name) as refusal:
        run(registry.factory("manifolds", name), {}, Settings(seed=1, dynamics=law))
    assert "by --dynamics" in str(refusal.value)


def test_few_pairs_have_no_theory():
    assert len(WITHOUT) <= 4
