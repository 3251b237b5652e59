"""`langevin train --observe` and `--stop`: by name and user-defined, in file, table and JSON, resumed and extended."""

import json
import shlex
import shutil

import numpy as np
import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.cli.settings import SWEEP
from langevin.cli.train import train
from langevin.store import load
from tests.cli.test_plugins import forget
from tests.engine import ROOT
from tests.sgld.test_sgld_resume import assert_same

OWN = """
import jax.numpy as jnp
from langevin.types import Observable

def height(weights):
    return weights[0, 0]

def both(model, weights):
    return {"slope": weights[0, 0], "samples": 1.0 * len(model.train.targets)}

def errors(model):
    def observer(weights):
        return (model.apply(weights, jnp.asarray(model.test.inputs, weights.dtype)) - model.test.targets)[:2, 0]
    return observer

def last(model, weights, data, memory):
    return memory[0], weights.ravel()

before = Observable("the weight of the recorded step before", last, uses_memory=True)
three = 3

def many(a, b, c):
    return 0.0

def broken(model):
    raise RuntimeError("not today")
"""
NAMES = "seen:height,seen:both,seen:errors,seen:before"
WORDS = ["line", "--learning-rate", "0.3", "--temperature", "1e-3", "--seed", "5", "--observe", NAMES]


@pytest.fixture(scope="module")
def own(line):
    (line.folder / "seen.py").write_text(OWN)
    return line


def test_observables_of_ones_own_and_what_ended_a_network(own):
    done = own(*WORDS, "--stop", "both[slope]>1.5 for 5; train_loss=0", "--out", "seen.h5", "--json")
    assert done.exit_code == 0, done.stderr
    record, run = json.loads(done.stdout), load(own.folder / "seen.h5")
    names = ["height", "both[slope]", "both[samples]", "errors[0]", "errors[1]", "before"]
    assert set(names) <= set(run.observables)
    assert run.meta["observed"] == ["height", "both", "errors", "before"]
    height = np.asarray(run.observables["height"])
    np.testing.assert_array_equal(run.observables["both[slope]"], height)
    np.testing.assert_array_equal(np.asarray(run.observables["before"])[0, 1:], height[0, :-1])
    np.testing.assert_allclose(run.observables["errors[0]"], 2 - height, atol=1e-6)  # at -1, of slope 2
    assert (np.asarray(run.observables["both[samples]"]) == 6).all()
    assert run.meta["stop"] == ["both[slope]>1.5 for 5", "train_loss<=0"]
    assert [chain["stopped_by"] for chain in record["chains"]] == ["both[slope]>1.5 for 5"] * 2
    assert record["chains"][0]["height"] == height[0, -1]
    assert record["statistics"]["errors[1]"]["n"] == 2


def test_the_table_says_so_and_the_file_is_no_trouble(own):
    done = own(*WORDS, "--stop", "height>1.5", "--out", "table.h5")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines()[0].split()[1:5] == ["status", "ended", "by", "arrived"]
    assert "hit  height>1.5" in done.stdout
    assert "\nboth[samples]" in done.stdout
    assert own.compare("table.h5").exit_code == 0
    told = CliRunner().invoke(main, ["info", "table.h5"])
    assert told.exit_code == 0
    assert "both[2 parts], displacement, errors[2 parts], height" in told.output


def test_names_of_the_toolkit(own):
    done = own(
        "line", "--learning-rate", "0.3", "--observe", "norms", "--observe", "hessian-trace", "--out", "n.h5"
    )
    assert done.exit_code == 0, done.stderr
    assert "norms[weights]" in done.stdout
    trace = load(own.folder / "n.h5").observables["hessian_trace[value]"]
    np.testing.assert_allclose(trace, 7 / 15, rtol=1e-5)  # the mean square of the inputs, of one weight
    listed = CliRunner().invoke(main, ["list", "observables"])
    assert "sharpness: largest eigenvalue of the Hessian" in listed.output


def test_it_goes_on_to_the_same_bits_and_longer(own):
    """The command to resume names observables and criteria; an extension by the same words has the bits of one run."""
    stop = ["--stop", "both[slope]>1.9 for 10", "--stop", "train_loss=0.0"]
    stopped = own(*WORDS, *stop, "--out", "cut.h5", interrupt_at=15)
    assert stopped.exit_code == 130
    told = stopped.stderr.partition("stopped; `langevin train ")[2].partition("` continues")[0]
    assert own(*shlex.split(told)).exit_code == 0
    assert own(*WORDS, *stop, "--out", "whole.h5").exit_code == 0
    whole = load(own.folder / "whole.h5")
    assert (whole.events["stopped_by"] >= -1).all()
    assert_same(load(own.folder / "cut.h5"), whole)
    free = [*WORDS, "--every", "5"]
    assert own(*free, "--out", "short.h5").exit_code == 0
    longer = own(*free, "--steps", "40", "--extend", "short.h5")
    assert longer.exit_code == 0, longer.stderr
    assert own(*free, "--steps", "40", "--out", "long.h5").exit_code == 0
    assert_same(load(own.folder / "short.h5"), load(own.folder / "long.h5"))


