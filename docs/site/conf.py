"""Settings of Sphinx."""

import langevin

project = "langevin"
author = "the langevin contributors"
project_copyright = author
version = release = langevin.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "docs.site.mathematics",
    "docs.site.docstrings",
]
root_doc = "index"
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4  # links to headings as on a code host
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
default_role = "literal"  # docstrings put code between single backticks

smartquotes = False  # `--option` stays as it is typed
html_math_renderer = "mathml"
html_theme = "furo"
html_title = f"langevin {release}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
