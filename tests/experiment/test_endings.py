"""Every report, `info` and the file state how walkers ended and how many steps were refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from langevin import manifolds, potentials
from langevin.cli import main
from langevin.errors import UsageError
from langevin.experiment import Settings, run
from langevin.experiment.report import endings
from langevin.store import load, save
from langevin.types import Status
from tests.schema import assert_schema
from tests.synthetic import arrivals, brownian

TORUS = (
    "simulate --manifold quartic-torus --dynamics projected --integrator metropolis --temperature 1".split()
)


def counting(trajectory, **tallies):
    """The run with the tallies of an integrator."""
    events = {name: np.asarray(counts) for name, counts in tallies.items()}
    return replace(
        trajectory, events={**trajectory.events, **events}, meta={**trajectory.meta, "tallies": list(tallies)}
    )


def test_every_end_is_named():
    assert endings(brownian(3, 4)) == "walkers: 3 finished, 0 diverged, 0 failed to project"
    networks = brownian(3, 4, meta={"kind": "network"})
    assert endings(networks) == "networks: 3 finished, 0 diverged"
    networks = brownian(3, 4, meta={"kind": "network"}, status=Status.HIT)
    assert endings(networks) == "networks: 3 stopped by a criterion, 0 finished, 0 diverged"
    timed = arrivals([1.0, 2.0, 9.0], 5.0)
    timed = replace(timed, events={**timed.events, "target": np.array([0, 0, -1])})
    assert endings(timed) == "walkers: 2 hit, 1 censored, 0 diverged, 0 failed to project"


def test_steps_that_came_to_nothing_are_named_by_cause():
    walked = brownian(3, 4)
    steps = int(walked.events["step"].sum())
    shown = endings(counting(walked, rejected=[1, 2, 0], not_projected=[0, 0, 5]))
    assert shown.endswith(f"; of {steps} steps: 3 rejected, 5 not projected")
    stuck = endings(counting(walked, rejected=[steps, 0, 0]))
    assert stuck.endswith("no step was taken, lower dt")
    assert "lower dt" not in endings(counting(walked, clipped=[steps, 0, 0])), "these were taken"


def test_tallies_come_back_from_a_file(tmp_path):
    walked = counting(brownian(3, 4), rejected=[1, 2, 0], wrong_branch=[0, 0, 5])
    path = save(tmp_path / "run.h5", walked)
    assert_schema(path)
    assert load(path).tallies == walked.tallies == {"rejected": 3, "wrong_branch": 5}
    shown = CliRunner().invoke(main, ["info", str(path)]).output
    assert "3 rejected, 5 wrong branch" in shown
    answer = json.loads(CliRunner().invoke(main, ["info", str(path), "--json"]).stdout)
    assert answer["tallies"] == walked.tallies
    assert (
        "steps counted"
        not in CliRunner().invoke(main, ["info", str(save(tmp_path / "b.h5", brownian(3, 4)))]).output
    )


def test_the_command_line_offers_the_metropolis_walk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ["--dt", "0.72", "--horizon", "43.2", "--walkers", "50", "--seed", "1", "--json"]
    result = CliRunner().invoke(main, [*TORUS, *options])
    assert result.exit_code == 0, result.output
    record = json.loads(result.stdout)
    assert record["configuration"]["integrator"] == "metropolis (surface)"
    assert record["counts"]["finished"] == 50
    stored = load("quartic-torus.h5").tallies
    assert record["tallies"] == stored
    assert min(stored[cause] for cause in ("rejected", "not_projected", "reverse_failed", "wrong_branch")) > 0
    shown = CliRunner().invoke(main, [*TORUS, *options[:-1], "--force"]).output
    assert f"of 3000 steps: {stored['rejected']} rejected" in shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"integrator": "metropolis", "dynamics": "soft"}, "no step of --dynamics soft"),
        ({"integrator": "metropolis", "dynamics": "projected", "noise": "tangent"}, "has its own projection"),
        ({"integrator": "heun", "dynamics": "projected"}, "no step of --dynamics projected"),
        ({"integrator": "heun", "dynamics": "label-noise"}, "no step of --dynamics label-noise"),
    ],
)
def test_integrators_of_another_law_are_refused(changes, said):
    with pytest.raises(UsageError, match=said):
        run(manifolds.canal, {}, Settings(seed=1, **changes))


def test_an_integrator_alone_implies_its_law_of_motion():
    settings = Settings(seed=1, integrator="heun", walkers=2, horizon=0.01, threads=1)
    assert run(manifolds.canal, {}, settings).trajectory.meta["dynamics"] == "soft"
    settings = replace(settings, integrator="metropolis")
    assert run(manifolds.canal, {}, settings).trajectory.meta["dynamics"] == "projected"


@pytest.mark.parametrize(
    ("make", "settings", "said"),
    [
        (potentials.quadratic, {"walkers": 20}, "walkers: 20 finished, 0 diverged"),
        (
            potentials.double_well,
            {"walkers": 20, "temperature": 0.5},
            "walkers: 20 hit, 0 censored, 0 diverged",
        ),
    ],
)
def test_reports_say_it(make, settings, said):
    report = run(make, {}, Settings(seed=1, **settings))
    assert said in report.text
    assert report.record["tallies"] == {}
