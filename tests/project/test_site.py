"""The site builds without a warning, its links have targets, and nothing is loaded from another host."""

import re
import subprocess
import sys
from fnmatch import fnmatch

import pytest

from docs.site import gallery, start
from docs.site.assemble import ABOVE, COPIED
from docs.site.check import faults
from docs.site.docstrings import converted
from docs.site.markdown import cell, plain
from langevin.cli import COMMANDS
from langevin.registry import names
from tests.project.documents import ROOT

PAGE = '<h1 id="top">a</h1><a href="{}">b</a><script src="{}"></script>'


@pytest.mark.slow
def test_the_site_builds_and_has_a_page_for_everything_that_has_a_name(tmp_path):
    command = [sys.executable, "-m", "docs.site", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    wanted = {f"landscapes/{name}" for kind in ("manifolds", "potentials") for name in names(kind)}
    wanted |= {f"{kind}/{name}" for kind in ("theories", "delays") for name in names(kind)}
    wanted |= {f"commands/{name}" for name in COMMANDS}
    wanted |= {f"results/{path.parent.name}" for path in (ROOT / "results").glob("*/figure.png")}
    assert not [name for name in wanted if not (tmp_path / "site" / f"{name}.html").exists()]
    assert "<math" in (tmp_path / "site/docs/theory/gibbs.html").read_text()


def test_each_document_of_the_repository_is_in_the_contents():
    paths = {path for pattern in COPIED for path in ROOT.glob(pattern) if path.suffix == ".md"}
    documents = {path.relative_to(ROOT).with_suffix("").as_posix() for path in paths}
    made = "\n".join(text for maker in (start, gallery) for text in maker.pages().values())
    listed = {
        re.sub(r".*<(.+)>", r"\1", line)
        for block in re.findall(r"```\{toctree\}\n(.*?)```", made, re.DOTALL)
        for line in block.split("\n")
    }
    listed |= {f"{name.rpartition('/')[0]}/{below}" for name, entries in ABOVE.items() for below in entries}
    assert {"README", "results/README"} <= documents
    assert not [name for name in documents if not any(fnmatch(name, pattern) for pattern in listed)]


def found(folder, link="#top", script="local.js", style=""):
    (folder / "local.js").touch()
    (folder / "site.css").write_text(style)
    (folder / "page.html").write_text(PAGE.format(link, script))
    return faults(folder)


def test_a_sound_page_has_no_fault(tmp_path):
    for link in ("#top", "page.html#top", "local.js", "https://example.org/elsewhere"):
        assert not found(tmp_path, link)


@pytest.mark.parametrize(
    "broken",
    [
        {"link": "nowhere.html"},
        {"link": "#nowhere"},
        {"link": "page.html#nowhere"},
        {"script": "https://example.org/a.js"},
        {"script": "//example.org/a.js"},
        {"style": "@import 'https://example.org/a.css'"},
        {"style": "src: url(https://example.org/font.woff)"},
    ],
)
def test_a_fault_is_found(broken, tmp_path):
    assert len(found(tmp_path, **broken)) == 1


def test_words_of_the_program_are_no_markup():
    assert plain("a*b <x> `c*d` [0, 1]") == r"a\*b \<x> `c*d` \[0, 1\]"
    assert plain("2 * x in *every* case") == r"2 \* x in *every* case"
    assert cell("a | b\nc") == r"a \| b c"


def test_a_docstring_becomes_a_list_code_and_escaped_words():
    text = "|x| of `x`\n\nname    what it is,\n        in two lines\n\n    code = 1\n\nArgs:\n    x_: a point"
    made = "\n".join(converted(text.split("\n")))
    assert r"\|x\| of `x`" in made
    assert "``name``\n    what it is,\n    in two lines" in made
    assert "::\n\n    code = 1" in made
    assert made.endswith("Args:\n    x\\_: a point")
