"""Put the sources of the site together: the documents of the repository, and pages made from the program.

The sources have the folders of the repository, so the relative links of the documents lead where they lead on a code
host.
"""

import os
import re

from docs.site import api, commands, delays, gallery, landscapes, start, theories
from docs.site.markdown import contents
from docs.site.root import ROOT

#: Documents of the repository that are pages, and what they show or offer for download.
COPIED = (
    "*.md",
    "LICENSE",
    "CITATION.cff",
    "docs/**/*.md",
    "docs/**/*.png",
    "results/**/*.md",
    "results/**/*.png",
    "results/**/*.csv",
    "results/**/*.json",
)
#: Folders and files that documents name, and the page that stands for them on the site.
STANDS_FOR = {
    "results/benchmarks": "results/benchmarks/README.md",
    "langevin/delays": "delays/index.md",
    "langevin/types/delay.py": "api/types.md",
    "langevin/theory/learning/weight_collapse.py": "api/theory.learning.md",
}
#: Documents of the repository below which other documents stand in the contents.
ABOVE = {"results/benchmarks/README.md": ("*",)}
MADE = (start, landscapes, theories, delays, commands, api, gallery)
LINK = re.compile(r"(?<=\]\()[^)#:\s]+(?=[)#])")


def assemble(folder):
    """Make a folder hold exactly the sources; a file that has not changed is left as it is, and not read again."""
    wanted = {folder / name: content for name, content in sources().items()}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path not in wanted:
            path.unlink()
    for path, content in wanted.items():
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def sources():
    """Contents of all sources by their paths."""
    paths = {path for pattern in COPIED for path in ROOT.glob(pattern)}
    copied = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in sorted(paths)}
    documents = {
        name: led(name, text.decode()).encode() for name, text in copied.items() if name.endswith(".md")
    }
    made = {name: text.encode() for maker in MADE for name, text in maker.pages().items()}
    return copied | documents | made


def led(name, text):
    """A document whose links to folders and code lead to the pages that stand for them on the site."""
    folder = os.path.dirname(name)

    def page(match):
        named = os.path.normpath(os.path.join(folder, match[0]))
        return os.path.relpath(STANDS_FOR[named], folder or ".") if named in STANDS_FOR else match[0]

    below = f"\n{contents(ABOVE[name])}\n" if name in ABOVE else ""
    return LINK.sub(page, text) + below
