"""Draw the figures of docs/concepts.md next to it: python -m docs.figures."""

from pathlib import Path

from docs.figures import measures, retractions

FOLDER = Path(__file__).parents[1]


def main(folder=FOLDER):
    """Draw both."""
    measures.draw(folder / "measures.png")
    retractions.draw(folder / "retractions.png")


if __name__ == "__main__":
    main()
