"""A script that uses every public name of langevin has types: mypy finds them where the package is installed."""

import ast
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

import langevin
from tests.project.documents import ROOT

#: A user's script: records, functions and modules, used as in the documents.
SCRIPT = """
import math

import langevin
from langevin.types import Setting, Theory


def arrhenius(temperature: float, setting: Setting) -> float:
    return math.exp(1.0 / temperature)


well: langevin.Landscape = langevin.potentials.double_well(barrier=2.0)
problem = langevin.Problem(well, temperature=0.5)
step: langevin.Integrator = langevin.integrators.euler_maruyama()
run: langevin.Trajectory = langevin.simulate(
    problem, step, walkers=10, steps=20, dt=0.01, seed=1, stop=langevin.Stop("shift"), watch=langevin.Watch(threads=1)
)
longer = langevin.extend(run, problem, step, walkers=10, steps=40, dt=0.01)
langevin.save("run.h5", run)
again: langevin.Trajectory = langevin.load("run.h5")
langevin.export(again, "run.csv")
moved: langevin.Measurement = langevin.measure.mean_first_passage_time(run)
predicted = langevin.Prediction(1.0, remainder=0.1)
curve = langevin.Curve("mine", lambda point: predicted, "any", "a script")
row: langevin.Comparison = langevin.compare(moved, curve, 0.5)
verdict: str = row.verdict
report = langevin.ask("double-well", temperature=0.5, theory=arrhenius, seed=1)
text: str = report.text
reviewed = langevin.review("run.h5")
rates = langevin.ask_rate(well, [0.1], effort=langevin.Effort(walkers=50))
dataset = langevin.to_xarray(run)
ended: int = langevin.Status.HIT
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A Python with the package installed in its library, and with the libraries of this Python."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False, symlinks=True)
    (library,) = folder.glob("lib/python*/site-packages")
    shutil.copytree(ROOT / "langevin", library / "langevin", ignore=shutil.ignore_patterns("__pycache__"))
    (library / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "bin/python"


def test_a_script_is_checked_strictly_and_a_wrong_one_is_refused(installed, tmp_path):
    def checked(**texts):
        for name, text in texts.items():
            (tmp_path / f"{name}.py").write_text(text)
        files = [f"{name}.py" for name in texts]
        command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(installed), *files]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    names = "".join(f"print(langevin.{name})\n" for name in langevin.__all__)
    done = checked(script=SCRIPT, names=f"import langevin\n{names}")
    assert done.returncode == 0, done.stdout
    wrong = SCRIPT.replace("verdict: str", "verdict: int") + "print(langevin.no_such_name)\n"
    said = checked(wrong=wrong).stdout
    assert "Incompatible types in assignment" in said
    assert 'has no attribute "no_such_name"' in said


def test_an_editable_install_is_a_path_that_type_checkers_follow():
    """They follow no import hook, which setuptools would install."""
    paths = list(Path(sysconfig.get_path("purelib")).glob("__editable__.langevin_manifold-*.pth"))
    if not paths:
        pytest.skip("the package is not installed in an editable way here")
    assert [Path(path.read_text().strip()) for path in paths] == [ROOT]


def test_the_names_are_written_out_and_are_all_of_them():
    """Type checkers read `__all__` as text; Python reads the modules of the names."""
    body = ast.parse((ROOT / "langevin/__init__.py").read_text()).body
    said = [node for node in body if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"]
    assert ast.literal_eval(said[0].value) == langevin.__all__
    assert set(langevin.__all__) == {*langevin._HOME, *langevin._ROOMS}
    assert len(langevin.__all__) == len(set(langevin.__all__))
    for name in langevin.__all__:
        assert getattr(langevin, name) is not None
