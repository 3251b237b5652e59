"""The figures of docs/concepts.md, one script each; `python -m docs.figures` draws them."""
