"""`langevin train`: a model found from the working directory, a file, a figure, one sentence on failure."""

import json
import re
import shlex
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-c", "from langevin.cli import main; main()", "train"]


def test_a_model_that_there_is_not_is_explained(tmp_path):
    done = subprocess.run(
        [*COMMAND, "models.nothing"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no module models.nothing here" in done.stderr
    assert "name a network of `langevin list models`, or your own" in done.stderr


def test_a_model_of_ones_own_is_trained_saved_and_drawn(line):
    law = ["--learning-rate", "0.5", "--temperature", "1e-30"]
    done = line("line", *law, "-p", "slope=3", "--seed", "5", "--plot", "line.png", "--json")
    assert done.exit_code == 0, done.stderr
    assert "temperature 1e-30, learning rate 0.5, noise sd per step 1e-15" in done.stderr
    assert done.stderr.count("warning: the noise of one step") == 1  # float32 loses it
    result = json.loads(done.stdout)
    assert [chain["status"] for chain in result["chains"]] == ["finished"] * 2
    assert result["statistics"]["train_loss"]["n"] == 2
    assert result["meta"]["seed"] == 5
    assert (line.folder / "line.png").stat().st_size > 10_000

    from langevin.store import load

    assert load(line.folder / "line.h5").meta["model"] == "line"


def test_the_figure_that_is_named_is_drawn(line, monkeypatch):
    drawn = []
    monkeypatch.setattr("langevin.figures.weights.motion", lambda trajectory, path: drawn.append(path))
    monkeypatch.setattr("langevin.figures.weights.circle", lambda tables, *words: drawn.append(tables))
    words = ["line", "--learning-rate", "0.3", "--seed", "5", "--force"]
    assert line(*words, "--figure", "motion", "--plot", "motion.png").exit_code == 0
    done = line(*words, "-p", "slope=7", "--figure", "circle", "--plot", "circle.png")
    assert done.exit_code == 0, done.stderr
    assert str(drawn[0]) == "motion.png"
    final = [
        7 - 6 * (1 - 0.3 * 7 / 15) ** 30
    ] * 2  # descent from 1 to 7, the mean square of the inputs is 7/15
    assert [float(table[0, 0]) for table in drawn[1]] == pytest.approx(final, rel=1e-4)
    assert not (line.folder / "motion.png").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["line.py"], 2, "not a dotted module name"),
        (["./line"], 2, "not a dotted module name"),
        (["bare", "--steps", "30"], 2, "--learning-rate"),
        (["bare", "--learning-rate", "0.1"], 2, "--steps"),
        (["line", "-p", "slop=1"], 2, "slope"),
        (["line", "--learning-rate", "nan"], 2, "nan"),
        (["line", "--learning-rate", "0.1", "--temperature", "-1"], 2, "temperature"),
        (["line", "--learning-rate", "0.1", "--out", "missing/x.h5"], 5, "missing"),
        (["line", "--learning-rate", "0.1", "--plot", "x.txt"], 2, ".png, .pdf, .svg"),
        (["line", "--learning-rate", "0.1", "--figure", "motion"], 2, "give --plot FILE"),
        (["line", "--learning-rate", "0.1", "--figure", "circle", "--plot", "x.png"], 2, "no table of emb"),
        (["line", "--learning-rate", "0.1", "--schedule", "linear"], 2, "takes polynomial:SCALE,POWER"),
        (["line", "--learning-rate", "1e9"], 2, "take a learning rate below"),
        (["line", "--learning-rate", "1e9", "--unstable"], 3, "every network diverged"),
        (["line", "--learning-rate", "0.1", "--law", "sgd"], 2, "needs batch"),
        (["line", "--learning-rate", "0.1", "--law", "adam"], 2, "no law is called 'adam'"),
        (["line", "--learning-rate", "0.1", "--set", "slope=1,2"], 2, "numbers of the law"),
        (
            ["line", "--law", "heavy-ball", "--option", "momentum=1"],
            2,
            "must be at least 0 and below 1, got 1.0",
        ),
        (["line", "--leaf-rate", "w=2"], 2, "there is one, without a name"),
        (["line", "--leaf-rate", "2"], 2, "takes NAME=VALUE"),
        (["line", "--learning-rate", "0.1", "--stop", "train_loss=x"], 2, "train_loss takes numbers"),
        (["line", "--learning-rate", "0.1", "--preset", "quick"], 2, "no preset 'quick': it has learns"),
        (["--resume", "line.h5"], 4, "is finished, so there is nothing to resume"),
        (["line", "--resume", "line.h5", "--steps", 3], 4, "is finished"),
        ([], 2, "MODEL is missing"),
    ],
)
def test_a_mistake_is_one_sentence_and_an_exit_code(line, arguments, code, message):
    if "line.h5" in arguments and not (line.folder / "line.h5").is_file():  # a finished run to be refused
        assert line("line").exit_code == 0
    done = line(*arguments, *(["--force"] if "--resume" not in arguments else []))
    assert done.exit_code == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert ("mean +- s.e." in done.stdout) == (code == 3)  # the table of a training that has run


