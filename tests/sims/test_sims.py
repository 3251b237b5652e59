"""Every quick sim has an answer with a verdict that is computed from its numbers, and keeps its files."""

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import sims
from langevin.experiment.claims import Word

ROOT = Path(sims.__file__).parents[1]
NAMES = [module.name for module in pkgutil.iter_modules(sims.__path__) if not module.name.startswith("_")]


@pytest.mark.parametrize("name", NAMES)
def test_a_quick_sim_ends_in_verdicts_and_keeps_its_answer(name, tmp_path):
    command = [sys.executable, "-W", "error", "-m", f"sims.{name}", "--quick", "--out", tmp_path / "answer"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Verdict: " in done.stdout
    assert done.stdout.startswith("Quick run")
    record = json.loads((tmp_path / "answer" / "run.json").read_text())
    assert record["sim"] == name
    assert record["quick"] is True
    assert record["findings"]
    for found in record["findings"]:
        assert found["word"] in list(Word)
        assert found["claim"]
        assert found["source"]
        assert found["number"]
    assert len((tmp_path / "answer" / "table.csv").read_text().splitlines()) > 1
    assert (tmp_path / "answer" / "figure.png").stat().st_size > 10_000
