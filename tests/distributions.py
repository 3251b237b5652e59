"""Distributions with entry points, made in a folder without an installation."""

import shutil
import tomllib

from tests.engine import ROOT

#: The package `langevin-helix`, whose files are the examples of docs/plugins.md.
HELIX = ROOT / "tests/plugins"


def distribution(folder, name, version, points):
    """Make NAME-VERSION.dist-info in a folder.

    Args:
        folder: a folder on the path of Python.
        name: the name of the distribution.
        version: the version of the distribution.
        points: values `module:object` of entry points by their names, for each kind such as manifolds.
    """
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = []
    for kind, values in points.items():
        lines += [f"[langevin.{kind}]", *(f"{one} = {value}" for one, value in values.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


def helix(folder):
    """Put the package langevin-helix into a folder, with the entry points of its pyproject.toml."""
    shutil.copytree(HELIX, folder / "langevin_helix", ignore=shutil.ignore_patterns("__pycache__"))
    project = tomllib.loads((HELIX / "pyproject.toml").read_text())["project"]
    groups = {group.removeprefix("langevin."): values for group, values in project["entry-points"].items()}
    distribution(folder, project["name"], project["version"], groups)
