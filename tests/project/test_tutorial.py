"""The tutorial does what it says: all blocks in their order, in one folder, beside the outputs it shows."""

import configparser
import json
import re
import subprocess
import sys

import pytest

from tests.project.documents import FENCE, ROOT

TUTORIAL = (ROOT / "docs/tutorial.md").read_text()
#: From here on numbers come from JAX, whose bits differ between processors: there a number must agree within its
#: printed error, one without an error to 1 %, and all else to the letter.
NETWORK = TUTORIAL.index("## 3.")
DIGITS = r"-?\b\d+(?:\.\d+)?(?:e[+-]?\d+)?"
NUMBER = re.compile(rf"({DIGITS})(?: \+- ({DIGITS}))?")
#: Shown errors by which a number may differ: four of the difference of two, which chance exceeds once in 16 000. Other
#: rounding moves the networks by less than this.
ALLOWED = 4 * 2**0.5
#: Of one network: instructions of 128 and of 512 bits gave the same four digits after 6000 steps.
ROUNDING = 0.01
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
        if language in {"sh", "python"}
    ]


def run(folder):
    """What each block printed."""
    given = json.dumps([(language, text) for language, text, _, _ in blocks()])
    done = subprocess.run(
        [sys.executable, "-c", DRIVER], input=given, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def lines(text):
    """Lines that are not empty."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def alike(shown, printed, rough):
    """Whether a line is the other; if rough, up to the errors of its numbers, and to the blanks around them."""
    if not rough:
        return shown == printed
    words = [re.sub(r"[\s-]+", " ", NUMBER.sub("#", line)) for line in (shown, printed)]
    pairs = zip(NUMBER.findall(shown), NUMBER.findall(printed))
    return words[0] == words[1] and all(
        abs(float(a) - float(b)) <= (ALLOWED * float(error) if error else ROUNDING * abs(float(a)))
        and bool(error) == bool(other)
        for (a, error), (b, other) in pairs
    )


def missing(shown, printed, rough=False):
    """Lines shown that were not printed in this order; without a line `...` also lines printed but not shown."""
    wanted, given = lines(shown), lines(printed)
    whole, rest = "..." not in wanted, iter(given)
    wanted = [line for line in wanted if line != "..."]
    lost = [line for line in wanted if not any(alike(line, other, rough) for other in rest)]
    return lost or (given if whole and len(given) != len(wanted) else [])


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


def test_a_measured_number_of_a_network_may_differ_by_its_error_and_nothing_else():
    printed = "loss / law = 1.064 +- 0.014, excluded (n = 5)\nsteps  1137 +- 1.4e+02   5 of 5"
    first, second = printed.splitlines()
    assert not missing(printed, printed, rough=True)
    assert not missing(f"{first}\nsteps  900 +- 90   5 of 5", printed, rough=True)
    assert not missing(f"loss / law = 1.124 +- 0.014, excluded (n = 5)\n{second}", printed, rough=True)
    for wrong in (
        "1.164 +- 0.014, excluded (n = 5)",
        "1.064 +- 0.014, agrees (n = 5)",
        "1.064 +- 0.014, excluded (n = 6)",
    ):
        assert missing(f"loss / law = {wrong}\n{second}", printed, rough=True)
    assert missing(first, printed, rough=True)


def test_what_the_blocks_import_is_installed_by_the_extra_that_the_page_names():
    (extra,) = set(re.findall(r"pip install -e '\.\[(\w+)\]'", TUTORIAL))
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    required = config["options"]["install_requires"] + config["options.extras_require"][extra]
    blocks_text = "".join(text for _, text, _, _ in blocks())
    imported = set(re.findall(r"^(?:import|from) (\w+)", blocks_text, re.MULTILINE))
    own = {"langevin", *re.findall(r"^# (\w+)\.py$", blocks_text, re.MULTILINE)}
    assert "equinox" in imported
    assert imported - own <= set(re.findall(r"^\w+", required, re.MULTILINE))


def test_links_of_the_tutorial_exist():
    links = re.findall(r"\]\(([^)#:]+)\)", TUTORIAL)
    assert len(links) > 3
    assert all((ROOT / "docs" / link).exists() for link in links)
