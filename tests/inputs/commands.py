"""Command lines with one or two bad words, made by walking through all commands and their options."""

import click
import h5py
from hypothesis import strategies

from langevin.cli import COMMANDS, main
from langevin.sweep.plan_file import TEMPLATE

LONG = "x" * 300
NUMBERS = (
    "nan", "inf", "-inf", "1e400", "-1", "0", "-0.0", "1e308", "-1e308", "1e-308", "1e-320", "1e15",
    "9007199254740993", "18446744073709551616", "9" * 40, "1.5", "0x10", "1_0_", "", " ", "x", "1,2", "None", "True",
    "1j", "\u0663", "\udcff",
)  # fmt: skip
#: Numbers, which an option may take, or not.
EXTREME = (
    "1e308",
    "1e300",
    "1e100",
    "1e15",
    "1e-100",
    "1e-300",
    "1e-308",
    "1e-320",
    "1",
    "2",
    "7",
    "100000",
    "0.5",
    "-3",
)
WORDS = (
    "", " ", "nothing", "SOFT", "json:loads", "math:pi", "os:", ":x", "a b:c", "no.module:x", "no_module:x", "../x:y",
    "42", "double_well", "models.parity:model", "langevin:theory", "langevin.types:Landscape", LONG, "\udcff", "-",
    "\x1b[31m", "Ünï", "cube\n",
)  # fmt: skip
FILES = (
    "", ".", "..", "/", "/nowhere/x.h5", "missing.h5", "folder", "folder/", "empty.h5", "text.h5", "cut.h5",
    "text.h5/x.h5", LONG, f"{LONG}.h5", "\udcff.h5", "missing.png", "x.gif", "/proc/x.h5",
    "a\0b", "/dev/null", "missing.h5.partial",
)  # fmt: skip
SAMPLES = ("0:100000000", "5:0", "1:2:0", "0:9:-1", "::", "a", "0,0", "-1", "1e3", "3:", "0:1e9")
PAIRS = (
    "",
    "=",
    "x",
    "=1",
    "dim",
    "nothing=1",
    "dim=",
    "dim=1=2",
    "stiffness=1e308",
    "stiffness=nan",
    "barrier=-1",
)
LISTS = (
    "1e-3:2",
    "1,,2",
    ",",
    "1;2",
    "polynomial:",
    "polynomial:0,1",
    "polynomial:1e308,1e308",
    "linear:1,1",
)

DIALS = (
    "dim", "stiffness", "barrier", "half_width", "samples", "fraction", "transverse", "amplitude", "momentum", "side",
    "radius", "learning_rate", "temperature", "label_noise", "width", "hidden", "train_loss", "generalised", "b1",
    "nesterov", "period", "condition", "seed", "friction", "noise", "memory", "floor", "warm_up", "output",
)  # fmt: skip

#: A command that its checks would accept, to which a bad word is added.
GOOD = {
    "simulate": (
        ["--potential", "double-well"],
        ["--manifold", "cube"],
        ["--manifold", "canal"],
        ["--manifold", "ring"],
        ["--manifold", "canal", "--dynamics", "projected"],
        ["--potential", "quadratic"],
        ["--manifold", "canal", "--dynamics", "label-noise", "--integrator", "heavy-ball"],
    ),
    "plan": (["--potential", "double-well"], ["--manifold", "cube", "--samples", "2:4"], []),
    "rate": (
        ["--potential", "double-well"],
        ["--manifold", "cube", "--temperature", "1"],
        ["--potential", "mueller-brown"],
    ),
    "train": (
        ["models.parity"],
        ["models.tanh"],
        ["models.parity", "--law", "optax.adam"],
        ["models.parity", "--law", "underdamped"],
        ["models.parity", "--law", "preconditioned"],
        [],
    ),
    "compare": (["missing.h5"], ["cut.h5"], []),
    "info": (["missing.h5"], []),
    "measure": (["missing.h5", "models.parity"], ["cut.h5", "models.tanh"], []),
    "sweep": (["plan.toml"], ["text.h5"], ["--template"], []),
    "plot": (["folder"], []),
    "export": (["missing.h5", "out.csv"], ["cut.h5", "out.nc"], ["cut.h5"]),
    "config": (["missing.h5"], ["cut.h5"], []),
    "run": (["sims.cube_slope"], []),
    "gallery": ([],),
    "score": (["--table", "missing.csv"], ["--table", "text.h5"]),
    "check": (["--manifold", "ring"], ["--potential", "quadratic"], ["--integrator", "heun"]),
    "list": ([], ["manifolds"], ["cube"]),
}


def make_files(folder):
    """The files that `FILES` names."""
    (folder / "folder").mkdir()
    (folder / "empty.h5").touch()
    (folder / "plan.toml").write_text(TEMPLATE)
    (folder / "text.h5").write_text("no numbers\n")
    with h5py.File(folder / "whole.h5", "w") as file:
        file["states"] = range(1000)
    (folder / "cut.h5").write_bytes((folder / "whole.h5").read_bytes()[:700])


def words_for(param):
    """Bad words for an option or an argument."""
    if isinstance(param.type, click.Choice):
        return strategies.sampled_from([*WORDS, *NUMBERS])
    if type(param.type).__name__ == "PathName" or isinstance(param.type, click.Path):
        return strategies.sampled_from(FILES)
    if param.name == "samples":
        return strategies.sampled_from([*SAMPLES, *NUMBERS])
    if type(param.type).__name__ in ("Count", "FiniteFloat", "PositiveFloat"):
        return strategies.sampled_from(NUMBERS) | strategies.sampled_from(EXTREME)
    if param.multiple:
        return strategies.sampled_from([*PAIRS, *WORDS, *FILES]) | strategies.builds(
            "{}={}".format, strategies.sampled_from(DIALS), strategies.sampled_from([*NUMBERS, *EXTREME])
        )
    return strategies.sampled_from([*WORDS, *NUMBERS, *LISTS]) | strategies.text(max_size=8)


@strategies.composite
def typed(draw, param):
    """A parameter followed by a bad word."""
    words = [draw(words_for(param)) for _ in range(max(1, param.nargs))]
    if isinstance(param, click.Argument):
        return words
    name = draw(strategies.sampled_from(param.opts))
    if param.is_flag:
        return [name if draw(strategies.integers(0, 9)) else f"{name}=1"]
    return [name, *words]


@strategies.composite
def command_lines(draw, names=tuple(COMMANDS)):
    """A command line with one bad word, or with two."""
    name = draw(strategies.sampled_from(names))
    params = [param for param in main.get_command(None, name).params if param.name != "help"]
    chosen = draw(strategies.lists(strategies.sampled_from(params), min_size=1, max_size=2))
    good = draw(strategies.sampled_from(GOOD[name]))
    bad = [word for param in chosen for word in draw(typed(param))]
    line = [name, *good, *bad]
    odd = draw(strategies.integers(0, 19))
    if odd == 0:
        line.append(draw(strategies.sampled_from(["--nothing", "-z", "one", "two", "--", "--d", "-p"])))
    return line
