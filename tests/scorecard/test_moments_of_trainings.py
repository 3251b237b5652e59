"""The steps at which a training memorises and generalises, and its end."""

import numpy as np
import pytest

from langevin.scorecard.moments import Course, Interval, Outcome, moments_of, sustained

STEPS = np.unique(np.round(1.05 ** np.arange(200)).astype(int))


def course(train, test, norm=None, **more):
    """A course over STEPS; train, test and norm are functions of the step."""
    loss = np.array([1 - test(step) for step in STEPS])
    sizes = np.array([norm(step) if norm else 1.0 for step in STEPS])
    accuracies = (np.array([of(step) for step in STEPS], float) for of in (train, test))
    return Course(STEPS, *accuracies, loss + 1e-3, loss + 1e-3, sizes, **more)


def at(step, low=0.5, high=1.0):
    """An accuracy that jumps at a step."""
    return lambda here: high if here >= step else low


def test_a_delay_lies_between_recorded_steps():
    found = moments_of(course(at(100), at(2000)))
    assert found.outcome == Outcome.DELAYED
    for interval, step in ((found.memorised, 100), (found.generalised, 2000)):
        assert interval.after < step <= interval.by <= 1.06 * step
    assert STEPS[found.frame] == found.memorised.by


def test_an_accuracy_that_falls_again_does_not_count():
    up_and_down = lambda step: 1.0 if 500 <= step < 700 or step >= 3000 else 0.5  # noqa: E731
    found = moments_of(course(at(100), up_and_down))
    assert found.first.by < 530
    assert 3000 <= found.generalised.by < 3200


def test_a_run_that_ends_too_early_is_not_generalised():
    late = STEPS[-8]
    found = moments_of(course(at(100), at(late)))
    assert found.outcome == Outcome.CENSORED
    assert found.generalised == Interval(
        STEPS[-9], np.inf
    )  # it may have generalised in its last recorded steps


def test_ten_frames_and_a_tenth_of_the_steps():
    steps = np.arange(1, 400)
    held = (steps >= 200) & (steps < 215)  # ten frames, but less than a tenth of 200 steps
    assert not sustained(steps, held).any()
    held = (steps >= 200) & (steps < 222)
    assert steps[sustained(steps, held)].tolist() == [200]
    held = (steps >= 20) & (steps < 25)  # a quarter of the steps, but five frames
    assert not sustained(steps, held).any()


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Outcome.PLATEAU),
        ({"norm": lambda step: step**-0.2}, Outcome.CENSORED),
        ({"saturates": True}, Outcome.PLATEAU),
        ({"diverged": True}, Outcome.DIVERGED),
    ],
    ids=["at rest", "the norm still falls", "cross-entropy", "diverged"],
)
def test_a_run_that_does_not_generalise(changes, outcome):
    assert moments_of(course(at(100), lambda step: 0.8, **changes)).outcome == outcome


def test_other_ends():
    assert moments_of(course(at(300), at(200))).outcome == Outcome.TOGETHER
    assert moments_of(course(lambda step: 0.9, lambda step: 0.8)).outcome == Outcome.UNLEARNED
    dead = course(at(100), lambda step: 0.8, saturates=True)
    dead.train_loss[-1] = 0.0
    assert moments_of(dead).outcome == Outcome.COLLAPSED
