"""Every command on hostile files: no code runs, no other file is touched, one sentence and an exit code follow."""

import os
import shutil
import sys
import traceback
from pathlib import Path

import pytest

from langevin.store import load, save
from tests.safety.attacks import (
    ON_NETWORKS,
    ON_PIECES,
    ON_PRESENTS,
    ON_RATE_STATES,
    ON_RATES,
    ON_RUNS,
    ON_STATES,
)
from tests.safety.attacks_on_ends import ON_NETWORK_ENDS, ON_RATE_ENDS, ON_WALK_ENDS
from tests.safety.conftest import LINE, RATE, WALK, call, watching
from tests.safety.hostile import attacked, drawn

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # a file may have any numbers
#: Number of files drawn from each good one in the quick test; an environment variable sets more.
DRAWN = {
    **{"quadratic": 25, "well": 10, "sphere": 10, "network": 20, "state": 15, "rates": 10, "rate state": 10},
    **{"present": 15, "piece": 8},
}
#: Files of unfinished runs, and the index of the command that continues one.
UNFINISHED = {
    "state": ("kept/state.h5", 3),
    "rate state": ("kept_rates/state.h5", 5),
    "present": ("kept_walk/walk-00000/now.h5", 4),
    "piece": ("kept_walk/walk-00000/00000.h5", 4),
}
#: Files from which a command continues.
STATES = ("state.h5", "now.h5", "00000.h5")
REFUSED = {2, 4}
#: Allowed exit codes: an attack may have no effect, or make walkers that count as lost.
ALLOWED = REFUSED | {0, 3}


def commands(file, as_json):
    """The commands that are tried on each file; for an unfinished run they have the name of its final file."""
    return [
        ("info", file),
        ("compare", file, *(["--json"] if as_json else [])),
        ("train", "--resume", file),
        ("train", *LINE, "--resume", file),
        ("simulate", *WALK, "--resume", file),
        ("rate", *RATE, "--resume", file),
    ]


