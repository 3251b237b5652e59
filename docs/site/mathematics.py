"""LaTeX to MathML when the site is built: no script runs and no font is loaded when a page is read."""

import re

from docutils.nodes import SkipNode
from latex2mathml.converter import convert

#: The converter sets names of functions without the thin space around them.
FUNCTION = re.compile(r"<mi>(log|exp|cos|sin|tan|cot|cosh|sinh|tanh)</mi>")
SPACED = r'<mrow><mspace width="0.17em"/><mi>\1</mi><mspace width="0.17em"/></mrow>'


def converted(formula, display):
    """A formula in MathML, `inline` or as a `block`."""
    return FUNCTION.sub(SPACED, convert(formula, display=display))


def inline(writer, node):
    """A formula in a sentence."""
    writer.body.append(converted(node.astext(), "inline"))
    raise SkipNode


def displayed(writer, node):
    """A formula on a line of its own, which scrolls where it is wider than the page."""
    writer.body.append(f'<div class="formula">{converted(node.astext(), "block")}</div>\n')
    raise SkipNode


def setup(app):
    """Register the renderer as `mathml`."""
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None), block_renderers=(displayed, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
