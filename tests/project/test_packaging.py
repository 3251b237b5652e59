"""The wheel holds one package, complete, and works where there is no checkout."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

import langevin
from tests.project.documents import ROOT

pytestmark = pytest.mark.filterwarnings("default")
NOT_COPIED = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__", "*.h5")


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


def test_the_installed_command_answers(outside):
    done = outside("--help")
    assert done.returncode == 0
    assert "langevin simulate --manifold cube" in done.stdout
    assert outside("--version").stdout.split()[-1] == langevin.__version__


def test_a_network_of_the_repository_is_explained_outside_it(outside):
    done = outside("train", "models.parity")
    assert done.returncode == 2
    assert "no module models.parity here" in done.stderr
    assert "run from its root" in done.stderr
    assert "Traceback" not in done.stderr
