"""The start page: what a reader wants to do, what the toolkit is, and the contents of the site."""

import re

from docs.site.markdown import contents, page, table
from docs.site.root import ROOT

#: What a reader wants to do, and the page for it.
WISHES = (
    ("check a claim of a paper in one command", "README.md#ask-a-question",
     "or read the [verdicts](results/README.md) on those that were checked"),
    ("add my landscape", "docs/own_landscapes.md", "or choose one of the [built-in ones](landscapes/index.md)"),
    ("add my network", "docs/own_networks.md", "or train one of the [networks of the repository](docs/networks.md)"),
    ("add my theory", "docs/own_theories.md", "or one of the [delay](docs/delays.md) before networks generalise"),
    ("read the theory", "docs/README.md#theories", "after the [concepts](docs/concepts.md), in ten minutes"),
    ("look up a command", "commands/index.md", "or a function: [Python reference](api/index.md)"),
    ("learn it in half an hour", "docs/tutorial.md", "and the words: [glossary](docs/glossary.md)"),
    ("choose integrator, step and horizon", "docs/choosing.md",
     "and what to do after a [verdict](docs/commands.md#what-to-do-after-a-verdict)"),
)  # fmt: skip
#: Contents of the site: title, and its pages.
PARTS = {
    "First": ("docs/tutorial", "docs/concepts", "docs/choosing", "docs/faq", "docs/scope", "docs/glossary"),
    "How to": (
        "docs/commands", "docs/own_landscapes", "docs/own_networks", "docs/own_theories", "docs/networks",
        "docs/sweeps", "docs/extending", "docs/cluster", "docs/files", "docs/plugins",
    ),
    "Theory": (
        "docs/questions", "docs/theory/gibbs", "docs/theory/fokker_planck", "docs/theory/eyring",
        "docs/theory/rare_events", "docs/theory/first_passage", "docs/theory/cube", "docs/theory/drift",
        "docs/theory/volume_effect", "docs/theory/lazy_to_rich", "docs/theory/scaling", "docs/default_steps",
        "docs/delays",
    ),
    "Reference": ("commands/index", "landscapes/index", "theories/index", "delays/index", "api/index"),
    "Results": (
        ("Verdicts", "results/README"), "gallery", "results/stability",
        "results/benchmarks/README", "results/reliability/*",
    ),
    "Project": (
        ("Read me", "README"), "docs/README", "docs/architecture", "CONTRIBUTING", "SECURITY", "CHANGELOG",
    ),
}  # fmt: skip


def pages():
    """The page by its path."""
    wishes = [[f"[{wish}]({link})", more] for wish, link, more in WISHES]
    about = re.search(r"\n\n(.+?)\n\n## ", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    parts = [contents(pages, caption=title) for title, pages in PARTS.items()]
    return {"index.md": page("langevin", "I want to", table(["", ""], wishes), about, *parts)}
