"""A step of the build: networks, sims and the table of trainings are copied into the package that a wheel holds.

The folders `models` and `sims` stand at the top of the repository. A wheel installs one top-level name, so it holds
their copies in `langevin/_content`, in the places that they have in the repository (`langevin.registry.content`). An
editable installation copies nothing: it uses the folders of the repository.
"""

from itertools import chain
from pathlib import Path

from setuptools.command.build_py import build_py

#: What is copied, as patterns from the top of the repository.
COPIED = ("models/*.py", "sims/*.py", "results/grokking_times/table.csv")


class WithContent(build_py):
    """Copy the package, and the content into `_content` of it."""

    def run(self) -> None:
        """Copy all files, unless the installation is editable."""
        super().run()
        if not self.editable_mode:
            for target, source in self._copies().items():
                self.mkpath(str(Path(target).parent))
                self.copy_file(source, target)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """The files of the package and the copies."""
        return [*super().get_outputs(include_bytecode), *self._copies()]

    def _copies(self) -> dict[str, str]:
        """Files by the places of their copies."""
        home = Path(self.build_lib, "langevin", "_content")
        found = chain.from_iterable(Path().glob(pattern) for pattern in COPIED)
        return {str(home / file): str(file) for file in sorted(found)}
