"""The figures of docs/theory, one script a page; `python -m docs.theory.figures [PAGE ...]` draws them."""
