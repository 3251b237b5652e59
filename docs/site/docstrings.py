"""Docstrings are plain text: they become reStructuredText before Sphinx reads them.

Characters that would be markup are escaped. Rows of a name and its meaning, two blanks or more between them, become a
list. Indented lines become code.
"""

import re

from docs.site.markdown import MARKUP

#: Earlier than napoleon, whose handler has Sphinx's own priority of 500.
EARLY = 100
SECTION = re.compile(r"^(Args|Arguments|Attributes|Raises|Returns|Yields):$")
#: A single letter and a full stop, which would begin a list.
LETTER = re.compile(r"^(\s*(?:\w+: )?)([A-Za-z])\.(?=\s|$)")
ROW = re.compile(r"^( *)(\S.*?) {2,}(\S.*)$")


def escaped(line):
    """A line in which only code between single backticks and stressed words are markup."""
    parts = MARKUP.split(line)
    parts[::2] = [re.sub(r"([*|\\]|_(?=\W|$))", r"\\\1", part) for part in parts[::2]]
    return LETTER.sub(r"\1\2\\.", "".join(parts))


def converted(lines):
    """The lines of a docstring as reStructuredText; its sections are left to napoleon."""
    end = next((place for place, line in enumerate(lines) if SECTION.match(line)), len(lines))
    blocks = re.split(r"\n(?: *\n)+", "\n".join(lines[:end]).strip("\n"))
    text = "\n\n".join(_block(block.split("\n")) for block in blocks)
    return [*text.split("\n"), "", *map(escaped, lines[end:])]


def _block(lines):
    if not any(line.strip() for line in lines):
        return ""
    if all(line.startswith("    ") for line in lines):
        return "\n".join(["::", "", *lines])
    return "\n".join(_rows(lines) if any(map(ROW.match, lines)) else map(escaped, lines))


def _rows(lines):
    """Rows as a list of definitions; a line that is no row and continues none is a paragraph."""
    depth = None
    for line in lines:
        row = ROW.match(line)
        if row and (depth is None or len(row[1]) <= depth):
            depth = len(row[1])
            yield from ("", f"``{row[2]}``", f"    {escaped(row[3])}")
        elif depth is not None and line.startswith(" " * (depth + 1)):
            yield f"    {escaped(line.strip())}"
        else:
            depth = None
            yield from ("", escaped(line), "")


def process(app, what, name, obj, options, lines):
    """Convert the lines of one docstring in place."""
    lines[:] = converted(lines)


def setup(app):
    """Put the handler before that of napoleon."""
    app.connect("autodoc-process-docstring", process, priority=EARLY)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
