"""Every sim runs with --quick and ends in a verdict."""

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import sims

ROOT = Path(sims.__file__).parents[1]


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(sims.__path__)])
def test_a_quick_sim_ends_in_a_verdict(name):
    command = [sys.executable, "-W", "error", "-m", f"sims.{name}", "--quick"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Verdict: " in done.stdout
