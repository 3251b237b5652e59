"""The tutorial does what it says: all blocks in their order, in one folder, beside the outputs it shows."""

import json
import re
import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.project.documents import FENCE, ROOT

TUTORIAL = (ROOT / "docs/tutorial.md").read_text()
#: From here on numbers come from JAX, whose bits differ between processors: there the words must agree.
NETWORK = TUTORIAL.index("## 3.")
NUMBER = re.compile(r"-?\b\d+(?:\.\d+)?(?:e-?\d+)?|never|nan|inf")
#: Runs the blocks it reads, one process and one set of names for all of Python, and writes what each printed.
DRIVER = """
import contextlib, io, json, shlex, subprocess, sys, warnings
from pathlib import Path

warnings.simplefilter("error")
sys.path.insert(0, "")
names, printed = {"__name__": "__main__"}, []
for language, text in json.load(sys.stdin):
    out = io.StringIO()
    if language == "sh":
        for line in text.splitlines():
            words = shlex.split(line, comments=True)
            assert words[0] == "langevin", line
            command = [sys.executable, "-c", "from langevin.cli import main; main()", *words[1:]]
            done = subprocess.run(command, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            out.write(done.stdout)
    elif text.startswith("# ") and text.split(maxsplit=2)[1].endswith(".py"):
        Path(text.split(maxsplit=2)[1]).write_text(text)
    else:
        with contextlib.redirect_stdout(out):
            exec(compile(text, "tutorial", "exec"), names)
    printed.append(out.getvalue())
json.dump(printed, sys.stdout)
"""


def blocks():
    """(language, text, output shown or None, whether numbers may differ) of every block that runs."""
    found = [(match[1], match[2], match.start()) for match in FENCE.finditer(TUTORIAL)]
    after = [*found[1:], ("", "", 0)]
    return [
        (language, text, shown if following == "text" else None, place > NETWORK)
        for (language, text, place), (following, shown, _) in zip(found, after, strict=True)
        if language in {"sh", "python"} and ("equinox" not in text or find_spec("equinox"))
    ]


def run(folder):
    """What each block printed."""
    given = json.dumps([(language, text) for language, text, _, _ in blocks()])
    done = subprocess.run(
        [sys.executable, "-c", DRIVER], input=given, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def lines(text, rough):
    """Lines that are not empty; if rough, with numbers and blanks alike."""
    kept = [line.rstrip() for line in text.splitlines() if line.strip()]
    return [re.sub(r"[\s-]+", " ", NUMBER.sub("#", line)) for line in kept] if rough else kept


def missing(shown, printed, rough=False):
    """Lines shown that were not printed in this order; without a line `...` also lines printed but not shown."""
    wanted, given = lines(shown, rough), lines(printed, rough)
    if "..." not in wanted:
        return [] if wanted == given else [line for line in wanted if line not in given] or given
    rest = iter(given)
    return [line for line in wanted if line != "..." and line not in rest]


def test_every_block_of_the_tutorial_runs_and_prints_what_is_shown(tmp_path):
    for (_, text, shown, rough), printed in zip(blocks(), run(tmp_path), strict=True):
        if shown is not None:
            assert not missing(shown, printed, rough), text
        elif "print(" in text:
            pytest.fail(f"the output of this block is not shown: {text}")
    for figure in ("cube.png", "tiny.png"):
        assert (tmp_path / figure).stat().st_size > 10_000


def test_an_output_that_is_another_is_noticed():
    printed = "toy: 1.5 +- 0.1, agrees\n\nnetwork: never\n"
    assert not missing(printed, printed)
    assert not missing("...\nnetwork: never", printed)
    assert missing("toy: 1.5 +- 0.1, agrees", printed)
    assert missing("network: never\n...\ntoy: 1.5 +- 0.1, agrees", printed)
    assert missing("toy: 1.6 +- 0.1, agrees\n...", printed)
    assert not missing("toy: 1.6 +- 0.2, agrees\n...", printed, rough=True)
    assert missing("toy: 1.6 +- 0.2, excluded\n...", printed, rough=True)


def test_links_of_the_tutorial_exist():
    links = re.findall(r"\]\(([^)#:]+)\)", TUTORIAL)
    assert len(links) > 3
    assert all((ROOT / "docs" / link).exists() for link in links)
