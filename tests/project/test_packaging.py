"""The wheel has one complete package, and works without a checkout."""

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import langevin
from tests.project.documents import ROOT

pytestmark = pytest.mark.filterwarnings("default")
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", ".*_cache", "build", "dist", "*.egg-info", "__pycache__", "*.h5"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built by way of the source distribution from a copy of the tree, without a network."""
    folder = tmp_path_factory.mktemp("packaging")
    shutil.copytree(ROOT, folder / "tree", ignore=NOT_COPIED)
    build = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        "--outdir",
        str(folder / "dist"),
        str(folder / "tree"),
    ]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (built,) = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def outside(wheel, tmp_path_factory):
    """Run the installed command from an empty folder: `outside(*arguments)`."""
    target, empty = tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("empty")
    install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
        str(wheel),
    ]
    subprocess.run([sys.executable, *install], check=True)
    environment = {**os.environ, "PYTHONPATH": str(target)}

    def run(*arguments):
        return subprocess.run(
            [sys.executable, target / "bin" / "langevin", *arguments],
            cwd=empty, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


def test_the_wheel_installs_one_top_level_name(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {
        "langevin",
        f"langevin_manifold-{langevin.__version__}.dist-info",
    }


def test_the_wheel_is_complete(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    data = [
        path for pattern in ("*.py", "py.typed", "*.mplstyle") for path in (ROOT / "langevin").rglob(pattern)
    ]
    assert {path.relative_to(ROOT).as_posix() for path in data} <= inside


def test_the_page_on_architecture_names_every_dependency():
    """Tables of the page and of setup.cfg have the same packages, except tools of development."""
    declared = configparser.ConfigParser()
    declared.read(ROOT / "setup.cfg")
    extras = {name: text for name, text in declared["options.extras_require"].items() if name != "dev"}
    wanted = "\n".join([declared["options"]["install_requires"], *extras.values()])
    text = (ROOT / "docs/architecture.md").read_text().partition("## Dependencies")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`([a-z0-9-]+)`", " ".join(re.sub(r"\(.*\)", "", row) for row in rows))) == set(
        re.findall(r"^([a-z0-9-]+)>=", wanted, re.MULTILINE)
    )


def test_the_installed_command_answers(outside):
    done = outside("--help")
    assert done.returncode == 0
    assert "langevin simulate --manifold cube" in done.stdout
    assert outside("--version").stdout.split()[-1] == langevin.__version__


def test_the_wheel_brings_networks_sims_and_the_table_as_they_stand_in_the_repository(wheel):
    content = [*ROOT.glob("models/*.py"), *ROOT.glob("sims/*.py"), ROOT / "results/grokking_times/table.csv"]
    with zipfile.ZipFile(wheel) as archive:
        for path in content:
            name = path.relative_to(ROOT).as_posix()
            assert archive.read(f"langevin/_content/{name}") == path.read_bytes(), name


def test_networks_and_sims_are_listed_outside_a_checkout(outside):
    found = json.loads(outside("list", "models", "--json").stdout) | json.loads(
        outside("list", "sims", "--json").stdout
    )
    for folder, one in (("models", "parity"), ("sims", "cube_grokking_time")):
        public = {path.stem for path in (ROOT / folder).glob("[!_]*.py")}
        assert one in {entry["name"] for entry in found[folder]} == public


@pytest.mark.slow
def test_the_installed_package_scores_with_the_table_that_it_brings(outside):
    done = outside("score")
    assert done.returncode == 0, done.stderr
    assert "1830 runs in 610 cells" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["parity", "models.parity"])
def test_a_network_has_the_same_bits_in_a_wheel_and_in_a_checkout(name, outside, tmp_path):
    words = ["train", "--preset", "quick", "--steps", "300", "--seed", "1", "--quiet", "--observe", "norms"]
    done = outside(*words, name, "--out", str(tmp_path / "wheel.h5"))
    assert done.returncode == 0, done.stderr
    here = [sys.executable, "-m", "langevin", *words, "models.parity", "--out", str(tmp_path / "checkout.h5")]
    subprocess.run(here, cwd=ROOT, check=True, capture_output=True)
    one, other = (arrays(langevin.load(tmp_path / f"{place}.h5")) for place in ("wheel", "checkout"))
    assert one.keys() == other.keys()
    assert len(one) > 5
    for key, values in one.items():
        assert np.array_equal(values, other[key], equal_nan=values.dtype.kind == "f"), key


def arrays(run):
    """All arrays of a run by their names."""
    parts = {"times": run.times, "states": run.states, **run.observables, **run.events}
    return {name: np.asarray(values) for name, values in parts.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cube_grokking_time", "sims.cube_grokking_time", "toy-meets-network"])
def test_a_sim_runs_outside_a_checkout(name, outside):
    done = outside("run", name, "--quick")
    assert done.returncode == 0, done.stderr
    assert "Verdict: " in done.stdout


def test_a_sim_finds_parts_of_other_sims_and_networks_outside_a_checkout(outside):
    """It imports `sims._delay_tasks`; the table that its quick run reads exists only in a checkout."""
    done = outside("run", "grokking_times", "--quick")
    assert done.returncode == 2
    assert "results/grokking_times/table.csv is not here" in done.stderr


def test_a_network_that_there_is_not_is_one_sentence_outside(outside):
    done = outside("train", "models.nothing")
    assert done.returncode == 2
    assert "no module models.nothing here" in done.stderr
    assert "langevin list models" in done.stderr
    assert "Traceback" not in done.stderr
