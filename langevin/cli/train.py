"""langevin train MODEL: train networks under a law of motion."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langevin.cli.narrow import show
from langevin.cli.options import (
    COUNT,
    FINITE,
    POSITIVE,
    WEIGHTS,
    common_options,
    dial_option,
    names_of,
)
from langevin.cli.paths import FILE, usual_file
from langevin.cli.plugins import plugins_option, words_of_plugins
from langevin.cli.settings import SweepableCommand, sweep_options
from langevin.cli.sweep_settings import scheduler_option, spread
from langevin.cli.train_and_show import FIGURES, check_plot, draw, remembering
from langevin.errors import NumericalError, UsageError

if TYPE_CHECKING:
    from langevin.cli.extended import Extended
    from langevin.cli.unfinished import Unfinished

#: The words of a command that its file does not contain.
WORDS = ("langevin", "train", "MODEL")


@click.command(cls=SweepableCommand)
@click.argument("model", required=False, shell_complete=names_of("models"))
@dial_option("Dial of the model; repeatable.", model="models")
@click.option("--preset", help="Dials and settings of a known figure, by the name in the model's PRESETS.")
@click.option("--steps", type=COUNT, help="Steps of each network.  [default: the model's]")
@click.option(
    "--law",
    "name",
    help="gradient-descent, sgd, sgld, heavy-ball, underdamped, preconditioned, label-noise, optax.NAME, or your own "
    "optimiser as module:name.  [default: sgld]",
)
@click.option("--learning-rate", type=POSITIVE, help="Time of one step.  [default: the model's]")
@click.option(
    "--schedule",
    metavar="polynomial:SCALE,POWER",
    help="The learning rate of step k is multiplied by (1 + k/SCALE)^-POWER.  [default: the model's]",
)
@click.option(
    "--temperature",
    type=FINITE,
    help="theta of the noise, sqrt(2 learning-rate theta) a step.  [default: the model's]",
)
@click.option(
    "--label-noise",
    type=FINITE,
    help="Standard deviation of the noise on the targets.  [default: the model's]",
)
@click.option("--weight-decay", type=FINITE, help="Weight decay, on all weights.  [default: the model's]")
@click.option(
    "--decay",
    type=click.Choice(["coupled", "decoupled"]),
    help="Weight decay of an optimiser: added to the gradient (coupled) or to the step (decoupled).  "
    "[default: the model's]",
)
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="Dial of the law, such as friction=2, or option of an optimiser: a number, true or false, or a word.",
)
@click.option(
    "--leaf-rate",
    "leaf_rates",
    multiple=True,
    metavar="LEAF=FACTOR",
    help="Factor of the learning rate of a leaf.",
)
@click.option(
    "--leaf-decay",
    "leaf_decays",
    multiple=True,
    metavar="LEAF=FACTOR",
    help="Factor of the weight decay of a leaf.",
)
@click.option("--batch", type=COUNT, help="Samples in each step.  [default: the model's, or all]")
@click.option("--frames", type=COUNT, help="About how many steps are recorded.  [default: the model's]")
@click.option("--every", type=COUNT, help="Steps from a recorded one to the next, instead of --frames.")
@click.option("--weights", type=WEIGHTS, metavar="final|frames|every:N",
              help="Steps whose weights are kept: the end, memorisation, generalisation and arrival (final), "
              "also every recorded step (frames), or every N-th step (every:N).  [default: final]")  # fmt: skip
@click.option(
    "--chains", "--seeds", type=COUNT, help="Networks trained, with different seeds.  [default: the model's]"
)
@click.option(
    "--set",
    "sweep",
    multiple=True,
    metavar="NAME=A,B,...",
    help="Train with each of these values of a number of the law.",
)
@click.option("--noise", type=click.Choice(["paired", "own"]),
              help="Whether settings share initial weights, batches and noise.  [default: within --set they do, points "
              "of a sweep do not]")  # fmt: skip
@click.option("--from", "start", metavar="FILE[:STEP[:NETWORK]]",
              help="Weights to start from: of a run file at its end, or at a step at which they were kept, of each "
              "network or of one for all; or arrays of an npz file.  [default: drawn by the model]")  # fmt: skip
@click.option(
    "--after-memorisation",
    multiple=True,
    metavar="NAME=VALUE",
    help="Change of a number of the law, or of norm or output-temperature, from the step on at which all training "
    "samples are correct: docs/networks.md.",
)
@click.option("--stop", multiple=True, metavar="CRITERION",
              help="Criterion that ends a network, such as 'test_loss<0.1 for 300', generalised=STEPS or "
              "train_loss=LOSS; repeatable: the first that holds ends it.")  # fmt: skip
@click.option(
    "--observe",
    shell_complete=names_of("observables"),
    multiple=True,
    metavar="NAME,...",
    help="Further observables to record: names of `langevin list observables`, or your own as module:name.",
)
@click.option("--dtype", type=click.Choice(["float32", "float64"]), help="Precision.  [default: the model's]")
@click.option(
    "--apply",
    type=click.Choice(["bfloat16"]),
    help="Precision of the network's outputs alone.  [default: --dtype]",
)
@click.option(
    "--device",
    metavar="NAME",
    help="Device on which JAX computes, such as cpu, gpu or cuda:1.  [default: chosen by JAX]",
)
@click.option(
    "--lanes",
    type=COUNT,
    help="Number of networks that are computed together; changes the rounding.  [default: 1]",
)
@click.option("--unstable", is_flag=True, help="Train even if lr x sharpness is too large for stable steps.")
@click.option("--figure", type=click.Choice(list(FIGURES)), help="What --plot draws.  [default: training]")
@click.option("--resume", type=FILE, help="Continue the unfinished run of FILE.", metavar="FILE")
@click.option(
    "--extend",
    type=FILE,
    help="Add steps or networks to the finished run of this file, and replace it. Give its other options again.",
)
@click.option(
    "--keep-state", is_flag=True, help="Keep the weights at the end for --extend, also above 64 MiB."
)
@sweep_options
@scheduler_option
@plugins_option
@common_options
def train(
    model: str | None,
    figure: str | None,
    resume: Path | None,
    extend: Path | None,
    seed: int | None,
    out: Path | None,
    force: bool,
    plot: Path | None,
    as_json: bool,
    quiet: bool,
    scheduler: str | None,
    **given: Any,
) -> None:
    """Train networks and record them like a toy run.

    MODEL is one of `langevin list models`, such as parity (or models.parity), or the dotted name of your own module in
    the working directory; the module has a function model(**dials). Options that are not given are taken from the
    preset, or from the module's DEFAULTS.

    To continue an interrupted run, give its command again with --resume FILE: the result has the same bits. Only the
    seed is taken from the file. The command is refused if network, data, settings or versions have changed.

    Figures: training (loss, accuracy, displacement), motion (squared displacement before and after zero loss, with
    local exponents), circle (embeddings in the plane of their best frequency), and for a sweep over two settings phases
    (confusion, memorisation, grokking, comprehension).

    \b
    Examples:
      langevin train parity -p width=300 --weight-decay 0.02 --plot parity.png
      langevin train models.parity --preset label-noise --seeds 8
      langevin train models.digits --set temperature=1e-6,1e-5
      langevin train models.digits --law underdamped --option friction=2 --leaf-rate output=0.1
      langevin train models.parity --observe norms,sharpness --stop 'test_loss<0.1 for 300'
      langevin train models.tanh --preset motion --figure motion --plot motion.png
      langevin train models.digits --resume digits.h5
      langevin train models.digits --seeds 10 --extend digits.h5
      langevin train models.parity --seeds 50 --from parity.h5:memorised:0 --out committor.h5
    """  # noqa: D301 - click reads the backspace
    import json

    from langevin.cli import extended, training_text, unfinished
    from langevin.cli.jobs import prepare, read_job
    from langevin.cli.keeping import claim, networks_measured
    from langevin.cli.train_and_show import run
    from langevin.experiment.report import check_survivors
    from langevin.sgld import judge

    longer = None if extend is None else extended.to_extend(extend, "network", resume)
    found = None if resume is None else unfinished.reopen(resume)
    if longer:
        seed = extended.seed_of(longer, "MODEL", model is not None, seed)
        out = out or longer.file
        for name in ("steps", "chains"):
            given[name] = given[name] or longer.run.meta.get(name)
    model = _named(model, found)
    seed = found.seed if found and seed is None else seed
    name = f"{model.rpartition('.')[2].replace(':', '_')}.h5"
    path = found.path if found else out or usual_file(name, force)
    more = (*words_of_plugins(), *(() if longer is None else longer.words(path)))
    job = read_job(model, {**given, "seed": seed}, force, more)
    if found and out and Path(out) != path:
        raise UsageError(
            f"--resume continues in {path}, not in {out}", "both must name one file", "leave --out out"
        )
    claim(path, plot)
    if resume is not None:  # its writer may have continued until the claim
        found = unfinished.reopen(resume)
    network, plan, preset = prepare(job)
    found = _ready(path, found, longer, force)
    check_plot(plot, figure, network, plan)
    weights: list[Any] = []
    visit = remembering(weights) if figure == "circle" else None
    executor = spread(scheduler).get("executor")
    state = found.state if found else None
    with extended.explains_stopped_extension(path, longer), unfinished.explains_first_command(found):
        trajectory = run(network, plan, visit, quiet, path, job, state, longer, executor)
    extended.keep_longer(path, trajectory, force, (), longer, networks_measured(trajectory))
    judged = judge(preset, trajectory) if preset else {}
    if as_json:
        click.echo(json.dumps(training_text.as_record(trajectory, judged, path), indent=2))
    else:
        show(training_text.as_text(trajectory, judged))
    if plot is not None:
        draw(plot, figure, network, trajectory, weights)
    if not quiet:
        what = extended.what_came(longer, trajectory, path)
        click.echo(what.replace("run saved to", "saved") + (f", drew {plot}" if plot else ""), err=True)
    if trajectory.counts["diverged"] == len(trajectory.events["status"]):
        raise NumericalError("every network diverged", remedy="lower --learning-rate, or --temperature")
    check_survivors(trajectory)


def _named(model: str | None, found: Unfinished | None) -> str:
    """The model, if it is typed.

    Raises:
        UsageError: it is not; if an unfinished run is to be continued, the sentence shows the command in its file.
    """
    from langevin.cli.begun import check_named

    if found is not None:
        check_named(found.path, found.words or WORDS, "MODEL", model is not None)
    if model is None:
        raise UsageError(
            "MODEL is missing",
            "it is a name of `langevin list models`, or your own module",
            "give one, such as models.parity",
        )
    return model


def _ready(path: Path, found: Unfinished | None, longer: Extended | None, force: bool) -> Unfinished | None:
    """The unfinished run that continues, after a check that its file can be written. Files to be replaced are removed.

    Raises:
        OutputError: a file or an unfinished run is there already and `force` is not given.
    """
    from langevin.cli import extended, unfinished
    from langevin.store import check_writable, discard

    if longer is not None:
        extended.check_target(path, longer.file, force)
        extended.check_measured(path, longer)
        return unfinished.reopen(path) if unfinished.is_there(path) else None
    if found:
        unfinished.check_free(path, force)
        return found
    check_writable(path, force=force, remedy="resume it by --resume, ")
    discard(path)
    return None
