"""Draw the figures of all pages, or of those that are named: python -m docs.theory.figures [PAGE ...]."""

import importlib
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
PAGES = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in ("__init__", "__main__", "panels"))


def main(pages):
    """Draw the figures of these pages, and say how long each took."""
    unknown = sorted(set(pages) - set(PAGES))
    if unknown:
        sys.exit(f"there is no figure of {unknown[0]!r}: choose from {', '.join(PAGES)}")
    for page in pages or PAGES:
        begun = time.perf_counter()
        importlib.import_module(f"docs.theory.figures.{page}").draw(HERE.parent / f"{page}.png")
        print(f"{page}.png: {time.perf_counter() - begun:.1f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
