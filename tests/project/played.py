"""Run all blocks of a page in their order, in one folder, and compare the outputs with those on the page."""

import json
import re
import subprocess
import sys

from tests.project.documents import FENCE

DIGITS = r"-?\b\d+(?:\.\d+)?(?:e[+-]?\d+)?"
NUMBER = re.compile(rf"({DIGITS})(?: \+- ({DIGITS}))?")
#: Number of shown errors by which a number may differ: four for the difference of two, exceeded by chance once in
#: 16 000. Other rounding changes the networks by less.
ALLOWED = 4 * 2**0.5
#: Tolerance for one network: instructions of 128 and of 512 bits gave the same four digits after 6000 steps.
ROUNDING = 0.01
#: Program that runs the blocks it reads, with one process and one namespace for Python, and writes their outputs.
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


def blocks(page, network):
    """(language, text, output shown or None, whether numbers may differ) of every block of a page that runs.

    After the text `network`, numbers come from JAX, whose bits differ between processors: a number must agree
    within its printed error, a number without an error to 1 %, and all other text exactly.
    """
    found = [(match[1], match[2], match.start()) for match in FENCE.finditer(page)]
    after = [*found[1:], ("", "", 0)]
    return [
        (language, text, shown if following == "text" else None, place > network)
        for (language, text, place), (following, shown, _) in zip(found, after, strict=True)
        if language in {"sh", "python"}
    ]


def run(played, folder):
    """The outputs of these blocks, in an empty folder."""
    given = json.dumps([(language, text) for language, text, _, _ in played])
    done = subprocess.run(
        [sys.executable, "-c", DRIVER], input=given, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def lines(text):
    """Lines that are not empty."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def alike(shown, printed, rough):
    """Whether two lines are equal; if `rough`, up to the errors of their numbers, and to the blanks around them."""
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


def check(page, network, folder):
    """Run a page, and fail at the first block whose output differs from the shown output, or is not shown."""
    played = blocks(page, network)
    for (_, text, shown, rough), printed in zip(played, run(played, folder), strict=True):
        assert shown is not None or "print(" not in text, f"the output of this block is not shown: {text}"
        assert shown is None or not missing(shown, printed, rough), f"{text}\nprinted\n{printed}"
