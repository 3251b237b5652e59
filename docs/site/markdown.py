"""Pieces of a page in Markdown."""

import re

#: Code between backticks, or a word that is stressed.
MARKUP = re.compile(r"(`[^`]+`|(?<!\w)\*\w[\w -]*\w\*(?!\w))")


def table(head, rows):
    """A table; each cell is Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell(words) for words in line)} |" for line in lines)


def cell(words):
    """Words that a cell can hold."""
    return " ".join(re.sub(r"(?<!\\)\|", r"\\|", words).split())


def plain(words):
    """Words of the program, in which only code between backticks and stressed words are Markdown."""
    return "".join(
        part if MARKUP.fullmatch(part) else re.sub(r"([*_<$\[\]])", r"\\\1", part)
        for part in MARKUP.split(words)
    )


def paragraphs(text):
    """A text of the program in Markdown: its paragraphs, and as code those that are indented."""
    found = []
    for block in re.split(r"\n\s*\n", text):
        code = block.startswith("    ")
        found.append(
            fenced("text", re.sub(r"^    ", "", block, flags=re.MULTILINE)) if code else plain(block)
        )
    return "\n\n".join(found)


def fenced(language, text):
    """A block of code."""
    return f"```{language}\n{text.rstrip()}\n```"


def contents(pages, caption=None):
    """The entry of these pages in the contents of the site: paths, patterns, or titles with paths."""
    lines = [page if isinstance(page, str) else f"{page[0]} <{page[1]}>" for page in pages]
    said = [":hidden:", ":glob:", *([f":caption: {caption}"] if caption else [])]
    return fenced("{toctree}", "\n".join([*said, "", *lines]))


def page(title, *parts):
    """A page: its title, and its parts that are not empty."""
    return "\n\n".join([f"# {title}", *filter(None, parts)]) + "\n"