def test_a_factory_that_fails_is_one_sentence(line):
    (line.folder / "broken.py").write_text("def model(): return 1 / 0")
    done = line("broken")
    assert done.exit_code == 2
    assert done.stderr == "Error: broken fails: ZeroDivisionError: division by zero\n"


def test_a_sweep_prints_every_setting(line):
    words = [
        "line",
        "--learning-rate",
        "0.3",
        "--set",
        "temperature=0,1e-3",
        "--seeds",
        "3",
        "--out",
        "sweep.h5",
        "--plot",
        "sweep.png",
    ]
    done = line(*words)
    assert done.exit_code == 0, done.stderr
    assert "temperature 0:" in done.stdout
    assert "temperature 0.001:" in done.stdout
    assert done.stdout.count("finished") == 6
    assert "temperature 0 ... 0.001" in done.stderr
    result = json.loads(line(*words, "--json", "--force").stdout)
    assert [setting["temperature"] for setting in result["settings"]] == [0, 1e-3]
    assert [chain["temperature"] for chain in result["chains"]] == [0] * 3 + [1e-3] * 3
    assert (line.folder / "sweep.png").stat().st_size > 10_000
    asked = line.compare("sweep.h5")
    assert asked.exit_code == 0, asked.output
    assert "Exponent of the squared displacement, temperature 0.001" in asked.output
    assert "temperature 0: when this run is on the zero-loss set is not known" in asked.output


def test_a_preset_sets_dials_and_settings_and_shows_its_bands(line):
    done = line("line", "--preset", "learns", "--out", "preset.h5")
    assert done.exit_code == 0, done.stderr
    assert "inside the band 0 ... 0.1" in done.stdout
    changed = line("line", "--preset", "learns", "--steps", "1", "--out", "changed.h5", "--json")
    result = json.loads(changed.stdout)
    assert result["meta"]["dials"] == {}
    assert result["meta"]["steps"] == 1
    assert result["bands"]["train_loss"][-1] is False


def test_ctrl_c_leaves_a_readable_file_and_resume_goes_on_to_the_same_bits(line):
    from langevin.store import load
    from tests.sgld.test_sgld_resume import assert_same

    words = ["line", "--learning-rate", "0.3", "--temperature", "1e-3", "-p", "slope=3"]
    words += ["--schedule", "polynomial:10,1", "--set", "temperature=0,1e-3"]
    stopped = line(*words, "--seed", "5", "--out", "cut.h5", interrupt_at=15)
    assert stopped.exit_code == 130
    told = re.search("stopped; `langevin train (.*)` continues", stopped.stderr)[1]
    part = load("cut.h5")
    assert part.meta["unfinished"]
    assert part.steps.tolist() == [0, 5, 10, 15]
    again = line(*words, "--out", "cut.h5")
    assert again.exit_code == 5
    assert "resume it by --resume" in again.stderr
    unnamed = line("--resume", "cut.h5")
    assert unnamed.exit_code == 2
    assert f"`langevin train {told}`" in unnamed.stderr
    elsewhere = line(*words, "--resume", "cut.h5", "--out", "other.h5")
    assert (elsewhere.exit_code, "leave --out out" in elsewhere.stderr) == (2, True)
    assert line(*words, "--resume", "cut.h5", interrupt_at=25).exit_code == 130
    assert load("cut.h5").steps[-1] == 25
    done = line(*shlex.split(told), "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["meta"]["seed"] == 5
    assert not (line.folder / "cut.h5.partial").exists()
    line(*words, "--seed", "5", "--out", "whole.h5")
    whole = load("whole.h5")
    assert_same(load("cut.h5"), whole)
    assert whole.times[-1] == pytest.approx(sum(0.3 / (1 + step / 10) for step in range(30)))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (["--steps", 31], "the setting steps (it was 30)"),
        (["-p", "slope=4"], "the data"),
        (["--schedule", "polynomial:9,1"], "the schedule"),
        (["--seed", 6], "the setting seed (it was 5)"),
        (["--law", "optax.adam"], "the setting name (it was 'sgld')"),
    ],
)
def test_a_run_goes_on_only_with_what_it_was_begun_with(line, change, reason):
    words = ["line", "--learning-rate", "0.3", "--seed", "5"]
    if not (line.folder / "mine.h5.partial").exists():
        assert line(*words, "--out", "mine.h5", interrupt_at=15).exit_code == 130
    refused = line(*words, *change, "--resume", "mine.h5")
    assert refused.exit_code == 4
    assert reason in refused.stderr
    assert (
        "continues as `langevin train line --learning-rate 0.3 --seed 5 --resume mine.h5`" in refused.stderr
    )


