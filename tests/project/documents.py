"""The documents of the repository and the code blocks in them."""

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/architecture.md",
    "docs/commands.md",
    "docs/extending.md",
    "docs/files.md",
    "docs/own_landscapes.md",
)
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(document, language):
    """Texts of the fenced blocks in one language."""
    return [text for name, text in FENCE.findall((ROOT / document).read_text()) if name == language]


def shell_lines(document):
    """Lines of the shell blocks, comments and continuations resolved."""
    text = "".join(blocks(document, "sh")).replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def langevin_calls(document):
    """Arguments of every `langevin ...` call in the shell blocks of a document, one list for each call."""
    calls = []
    for line in shell_lines(document):
        for part in re.split(r"&&|\|\||;", line):
            words = shlex.split(part, comments=True)
            if words and Path(words[0]).name == "langevin":
                calls.append(words[1:])
    return calls
