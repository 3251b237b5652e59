"""The faults: how each is prepared, when it strikes, and which exit codes it allows."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tests.faults.children import Child, Ended
from tests.faults.commands import OTHER
from tests.faults.scenes import Scene, mounted, remount

#: The outcome: the end of the command, or of each of two commands.
Outcome = list[Ended]


@dataclass(frozen=True)
class Fault:
    """A fault by name. `inject` runs the command and the fault; `codes` are the exit codes that it allows.

    `resumed` are further codes that it allows if the command continues from a file. With `fresh` it needs a new
    interpreter. `applies` tests whether a command can have this fault, and `reason` states why others cannot.
    """

    name: str
    inject: Callable[[Scene], Outcome]
    codes: frozenset[int]
    applies: Callable[[Scene], bool] = lambda scene: True
    reason: str = ""
    fresh: bool = False
    two: bool = False
    takes_folder: bool = False
    resumed: frozenset[int] = frozenset()


def _signalled(number: signal.Signals) -> Callable[[Scene], Outcome]:
    def inject(scene: Scene) -> Outcome:
        child, moment = scene.start(), scene.moment()
        _strike(scene, child, moment, lambda: os.kill(child.pid, number), number.name)
        return [child.ended()]

    return inject


#: Seconds that an interpreter and its imports take at least.
QUICK_START = 0.3


def _signalled_at_start(scene: Scene) -> Outcome:
    """Ctrl-C or SIGTERM in the first second of an interpreter, its start and its imports included."""
    number = scene.rng.choice([signal.SIGINT, signal.SIGTERM])
    # a command that ends before the signal proves nothing; one that extends a run has done half of the work before
    part = 0.25 if scene.command.extends else 0.5
    most = min(1.0, QUICK_START + part * scene.reference.seconds)
    child, moment = scene.start_fresh(), scene.rng.uniform(0.0, most)
    _strike(scene, child, moment, lambda: os.kill(child.pid, number), number.name)
    return [child.ended()]


def _strike(scene: Scene, child: Child, moment: float, blow: Callable[[], object], what: str) -> None:
    """Apply the fault at a moment, if the command still runs then, and log it."""
    if child.wait_for(moment):
        blow()
        scene.log.append(f"{what} at {moment:.3f} s, process {child.pid} running")


def _disk_full(scene: Scene) -> Outcome:
    """A disk with room for a part of the result; a limit on the size of files where none can be mounted."""
    there = sum(file.stat().st_size for file in scene.out.rglob("*") if file.is_file())
    pages = 4096 * (4 + sum(1 for _ in scene.out.rglob("*")))
    room = int(scene.rng.uniform(0.0, 1.2) * scene.reference.size)
    if mounted(scene.out, there + pages + room):
        child = scene.start()
    else:
        child = scene.start(lambda: _limit_files(max(room // 2, 2048)))
    ended = child.ended()
    if ended.code != 0:
        scene.log.append(f"room for {room} bytes beside what was there, of {scene.reference.size}")
    remount(scene.out, "size=64m")
    return [ended]


def _limit_files(size: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _quota(scene: Scene) -> Outcome:
    """The system refuses to write after a number of bytes."""
    left = [int(scene.rng.uniform(0.0, 1.5) * scene.reference.size)]
    write = os.write

    def arm() -> None:
        def limited(handle: int, data: bytes) -> int:
            left[0] -= len(data)
            if left[0] < 0:
                scene.flag.touch()
                raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
            return write(handle, data)

        os.write = limited

    ended = scene.start(arm).ended()
    if scene.flag.exists():
        scene.log.append("EDQUOT raised by os.write")
    return [ended]


def _read_only(scene: Scene) -> Outcome:
    """From some moment on the disk is read-only; if no disk can be mounted, a file replaces the folder."""
    if not mounted(scene.out, 2**26):
        shutil.rmtree(scene.out)
        scene.out.write_text("")
        scene.log.append("a file instead of the folder")
        ended = scene.start().ended()
        scene.out.unlink()
        scene.out.mkdir()
        return [ended]
    child, moment = scene.start(), scene.moment(0.8)
    if child.wait_for(moment):
        while child.runs() and not remount(scene.out, "ro"):
            time.sleep(0.002)
        if child.runs():
            scene.log.append(f"mounted for reading only at {moment:.3f} s")
    ended = child.ended()
    remount(scene.out, "rw")
    return [ended]


def _folder_deleted(scene: Scene) -> Outcome:
    child = scene.start()

    def delete() -> None:
        while scene.out.exists():
            shutil.rmtree(scene.out, ignore_errors=True)

    _strike(scene, child, scene.moment(0.8), delete, "folder removed")
    ended = child.ended()
    scene.out.mkdir(exist_ok=True)
    return [ended]


def _damaged(change: Callable[[Scene, bytes], bytes]) -> Callable[[Scene], Outcome]:
    """A file that the command reads is damaged."""

    def inject(scene: Scene) -> Outcome:
        files = sorted(file for file in scene.out.rglob("*") if file.is_file() and file.stat().st_size)
        file = scene.rng.choice(files)
        file.write_bytes(change(scene, file.read_bytes()))
        scene.log.append(f"{file.relative_to(scene.out)} changed")
        return [scene.start().ended()]

    return inject


def _cut(scene: Scene, content: bytes) -> bytes:
    return content[: scene.rng.randrange(len(content))]


def _flip(scene: Scene, content: bytes) -> bytes:
    changed = bytearray(content)
    changed[scene.rng.randrange(len(content))] ^= 1 << scene.rng.randrange(8)
    return bytes(changed)


def _second_writer(scene: Scene) -> Outcome:
    one, moment = scene.start(), scene.moment(0.5)
    if one.wait_for(moment):
        scene.log.append(f"second writer at {moment:.3f} s")
    return _both(scene, one, scene.start(seed=OTHER, log="two"))


def _second_writer_without_locks(scene: Scene) -> Outcome:
    one = scene.start_fresh(HDF5_USE_FILE_LOCKING="FALSE")
    two = scene.start_fresh(seed=OTHER, log="two", HDF5_USE_FILE_LOCKING="FALSE")
    scene.log.append("two writers, HDF5_USE_FILE_LOCKING=FALSE")
    return _both(scene, one, two)


def _both(scene: Scene, one: Child, two: Child) -> Outcome:
    """The ends of two writers. If each held the claim in its turn, they ran one after the other: no fault fired."""
    claims = set()
    while any([one.runs(), two.runs()]):
        for file in scene.out.glob(".*.claim"):
            with suppress(FileNotFoundError):
                claims.add(file.read_bytes())
        time.sleep(0.002)
    outcome = [one.ended(), two.ended()]
    if len(claims) > 1 and {ended.code for ended in outcome} == {0}:
        scene.log.clear()
    return outcome


def _worker_dies(scene: Scene) -> Outcome:
    """A thread that advances walkers runs out of memory."""
    left = [scene.rng.randrange(1, 12)]

    def arm() -> None:
        from concurrent.futures import ThreadPoolExecutor

        submit = ThreadPoolExecutor.submit

        def dies() -> None:
            scene.flag.touch()
            raise MemoryError

        def counted(pool, task, /, *arguments, **options):
            left[0] -= 1
            return submit(pool, dies) if left[0] == 0 else submit(pool, task, *arguments, **options)

        ThreadPoolExecutor.submit = counted

    ended = scene.start(arm).ended()
    if scene.flag.exists():
        scene.log.append("MemoryError in a thread of the pool")
    return [ended]


def _clock_jumps(scene: Scene) -> Outcome:
    """All clocks, also those that should only rise, and the clock of the claim change to another day at some moment."""
    jump = scene.rng.choice([-1, 1]) * scene.rng.uniform(1.0, 1e6)
    moment = scene.moment(0.5)

    def arm() -> None:
        began = time.monotonic()

        def jumping(clock: Callable[[], float]) -> Callable[[], float]:
            def read() -> float:
                late = time.monotonic() - began > moment
                if late:
                    scene.flag.touch()
                return clock() + (jump if late else 0.0)

            return read

        time.time, time.perf_counter = jumping(time.time), jumping(time.perf_counter)

    child = scene.start(arm)
    if child.wait_for(moment):
        for claim in scene.out.glob(".*.claim"):
            now = time.time() + jump
            os.utime(claim, (now, now))
            scene.flag.touch()
    ended = child.ended()
    if scene.flag.exists():
        scene.log.append(f"clocks went {jump:+.0f} s at {moment:.3f} s")
    return [ended]


def _finds_files(scene: Scene) -> bool:
    return scene.command.old or scene.command.resumes or scene.command.extends


def _writes_alone(scene: Scene) -> bool:
    return not scene.command.shares


FAULTS = (
    Fault("kill -9", _signalled(signal.SIGKILL), frozenset({-9})),
    Fault("SIGTERM", _signalled(signal.SIGTERM), frozenset({143, 0})),
    Fault("Ctrl-C", _signalled(signal.SIGINT), frozenset({130, 0})),
    Fault("a signal at start-up", _signalled_at_start, frozenset({130, 143, -2, -15}), fresh=True),
    Fault("disk full", _disk_full, frozenset({5})),
    Fault("quota", _quota, frozenset({5})),
    Fault("read-only folder", _read_only, frozenset({5, 0})),
    Fault("folder deleted", _folder_deleted, frozenset({5, 0}), takes_folder=True, resumed=frozenset({4})),
    Fault(
        "file truncated", _damaged(_cut), frozenset({0, 4}), _finds_files, "finds no file of its own"
    ),
    Fault("bit flipped", _damaged(_flip), frozenset({0, 4}), _finds_files, "finds no file of its own"),
    Fault(
        "second writer", _second_writer, frozenset({0, 5}), _writes_alone, "shares its work with another", two=True
    ),
    Fault(
        "second writer, no locks", _second_writer_without_locks, frozenset({0, 5}), _writes_alone,
        "shares its work with another", fresh=True, two=True,
    ),
    Fault(
        "worker dies", _worker_dies, frozenset({3}), lambda scene: scene.command.threads, "has no workers"
    ),
    Fault("clock jumps", _clock_jumps, frozenset({0})),
)  # fmt: skip
