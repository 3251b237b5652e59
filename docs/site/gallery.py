"""The gallery of the sims: question, figure and page of each."""

import re

from docs.site.markdown import contents, page
from docs.site.root import ROOT

HEAD = """Each sim is a script that tests claims of papers and computes its verdicts from measured numbers. The table of
all [verdicts](results/README.md) has one line a claim."""
QUESTION = re.compile(r"\n\n(.+?)\n\n!\[", re.DOTALL)


def pages():
    """The page by its path."""
    files = sorted((ROOT / "results").glob("*/figure.png"))
    names = [path.parent.name for path in files]
    parts = [entry(name, (ROOT / f"results/{name}.md").read_text()) for name in names]
    return {"gallery.md": page("Gallery", HEAD, *parts, contents(f"results/{name}" for name in names))}


def entry(name, text):
    """Question and figure of a sim."""
    question = " ".join(QUESTION.search(text)[1].split())
    link, figure = f"results/{name}.md", f"results/{name}/figure.png"
    return f"## [{name}]({link})\n\n{question}\n\n[![{question}]({figure})]({link})"