def test_an_observable_is_one_file_of_a_folder_of_plugins(own):
    """The command to resume a run names the folder again."""
    forget()
    shutil.copytree(ROOT / "tests/plugins/observables", own.folder / "mine/observables")
    words = [
        "line",
        "--learning-rate",
        "0.3",
        "--observe",
        "small-weights",
        "--plugins",
        "mine",
        "--out",
        "mine.h5",
    ]
    stopped = own(*words, interrupt_at=15)
    assert stopped.exit_code == 130, stopped.stderr
    told = stopped.stderr.partition("stopped; `langevin train ")[2].partition("` continues")[0]
    assert "--plugins mine" in told
    forget()
    assert own(*shlex.split(told)).exit_code == 0
    forget()
    assert (np.asarray(load(own.folder / "mine.h5").observables["small_weights[0]"]) == 0).all()
    assert "no observable 'small-weights'" in own(*words[:4], "small-weights").stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--observe", "norm"], "there is no observable 'norm'; did you mean norms? choose one of"),
        (["--observe", "seen:width"], "module 'seen' has no 'width'"),
        (["--observe", "seen:three"], "seen:three is not an observable, but something of type int"),
        (
            ["--observe", "seen:many"],
            "seen:many is not an observable, but something of type function of a, b, c",
        ),
        (["--observe", "seen:broken"], "seen:broken fails: RuntimeError: not today"),
        (["--observe", "norms,norms"], "the observable 'norms' is named twice"),
        (["--observe", "embedding-spectrum"], "line has no table of embeddings"),
        (["--observe", "class-accuracy"], "the targets of line are numbers and no labels"),
        (["--stop", "height>1"], "this network has no observable 'height' to stop at: its observables are"),
        (["--observe", "seen:both", "--stop", "both>1"], "both has 2 parts"),
        (["--stop", "train_loss<1 for long"], "'long' in the criterion"),
        (["--stop", "train_loss"], "'train_loss' is not a criterion to stop at: NAME<NUMBER"),
        (["--stop", ""], "'' is not a criterion"),
        (["--observe", ""], "there is no observable ''"),
        (["--stop", "test_accuracy>0.9"], "so it has no accuracies to decide by"),
        (
            ["--stop", "generalised=1,2;train_loss<1"],
            "'1,2' in the criterion 'generalised=1,2' is not a number",
        ),
    ],
)
def test_a_mistake_is_a_sentence(own, words, message):
    done = own("line", "--learning-rate", "0.1", *words, "--out", "none.h5")
    assert done.exit_code == 2, done.output
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_of_a_sweep_and_of_a_plan_file_have_them(own):
    """Several learning rates, or numbers of a named criterion, make several runs; several criteria do not."""
    words = "line --learning-rate 0.1,0.2 --observe norms,seen:both --observe sharpness --stop height>1;train_loss=2"
    context = train.make_context("train", words.split())
    plan, _ = context.meta[SWEEP]
    assert [axis.name for axis in plan.grid] == ["learning-rate"]
    assert plan.fixed["observe"] == "norms,seen:both,sharpness"
    assert plan.fixed["stop"] == "height>1;train_loss=2"
    assert context.params["observe"] == ("norms", "seen:both", "sharpness")
    assert context.params["stop"] == ("height>1", "train_loss=2")
    plan, _ = train.make_context("train", "line --stop train_loss=1,2".split()).meta[SWEEP]
    assert [(axis.name, axis.values) for axis in plan.grid] == [("stop.train_loss", ("1", "2"))]
    assert own(*WORDS, "--stop", "height>1.5", "--out", "planned.h5").exit_code == 0


def test_a_run_is_made_again_from_its_plan(own):
    again = CliRunner().invoke(main, ["train", *WORDS, "--stop", "height>1.5", "--out", "first.h5"])
    assert again.exit_code == 0, again.output
    text = CliRunner().invoke(main, ["config", "first.h5"])
    assert text.exit_code == 0, text.output
    (own.folder / "plan.toml").write_text(text.output)
    done = CliRunner().invoke(main, ["train", "--config", "plan.toml", "--out", "second.h5"])
    assert done.exit_code == 0, done.output
    assert_same(load(own.folder / "first.h5"), load(own.folder / "second.h5"))
