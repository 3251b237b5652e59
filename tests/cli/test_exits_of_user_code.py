"""User-defined code that calls sys.exit gets a sentence and the exit code of a usage error."""

import subprocess
import sys

import pytest

FILES = {
    "at_import": "raise SystemExit(0)\n",
    "in_factory": "import sys\n\n\ndef make():\n    sys.exit(0)\n",
    "in_theory": "import sys\nfrom langevin.types import DelayTheory\n\n"
    "theory = DelayTheory('x', 'y', predict=lambda seen, constants: sys.exit(0))\n",
}


@pytest.mark.parametrize(
    "words",
    [
        "simulate --potential at_import:make",
        "simulate --potential in_factory:make",
        "train at_import",
        "run at_import",
        "score --theory at_import.py",
        "score --theory in_theory.py",
    ],
)
def test_an_exit_of_user_code_is_a_failure(words, tmp_path):
    for name, text in FILES.items():
        (tmp_path / f"{name}.py").write_text(text)
    seed = [] if words.startswith("score") else ["--seed", "1"]
    command = [sys.executable, "-m", "langevin", *words.split(), *seed]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "SystemExit: 0" in done.stderr
    assert "Traceback" not in done.stderr
