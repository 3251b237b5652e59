"""A recorded training: steps to memorise and to generalise, and the thermometer."""

from dataclasses import replace

import numpy as np
import pytest

from langevin import sgld
from langevin.comparison import overall
from langevin.experiment.recorded_question import answer_question
from langevin.store import load, save
from langevin.types import Status

pytestmark = pytest.mark.statistical
SAMPLES, WEIGHTS, HEAT = 6, 10, 1e-3


def plane():
    """Linear regression with more weights than samples: rank 6, exactly quadratic."""
    generator = np.random.default_rng(0)
    axes = (
        np.linalg.qr(generator.normal(size=(WEIGHTS, SAMPLES)))[0].T * SAMPLES**0.5
    )  # all eigenvalues are 1
    data = sgld.Data(axes, generator.choice([-1.0, 1.0], size=(SAMPLES, 1)))
    return sgld.Model(
        "plane", lambda key: np.zeros((WEIGHTS, 1), np.float32), lambda w, x: x @ w, "half-mse", data, data
    )


def heated(rate, **law):
    """A run of the regression at a temperature."""
    return sgld.train(
        plane(), sgld.Law(rate, temperature=HEAT, **law), steps=4000, chains=32, seed=1,
        recording=sgld.Recording(400), computation=sgld.Computation(lanes=32),
    )  # fmt: skip


@pytest.fixture(scope="module")
def warm():
    return sgld.train(
        plane(), sgld.Law(0.05, temperature=HEAT), steps=4000, chains=32, seed=1, recording=sgld.Recording(400)
    )  # fmt: skip


def test_the_loss_is_that_of_the_temperature(warm, tmp_path):
    report, lines = answer_question(load(save(tmp_path / "run.h5", warm)))
    (row,) = [row for row in report.comparisons if row.theory == "equipartition"]
    assert row.predicted.value == pytest.approx(HEAT * SAMPLES / 2)
    # Finite steps add lr lambda / 2 = 2.5 % to it, which the remainder includes.
    assert row.predicted.remainder == pytest.approx(0.025 / 0.975 * row.predicted.value, rel=1e-3)
    assert row.verdict == "agrees"
    assert lines == []
    assert "memorised" in report.text
    report.draw(str(tmp_path / "figure.png"))


def test_another_temperature_or_rank_is_excluded(warm):
    for change in ({"temperature": 1.5 * HEAT}, {"rank": SAMPLES - 2}):
        report, _ = answer_question(replace(warm, meta={**warm.meta, **change}))
        assert overall(report.comparisons)["equipartition"] == "excluded"


def test_a_loss_that_still_falls_is_not_mixed(warm):
    falling = warm.observables["train_loss"] * (5.0 - 4.0 * warm.times / warm.times[-1])
    report, _ = answer_question(replace(warm, observables={**warm.observables, "train_loss": falling}))
    assert overall(report.comparisons)["equipartition"] == "not mixed"
    assert "not stationary" in report.text


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"law": "adamw"}, "no Langevin step"),
        ({"temperature": 0.0}, "no thermal noise"),
        ({"loss": "hinge"}, "not squared"),
        ({"weight_decay": 0.1}, "weight decay"),
        ({"label_noise": 0.1}, "noise on the labels"),
        ({"batch": 2}, "batches"),
        ({"rank": None}, "rank"),
        ({"fit": True}, "network in training is another one"),
        ({"apply_dtype": "bfloat16"}, "rounded"),
        ({"law": "preconditioned"}, "does not follow from the sharpness"),
    ],
)
def test_the_thermometer_says_why_it_does_not_apply(warm, change, reason):
    report, lines = answer_question(replace(warm, meta={**warm.meta, **change}))
    assert "equipartition" not in overall(report.comparisons)
    assert [line for line in lines if line.startswith("equipartition does not apply") and reason in line]


