"""The functions of the package that a command can reach, found in the source: by names, imports and registries.

A node is a definition at the top of a module: a function, a class or a value. It reaches every node that it names, in
its module or by an import, and every entry of a folder that it looks up in the registry. These are all functions that
a command can call, and more, except functions in records that are made elsewhere.
"""

import ast
from functools import cache

from langevin.registry.kinds import KINDS
from tests.project.documents import ROOT

PACKAGE = ROOT / "langevin"


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules():
    """Syntax trees of all modules by their names."""
    return {module_name(path): ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def definitions(module):
    """Nodes at the top of a module, by name; values that are assigned in pairs are one node for each name."""
    found = {}
    for node in modules()[module].body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {
                name.id: node for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)
            }
    return found


def imports(tree):
    """Names that the imports in a tree define, each with its module and its name there."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(alias.asname or alias.name.split(".")[0]): (alias.name, None) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("langevin"):
            found |= {(alias.asname or alias.name): (node.module, alias.name) for alias in node.names}
    return found


def resolved(module, name):
    """The nodes that a name of a module means, also through packages that re-export it, directly or lazily."""
    if module not in modules():
        return []
    if name in definitions(module):
        return [(module, name)]
    handed = imports(modules()[module]).get(name)
    if handed and handed[1] and handed != (module, name):
        return resolved(*handed)
    if f"{module}.{name}" in modules():
        return [(f"{module}.{name}", None)]
    inside = [other for other in modules() if other.startswith(f"{module}.")]
    return [(other, name) for other in inside if name in definitions(other)]


def edges(module, name):
    """The nodes that a node names, each with None, or with the name of the field of a record that contains it.

    A function in a field of a record is called by code that reads this field; so the walk of a question is reached only
    from code that reads `.walk`. Decorators are left out: they declare options, and print nothing.
    """
    node = definitions(module)[name]
    parts = [*node.body, node.args] if isinstance(node, ast.FunctionDef) else [node]
    call = getattr(node, "value", None)
    if module.split(".")[1:2] and module.split(".")[1] in KINDS and isinstance(call, ast.Call):
        fields = [(keyword.arg, keyword.value) for keyword in call.keywords]
        return {(field, found) for field, value in fields for found in named(module, [value])}
    return {(None, found) for found in named(module, parts)}


def dotted(node):
    """The names of a chain such as `theory.gibbs`; none for any other expression."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute) and (inner := dotted(node.value)):
        return [*inner, node.attr]
    return []


def named(module, trees):
    """The nodes that some syntax trees of a module name."""
    known = imports(modules()[module])
    found = set()
    for part in (part for tree in trees for part in ast.walk(tree)):
        if isinstance(part, ast.Name):
            found |= set(resolved(module, part.id) if part.id in definitions(module) else ())
            if part.id in known and known[part.id][1]:
                found |= set(resolved(*known[part.id]))
        elif isinstance(part, ast.Attribute) and (chain := dotted(part.value)) and chain[0] in known:
            home, inner = known[chain[0]]
            found |= set(resolved(".".join([home, *([inner] if inner else []), *chain[1:]]), part.attr))
        elif isinstance(part, ast.Call) and part.args and isinstance(part.args[0], ast.Constant):
            called = part.func.attr if isinstance(part.func, ast.Attribute) else getattr(part.func, "id", "")
            if called in {"entry", "entries", "factory"} and part.args[0].value in KINDS:
                folder = f"langevin.{part.args[0].value}."
                found |= {(other, other.split(".")[-1]) for other in modules() if other.startswith(folder)}
    return {(home, top) for home, top in found if top is not None and top in definitions(home)}


def reach(module, name):
    """All nodes that a node reaches, and the node itself."""
    seen, read, behind = set(), set(), []
    todo = [(module, name)]
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        new, read_here = _known_edges(*node)
        behind += new
        read |= read_here
        todo += [found for field, found in behind if field is None or field in read]
        behind = [(field, found) for field, found in behind if not (field is None or field in read)]
    return seen


@cache
def _known_edges(module, name):
    """Edges of a node, and the attributes that it reads."""
    read = {part.attr for part in ast.walk(definitions(module)[name]) if isinstance(part, ast.Attribute)}
    return tuple(edges(module, name)), frozenset(read)
