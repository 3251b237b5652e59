"""The pages of the theories: their examples print the shown outputs, and their figures and links exist."""

import importlib
import re

import pytest

from docs import questions_page
from tests.project.documents import FENCE, ROOT

FOLDER = ROOT / "docs/theory"
PAGES = sorted(path.stem for path in FOLDER.glob("*.md"))
SCRIPTS = sorted(
    path.stem
    for path in (FOLDER / "figures").glob("*.py")
    if path.stem not in ("__init__", "__main__", "panels")
)
SECTIONS = (
    "$$",
    "**Source.**",
    "**Range.**",
    "**Functions**",
    "| symbol | meaning | unit |",
    "The whole test",
)


def test_the_page_of_questions_is_that_of_the_files():
    """`python -m docs.questions_page` writes it."""
    assert questions_page.PAGE.read_text() == questions_page.text()


def text_of(page):
    return (FOLDER / f"{page}.md").read_text()


@pytest.mark.parametrize("page", PAGES)
def test_an_example_prints_what_the_page_shows(page, capsys):
    found = FENCE.findall(text_of(page))
    assert [language for language, _ in found] == ["python", "text"]
    (_, code), (_, shown) = found
    exec(compile(code, f"{page}.md", "exec"), {})
    assert capsys.readouterr().out == shown


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_all_its_parts(page):
    text = text_of(page)
    missing = [part for part in SECTIONS if part not in text]
    assert not missing or (page == "lazy_to_rich" and missing == ["The whole test"])
    assert f"]({page}.png)" in text
    assert f"`python -m docs.theory.figures {page}`" in text
    assert f"](theory/{page}.md)" in (ROOT / "docs/README.md").read_text()


def test_every_page_has_its_script_and_its_figure():
    assert PAGES == SCRIPTS == sorted(path.stem for path in FOLDER.glob("*.png"))


@pytest.mark.parametrize("page", PAGES)
def test_the_functions_named_are_there(page):
    """Names in the paragraph of functions are names of langevin.theory, or contain their module."""
    paragraph = text_of(page).partition("**Functions** of `langevin.theory`.")[2].partition("\n\n")[0]
    names = re.findall(r"`([\w.]+)`", paragraph)
    assert names
    for name in names:
        home, _, attribute = name.rpartition(".")
        home = home if home.startswith("langevin") or not home else f"langevin.theory.{home}"
        assert hasattr(importlib.import_module(home), attribute), name


@pytest.mark.parametrize("page", ["../README", *PAGES])
def test_links_lead_somewhere(page):
    path = FOLDER / f"{page}.md"
    for link, anchor in re.findall(r"\]\(([^)#:]+)(#[^)]*)?\)", path.read_text()):
        target = path.parent / link
        assert target.exists(), link
        assert not anchor or re.search(f"^## {anchor[1:]}$", target.read_text(), re.MULTILINE), anchor


def test_mathematics_uses_nothing_that_github_refuses():
    for page in PAGES:
        prose = FENCE.sub("", text_of(page))
        assert not re.search(r"\\operatorname|\\,|\\\\", prose), page
        assert len(re.findall(r"\$\$", prose)) % 2 == 0


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("page", SCRIPTS)
def test_a_figure_is_drawn(page, tmp_path):
    importlib.import_module(f"docs.theory.figures.{page}").draw(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000


def test_the_page_of_plugins_shows_the_files_that_run():
    """Each block begins with its place below tests/plugins, and has the text of that file."""
    text = (ROOT / "docs/plugins.md").read_text()
    blocks = [code.partition("\n") for language, code in FENCE.findall(text) if language == "python"]
    shown = {place.removeprefix("# "): code for place, _, code in blocks}
    folder = ROOT / "tests/plugins"
    assert shown == {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.py")}
