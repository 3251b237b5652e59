"""Find a thing by name: a built-in one or a plugin by its file, or anyone's own as module:name.

The folder is the registry: `manifolds/cube.py` holds the factory `cube`, whose signature gives the dials' names, types
and defaults, and whose docstring the help. So do the folders of all `KINDS`; a law of motion, a question or a theory is
a record of its file's name. A folder given to `add_plugins` has the same folders inside.
"""

from langevin.registry.entries import entries, entry, factory, literals, names
from langevin.registry.kinds import KINDS
from langevin.registry.own import dials, module_here, own
from langevin.registry.plugins import PLUGINS, add_plugins

__all__ = [
    "KINDS",
    "PLUGINS",
    "add_plugins",
    "dials",
    "entries",
    "entry",
    "factory",
    "literals",
    "module_here",
    "names",
    "own",
]
