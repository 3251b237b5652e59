"""The complaints after an injection; none if all is correct."""

from __future__ import annotations

import os

from langevin.errors import LangevinError
from tests.faults.children import Ended, forked
from tests.faults.commands import OTHER, SEED, again, anew
from tests.faults.kinds import Fault, Outcome
from tests.faults.scenes import Scene

#: Texts that show that a message is not a sentence for the user.
FOREIGN = ("Traceback", ".pyx", "Segmentation", "Fatal Python")
#: Python's message if a signal ends it before langevin's first line: it prints a traceback, and no work was done.
BEFORE_ALL = {-2, -15}
#: Python's message, with exit code 1, for Ctrl-C while it reads its `site`; later it prints a traceback.
IN_SITE = "Failed to import the site module"


def complaints(scene: Scene, fault: Fault, outcome: Outcome) -> list[str]:
    """All complaints about the result of a fault."""
    found = [one for ended in outcome for one in _of_end(scene, fault, ended)]
    found += _of_result(scene, fault, outcome)
    found += _of_what_follows(scene, fault)
    return found


def _of_end(scene: Scene, fault: Fault, ended: Ended) -> list[str]:
    """Complaints about exit code and message."""
    if ended.code is None:
        return ["it hangs"]
    if fault.fresh and ended.code == 1 and (IN_SITE in ended.said or "langevin" not in ended.said):
        return []
    codes = fault.codes | fault.resumed if scene.command.resumes else fault.codes
    if fault.takes_folder and scene.command.extends:
        codes |= {4}  # its file is removed too
    found = [] if ended.code in codes else [f"exit code {ended.code}: {ended.said[-300:]!r}"]
    if ended.code in BEFORE_ALL and "langevin/cli" not in ended.said:
        return found
    found += [f"it says {sign!r}: {ended.said[-600:]!r}" for sign in FOREIGN if sign in ended.said]
    errors = [line for line in ended.said.splitlines() if line.startswith("Error: ")]
    if ended.code > 0 and len(errors) != 1:
        found.append(f"exit code {ended.code} with {len(errors)} sentences: {ended.said[-300:]!r}")
    return found


def _of_result(scene: Scene, fault: Fault, outcome: Outcome) -> list[str]:
    """Complaints about the result under the final name, and about the unfinished run next to it."""
    done = [seed for seed, ended in zip((SEED, OTHER), outcome) if ended.code == 0]
    digests = scene.reference.digests
    if scene.command.resumes or scene.command.extends:
        digests = {seed: digests[SEED] for seed in digests}
    allowed = {digests[seed] for seed in done}
    if not done or fault.takes_folder:
        allowed |= {None, digests[SEED], digests[OTHER]} if fault.takes_folder else {digests[SEED]}
        before = {digests[OTHER]} if scene.command.old else {None}
        allowed |= {scene.reference.short} if scene.command.extends else before
    if fault.two and len(done) != 1:
        return [f"{len(done)} of two writers say that they are done: {[ended.said for ended in outcome]}"]
    if not done and "changed" in "".join(scene.log):
        return []  # the damaged file is unchanged
    try:
        found = scene.digest()
    except (LangevinError, OSError, ValueError) as error:
        return [f"the result is damaged: {error}"]
    wrong = [] if found in allowed else ["the result is not the right one" if found else "the result is gone"]
    return wrong + [complaint for complaint in [scene.unlike_before()] if complaint]


def _of_what_follows(scene: Scene, fault: Fault) -> list[str]:
    """Complaints about the same command, given again after the fault."""
    words = again(scene.command, scene.folder)
    ended = forked(words, scene.folder, scene.folder / "again").ended()
    if ended.code == 4 and "changed" in "".join(scene.log):  # the damaged file is in the way: begin anew
        words = anew(scene.command)
        ended = forked(words, scene.folder, scene.folder / "again").ended()
    if ended.code != 0:
        return [f"given again it ends with {ended.code}: {ended.said[-600:]!r}"]
    expected = {scene.reference.digests[SEED]}
    if fault.two:
        expected.add(scene.reference.digests[OTHER])
    left = sorted(name for name in os.listdir(scene.out) if name != scene.command.product)
    found = [f"left behind: {left}"] if left else []
    return found if scene.digest() in expected else [*found, "given again it ends with another result"]
