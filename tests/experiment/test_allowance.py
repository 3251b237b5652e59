"""A file may request a limited amount of computation; every request above it is refused by a message."""

import signal
from types import SimpleNamespace

import pytest

from langevin.experiment.recorded_question import TooLong, allowance


def spin():
    while True:
        pass


def test_a_block_that_goes_on_is_stopped_again_and_again():
    stopped = 0
    with allowance(0.05, "wait"):
        for _ in range(2):
            with pytest.raises(
                TooLong, match=r"more than 0\.05 s of computation, the limit for a file: wait"
            ):
                spin()
            stopped += 1
    assert stopped == 2
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_a_short_block_is_left_alone_and_nothing_stays_behind():
    before = signal.getsignal(signal.SIGPROF)
    with allowance(60.0, "wait"):
        assert signal.getsignal(signal.SIGPROF) is not before
    assert signal.getsignal(signal.SIGPROF) is before


def test_a_theory_that_takes_too_long_is_named_and_the_measured_numbers_stand(monkeypatch):
    from langevin.experiment import Settings, recorded_question, run, theories
    from langevin.potentials import quadratic

    trajectory = run(quadratic, {}, Settings(walkers=20, seed=1, threads=1, horizon=1.0), None).trajectory
    monkeypatch.setattr(recorded_question, "ANSWER", 0.05)

    endless = SimpleNamespace(curves=lambda setting: spin(), coarse=lambda setting: "")
    monkeypatch.setattr(theories, "theories_for", lambda *case: {"endless": endless})
    report, _ = recorded_question.answer_question(trajectory)
    assert report is not None
    assert "more than 0.05 s of computation" in report.text
