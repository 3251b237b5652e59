"""What a result was made with, for its file."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import version

import langevin


def versions(*packages: str) -> dict[str, str]:
    """Versions of langevin, Python and the packages named, without importing them."""
    made_with = {"langevin": langevin.__version__, "python": platform.python_version()}
    return made_with | {package: _version(package) for package in packages}


@cache
def _version(package: str) -> str:
    return version(package)
