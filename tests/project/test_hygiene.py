"""Tracked files are clean: no path of a machine, no file too long, the same version everywhere."""

import re
import shutil
import subprocess

import pytest

import langevin
from tests.project.documents import ROOT

MACHINE_PATH = re.compile(r"(?<![\w.~>])/(?:root|work|tmp|home|Users|mnt|data|scratch)/[\w.]")
LONGEST_FILE = 300


def tracked():
    """Files that git tracks or would add; without git all files except caches."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(
            listing, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.splitlines()
        return [ROOT / name for name in names if (ROOT / name).is_file()]
    return [
        path for path in ROOT.rglob("*") if path.is_file() and not set(path.parts) & {".venv", "__pycache__"}
    ]


def texts():
    """Path and text of the tracked files that are text."""
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data[:8192]:
            yield path, data.decode()


def test_no_file_names_a_path_of_one_machine():
    found = [
        f"{path.relative_to(ROOT)}: {hit.group()}"
        for path, text in texts()
        for hit in MACHINE_PATH.finditer(text)
    ]
    assert not found


@pytest.mark.parametrize("folder", ["root", "work", "tmp", "home"])
def test_a_path_of_one_machine_would_be_found(folder):
    assert MACHINE_PATH.search(f'path = "/{folder}/x.h5"')
    assert not MACHINE_PATH.search(f"results/{folder}/x.h5")


def test_no_file_of_code_is_long():
    long = [path.name for path, text in texts() if path.suffix == ".py" and text.count("\n") > LONGEST_FILE]
    assert not long


def test_no_large_file_is_tracked():
    assert not [path.name for path in tracked() if path.stat().st_size > 500_000]


def test_the_version_is_the_same_everywhere():
    version = re.escape(langevin.__version__)
    assert re.search(rf"^version: {version}$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert re.search(rf"^## \[{version}\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_every_test_of_the_night_is_there():
    """A renamed test would not be in the list, and would run by day."""
    for line in (ROOT / "tests/nightly.txt").read_text().splitlines():
        file, _, name = line.partition("::")
        assert f"def {name.partition('[')[0]}(" in (ROOT / file).read_text(), line
