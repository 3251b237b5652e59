"""Find an object by its name: a built-in one, a plugin's, or a user-defined one as module:name.

The folder is the registry: `manifolds/cube.py` contains the factory `cube`. Its signature gives names, types and
defaults of the dials, and its docstring gives the help. The folders of all `KINDS` work in the same way. A law of
motion, a question or a theory is a record with the name of its file. A folder for `add_plugins` contains the same
folders. An installed distribution offers objects of these kinds by entry points.
"""

from langevin.registry.by_module import dials, module_here, own
from langevin.registry.content import (
    FOLDERS,
    content_dials,
    content_home,
    content_names,
    content_text,
    dotted,
)
from langevin.registry.entries import (
    dial_names,
    entries,
    entry,
    factory,
    file_names,
    literals,
    names,
    offered,
)
from langevin.registry.installed import offered_network, offers, plugin_distributions, plugin_packages
from langevin.registry.kinds import KINDS
from langevin.registry.plugins import PLUGINS, add_plugins

__all__ = [
    "FOLDERS",
    "KINDS",
    "PLUGINS",
    "add_plugins",
    "content_dials",
    "content_home",
    "content_names",
    "content_text",
    "dial_names",
    "dials",
    "dotted",
    "entries",
    "entry",
    "factory",
    "file_names",
    "literals",
    "module_here",
    "names",
    "offered",
    "offered_network",
    "offers",
    "own",
    "plugin_distributions",
    "plugin_packages",
]