@pytest.mark.parametrize(
    ("rate", "law", "bias"),
    [
        (0.5, {"name": "heavy-ball", "options": {"momentum": 0.8}}, 0.5 / 18.0),
        (0.6, {"name": "underdamped", "options": {"friction": 2.0}}, 0.0),
    ],
)
def test_the_thermometer_knows_the_bias_of_each_law(rate, law, bias):
    """The stability limit of the heavy ball is 2 (1 + 0.8) / (1 - 0.8) = 18; an exact law has no bias."""
    run = heated(rate, **law)
    report, lines = answer_question(run)
    (row,) = [row for row in report.comparisons if row.theory == "equipartition"]
    value = HEAT * SAMPLES / 2
    assert row.predicted.remainder == pytest.approx(value * bias / (1 - bias), rel=1e-3)
    assert row.measured.value == pytest.approx(value / (1 - bias), abs=4 * row.measured.error)
    assert row.verdict == "agrees"
    assert any(line.startswith("the square") and "has momentum" in line for line in lines)


def test_a_file_that_says_what_its_law_cannot_have_has_no_theory(warm):
    for options in ({"momentum": 2.0}, {"momentum": "x"}, {"speed": 1.0}, [1.0]):
        report, (line,) = answer_question(
            replace(warm, meta={**warm.meta, "law": "heavy-ball", "options": options})
        )
        assert report is None
        assert "options of the law" in line or "heavy-ball" in line


def with_accuracies(warm, memorised, generalised):
    """The run with accuracies that reach 1 at these frames."""
    frames = np.arange(len(warm.times))
    shape = warm.observables["train_loss"].shape
    observables = {
        **warm.observables,
        "train_accuracy": np.broadcast_to((frames >= memorised).astype(float), shape),
        "test_accuracy": np.broadcast_to((frames >= generalised).astype(float), shape),
    }
    return replace(warm, observables=observables)


def test_steps_are_counted_and_their_square_is_laid_beside(warm):
    frame = int(np.searchsorted(warm.steps, 50))
    square = int(np.searchsorted(warm.steps, warm.steps[frame] ** 2))
    report, _ = answer_question(with_accuracies(warm, frame, square))
    (row,) = [row for row in report.comparisons if row.theory.startswith("square")]
    assert row.measured.value == warm.steps[square]
    assert row.predicted.value == warm.steps[frame] ** 2
    assert row.verdict != "excluded"
    report, _ = answer_question(with_accuracies(warm, frame, frame + 5))
    assert overall(report.comparisons)["square of the memorising steps"] == "excluded"


def test_networks_that_never_generalise_give_a_bound(warm):
    frame = int(np.searchsorted(warm.steps, 50))
    report, _ = answer_question(with_accuracies(warm, frame, len(warm.times)))
    assert "> 4000" in report.text
    assert "4000 +- inf" not in report.text
    assert "square of the memorising steps: test accuracy 1" in report.text, "a note names its theory"
    assert overall(report.comparisons)["square of the memorising steps"] == "not mixed"
    _, lines = answer_question(with_accuracies(warm, len(warm.times), len(warm.times)))
    assert [line for line in lines if "32 of 32 chains censored" in line]


def test_a_sweep_is_answered_setting_by_setting():
    data = sgld.Data(np.eye(2), np.ones((2, 1)))
    model = sgld.Model(
        "pair", lambda key: np.zeros((2, 1), np.float32), lambda w, x: x @ w, "half-mse", data, data
    )
    swept = sgld.train(
        model, sgld.Law(0.2), steps=400, chains=4, seed=1, recording=sgld.Recording(40),
        protocol=sgld.Protocol(sweep={"temperature": [0.0, 1e-3]}),
    )  # fmt: skip
    report, lines = answer_question(swept)
    assert [record["setting"] for record in report.record["settings"]] == [
        "temperature 0",
        "temperature 0.001",
    ]
    assert {row.point for row in report.comparisons if row.theory == "equipartition"} == {1}
    assert any(line.startswith("temperature 0; equipartition does not apply") for line in lines)


def test_what_is_no_training_is_said_to_be_none(warm):
    report, (line,) = answer_question(replace(warm, meta={"kind": "network"}))
    assert report is None
    assert "does not contain the law" in line
    report, (line,) = answer_question(replace(warm, observables={"test_loss": warm.observables["test_loss"]}))
    assert report is None
    assert "not a training of a network" in line
    diverged = {**warm.events, "status": np.full(32, Status.DIVERGED, np.uint8)}
    assert answer_question(replace(warm, events=diverged))[0] is None