def listing(folder):
    """Names, sizes and times of all files."""
    return {
        path: (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if not path.is_dir()
    }


def tried(home, file, made, as_json=False):
    """Exit codes of all commands on a file; it fails if a command does what no file may cause."""
    codes = []
    for words in commands(file, as_json):
        goes_on = words[0] in ("simulate", "train", "rate") and made.name in STATES
        before, modules = listing(home), {name.partition(".")[0] for name in sys.modules}
        with watching(home) as seen:
            done = call(*words)
        what = f"{' '.join(map(str, words))}: {done.exit_code} {done.output[-500:]}"
        assert done.exception is None or isinstance(done.exception, SystemExit), what + "".join(
            traceback.format_exception(done.exception)
        )
        assert "Traceback" not in done.output, what
        assert "\x1b" not in done.output, what
        assert done.exit_code in ALLOWED, what
        codes.append(done.exit_code)
        if done.exit_code in REFUSED:
            assert sum(line.startswith("Error: ") for line in done.stderr.splitlines()) == 1, what
        assert {name.partition(".")[0] for name in sys.modules} <= modules, what
        if goes_on and done.exit_code not in REFUSED:  # the attack had no effect, and the run is finished
            return codes
        probe = f".{file.name}."  # its claim, and whether the run's own file can be written at its end
        beside = (probe, f".{probe}")
        seen = [event for event in seen if not (goes_on and os.path.basename(event[1]).startswith(beside))]
        own = {str(made), str(made.parent / "00000.h5"), str(made.parent / "now.h5"), str(file)}
        assert all(kind == "read" and path in own for kind, path in seen), (what, seen)
        assert listing(home) == before, what
    return codes


def place(home, good):
    """The path of an attacked copy of a good file, the argument for commands, and the good file."""
    folder = home / "bad.h5.partial"
    shutil.rmtree(folder, ignore_errors=True)
    (home / "bad.h5").unlink(missing_ok=True)
    if good not in UNFINISHED:
        return home / "bad.h5", home / "bad.h5", home / f"{good}.h5"
    kept, *inside = Path(UNFINISHED[good][0]).parts
    shutil.copytree(home / kept, folder)
    return folder.joinpath(*inside), home / "bad.h5", home.joinpath(kept, *inside)


def telling(good, codes):
    """The exit codes of the commands that use the attacked data."""
    if good in UNFINISHED:
        return codes[UNFINISHED[good][1] :][:1]
    return codes[1:2] if good == "rates" else codes[:2]


LISTS = {
    "quadratic": ON_RUNS,
    "network": ON_NETWORKS,
    "state": ON_STATES,
    "rates": ON_RATES,
    "rate state": ON_RATE_STATES,
    "present": ON_PRESENTS,
    "piece": ON_PIECES,
}
#: Attacks after which some commands still have a result.
STILL_SAID = {
    "a landscape that is a module", "a landscape of the library", "a folder as landscape", "a law that is a module",
    "a question that is a module", "a network of nothing", "its own landscape",
    "large quadrics", "a large quadratic", "dials of lists", "dials of texts", "no numbers", "a step of texts",
    "a law of the step without entries", "samples of texts", "states of infinity",
    "an event named like a command", "a seed of letters", "a temperature of no number",
    "a rank that is a text", "a rank below zero", "a sharpness beyond numbers", "a change of texts",
    "a model that is a module", "losses of nothing", "a toy", "everything of texts",
    "rates of nothing", "no losses", "another model in its words", "words that obey", "words without end",
    "a score that is a module", "a network", "not finished", "so far of texts", "all died out",
    "another landscape in its words", "another command in its words",
    "a wrong end",
}  # fmt: skip


@pytest.mark.parametrize("good", LISTS)
def test_every_attack_of_the_list_is_told_in_a_sentence(home, good):
    if good == "quadratic":
        save(home / "secret.h5", load(home / "well.h5"), force=True)
    failed = []
    for name, attack in LISTS[good].items():
        made, typed, source = place(home, good)
        os.environ["WHICH"] = name
        codes = tried(home, typed, attacked(source, made, attack))
        told = telling(good, codes)
        if name not in STILL_SAID and not (told and set(told) <= REFUSED):
            failed.append((name, codes))
    assert not failed
    assert not (home / "owned").exists()


#: Commands that extend the good files, and the attacks on their end states.
EXTENSIONS = {
    "quadratic": ("simulate --potential quadratic --walkers 20 --horizon 2 --dt .005", ON_WALK_ENDS),
    "well": ("simulate --potential double-well --temperature 0.5 --walkers 30", ON_WALK_ENDS),
    "network": (f"train {' '.join(LINE)} --temperature 1e-3 --steps 60", ON_NETWORK_ENDS),
    "rates": (f"rate {' '.join(RATE).replace('0.4,0.3', '0.4,0.3,0.25')}", ON_RATE_ENDS),
}


@pytest.mark.parametrize("good", EXTENSIONS)
def test_no_finished_run_with_a_hostile_state_is_extended(home, good):
    words, attacks = EXTENSIONS[good]
    save(home / "secret.h5", load(home / "well.h5"), force=True)
    warm = call(*words.split(), "--extend", home / f"{good}.h5", "--out", home / "longer.h5")
    assert warm.exit_code == 0, warm.output
    (home / "longer.h5").unlink()
    for name, attack in attacks.items():
        file = attacked(home / f"{good}.h5", home / "bad.h5", attack)
        before, modules = listing(home), {module.partition(".")[0] for module in sys.modules}
        with watching(home) as seen:
            done = call(*words.split(), "--extend", file)
        what = f"{name}: {done.exit_code} {done.output[-500:]}"
        assert done.exception is None or isinstance(done.exception, SystemExit), what + "".join(
            traceback.format_exception(done.exception)
        )
        assert done.exit_code in REFUSED, what
        assert sum(line.startswith("Error: ") for line in done.stderr.splitlines()) == 1, what
        assert "Traceback" not in done.output, what
        assert {module.partition(".")[0] for module in sys.modules} <= modules, what
        own = [
            event for event in seen if not os.path.basename(event[1]).startswith((".bad.h5.", "..bad.h5."))
        ]
        assert all(event == ("read", str(file)) for event in own), (what, own)
        assert listing(home) == before, what
    assert not (home / "owned").exists()


def drawn_files(home, good, count):
    """Attack a good file by `count` drawn attacks; a quarter or more is refused, and the others have no effect."""
    refused = 0
    for seed in range(count):
        made, typed, source = place(home, good)
        codes = tried(home, typed, drawn(source, made, seed), bool(seed % 2))
        refused += bool(set(telling(good, codes)) & {4})
    assert refused >= count // 4
    assert not (home / "owned").exists()


@pytest.mark.parametrize("good", DRAWN)
def test_drawn_attacks_are_told_in_a_sentence(home, good):
    drawn_files(home, good, DRAWN[good])


@pytest.mark.slow
@pytest.mark.parametrize("good", DRAWN)
def test_many_drawn_attacks_are_told_in_a_sentence(home, good):
    """10 000 files, or the number in LANGEVIN_HOSTILE_FILES."""
    drawn_files(home, good, int(os.environ.get("LANGEVIN_HOSTILE_FILES", "10000")) // len(DRAWN))


def test_the_watch_sees_what_it_looks_for(home):
    """Control: an imported module, a written file and a started program are recorded."""
    with watching(home) as seen:
        import helper  # noqa: F401

        (home / "written").write_text("")
        os.posix_spawn(sys.executable, [sys.executable, "-c", ""], os.environ)
    kinds = {kind for kind, _ in seen}
    assert {"read", "write", "os.posix_spawn"} <= kinds
    (home / "owned").unlink()
    (home / "written").unlink()
    sys.modules.pop("helper")