def test_a_finished_file_is_replaced_only_by_force(line):
    words = ["line", "--learning-rate", "0.3", "--seed", "5"]
    assert line(*words, "--out", "taken.h5", interrupt_at=15).exit_code == 130
    (line.folder / "taken.h5").write_text("mine")
    refused = line(*words, "--resume", "taken.h5")
    assert (refused.exit_code, "exists already" in refused.stderr) == (5, True)
    assert line(*words, "--resume", "taken.h5", "--force").exit_code == 0


def test_a_law_with_a_memory_and_factors_of_leaves_goes_on_by_its_words(line):
    """The slope is a heavy ball with half the learning rate and four times the decay, on a mean square of 7 / 15."""
    (line.folder / "named.py").write_text(
        "from dataclasses import replace\nfrom line import model as plain\n\ndef model():\n    own = plain()\n"
        "    return replace(own, init=lambda key: {'the slope': own.init(key)},\n"
        "        apply=lambda w, x: own.apply(w['the slope'], x))\n"
    )
    from langevin.store import load

    words = ["named", "--learning-rate", "0.3", "--steps", "30", "--seeds", "1", "--law", "heavy-ball"]
    words += ["--option", "momentum=0.5", "--leaf-rate", "the slope=0.5", "--leaf-decay", "the slope=4"]
    words += ["--weight-decay", "0.1", "--seed", "5", "--every", "5"]
    assert line(*words, "--out", "ball.h5", interrupt_at=15).exit_code == 130
    refused = line(*words[:-2], "--option", "momentum=0.6", "--resume", "ball.h5")
    assert refused.exit_code == 4
    done = line(*words, "--resume", "ball.h5")
    assert done.exit_code == 0, done.stderr
    run, slope, moved = load("ball.h5"), 1.0, 0.0
    for _ in range(30):
        moved = 0.5 * moved - 0.5 * 0.15 * (7 / 15 * (slope - 2) + 0.4 * slope)
        slope += moved
    assert run.observables["weight_norm"][0, -1] == pytest.approx(slope, rel=1e-5)
    assert run.meta["options"] == {"momentum": 0.5}
    assert run.meta["leaves"] == {"the slope": {"rate": 0.5, "decay": 4.0}}


def test_every_option_of_a_run_stands_in_the_line_that_resumes_it():
    words = "net -p a=1 --preset x --steps 9 --law sgd --learning-rate 0.5 --schedule polynomial:1,2 --temperature 0.0"
    words += (
        " --label-noise 0.1 --weight-decay 0.2 --decay coupled --batch 3 --chains 4 --dtype float64 --lanes 2"
    )
    words += " --leaf-rate a.b=0.5 --leaf-decay c=0.0 --leaf-decay d=2.0"
    words += " --unstable --option b1=0.5 --set temperature=0.0,1e-06 --after-memorisation weight_decay=1.0"
    words += " --stop generalised=5.0 --observe norms --observe a.b:c --seed 7 --force"
    check_words(words)
    check_words(words.replace("--stop generalised=5.0", "--stop test_loss<0.5 --stop norms[in]>=1e-09"))


def check_words(words):
    from langevin.cli.jobs import read_job
    from langevin.cli.train import train
    from langevin.cli.unfinished import words_of

    given = train.make_context("train", words.split()).params
    here = {"model", "force", "figure", "resume", "out", "plot", "as_json", "quiet"}
    job = read_job("net", {name: value for name, value in given.items() if name not in here}, True)
    again = train.make_context("train", words_of(job)[2:]).params
    assert {**given, "plugins": None} == {**again, "plugins": None}


def test_a_damaged_state_is_refused(line):
    line("line", "--learning-rate", "0.3", "--out", "bad.h5", interrupt_at=15)
    state = line.folder / "bad.h5.partial" / "state.h5"
    state.write_bytes(state.read_bytes()[:-100])
    done = line("line", "--learning-rate", "0.3", "--resume", "bad.h5")
    assert done.exit_code == 4
    assert "is damaged" in done.stderr
