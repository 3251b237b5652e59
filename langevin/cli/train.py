"""langevin train MODEL: train networks under a law of motion."""

from __future__ import annotations

import gc
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langevin.cli.dials import parse_dials
from langevin.cli.drawn import FIGURES, check_plot, draw, remembering
from langevin.cli.options import (
    COUNT,
    FINITE,
    POSITIVE,
    common_options,
    draw_seed,
    parse_schedule,
)
from langevin.cli.paths import FILE
from langevin.cli.scheduler import scheduler_option, spread
from langevin.cli.several import SweepableCommand, sweep_options
from langevin.cli.uninterrupted import uninterrupted
from langevin.errors import NumericalError, UsageError, foreign, unfit

if TYPE_CHECKING:
    from langevin.cli.unfinished import Job
    from langevin.sgld import Model, Plan, Preset

#: Options that take pairs NAME=VALUE, and become dictionaries.
#: The words of a command that its file does not say.
WORDS = ("langevin", "train", "MODEL")
PAIRS = ("options", "sweep", "after_memorisation", "stop")


@click.command(cls=SweepableCommand)
@click.argument("model", required=False)
@click.option("-p", "pairs", multiple=True, metavar="NAME=VALUE", help="Dial of the model; repeatable.")
@click.option("--preset", help="Dials and settings of a known figure, by the name in the model's PRESETS.")
@click.option("--steps", type=COUNT, help="Steps of each network.")
@click.option(
    "--law",
    "name",
    help="gradient-descent, sgd, sgld, label-noise, optax.NAME, or your own optimiser as module:name.  [default: sgld]",
)
@click.option("--learning-rate", type=POSITIVE, help="Time of one step.")
@click.option("--schedule", metavar="polynomial:SCALE,POWER", help="Step k is that x (1 + k/SCALE)^-POWER.")
@click.option("--temperature", type=FINITE, help="theta of the noise, sqrt(2 learning-rate theta) a step.")
@click.option("--label-noise", type=FINITE, help="Standard deviation of the noise on the targets.")
@click.option("--weight-decay", type=FINITE, help="Weight decay, on all weights.")
@click.option("--decay", type=click.Choice(["coupled", "decoupled"]), help="Whether an optimiser sees it.")
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="Option of an optimiser: a number, true or false, or a word.",
)
@click.option("--batch", type=COUNT, help="Samples a step (all of them if neither given nor preset).")
@click.option("--chains", "--seeds", type=COUNT, help="Networks trained, with different seeds.")
@click.option("--set", "sweep", multiple=True, metavar="NAME=A,B,...", help="Sweep over a number of the law.")
@click.option("--after-memorisation", multiple=True, metavar="NAME=VALUE", help="The law from then on.")
@click.option("--stop", multiple=True, metavar="NAME=VALUE", help="generalised=STEPS or train_loss=LOSS.")
@click.option("--dtype", type=click.Choice(["float32", "float64"]), help="Precision.")
@click.option("--lanes", type=COUNT, help="Networks advanced at once.")
@click.option("--unstable", is_flag=True, help="Train although lr x sharpness is too large.")
@click.option("--figure", type=click.Choice(list(FIGURES)), help="What --plot draws.  [default: training]")
@click.option("--resume", type=FILE, help="Go on with the unfinished run of FILE.", metavar="FILE")
@sweep_options
@scheduler_option
@common_options
def train(
    model: str | None,
    figure: str | None,
    resume: Path | None,
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

    MODEL is a dotted module name, found from the working directory: models.parity, models.digits ... in
    this repository, or a file of your own with a function model(**dials). What is not given is taken from
    the preset, or from the module's DEFAULTS. A run that was interrupted goes on to the same bits, if its command is
    given again with --resume FILE: nothing in a file chooses what runs. It is refused if network, data, settings or
    versions have changed since; only the seed is taken from the file.
    Figures: training (loss, accuracy, displacement), motion (squared displacement before and after zero loss, with
    local exponents), circle (embeddings in the plane of their best frequency).

    \b
    Examples:
      langevin train models.parity -p width=300 --weight-decay 0.02 --plot parity.png
      langevin train models.parity --preset label-noise --seeds 8
      langevin train models.digits --set temperature=1e-6,1e-5
      langevin train models.tanh --preset motion --figure motion --plot motion.png
      langevin train models.digits --resume digits.h5
    """  # noqa: D301 - click reads the backspace
    import json

    from langevin.cli import trained, unfinished
    from langevin.cli.begun import to_resume
    from langevin.cli.keeping import claim, keep
    from langevin.cli.measured import networks_measured
    from langevin.cli.training import run
    from langevin.experiment.report import check_survivors
    from langevin.sgld import judge
    from langevin.store import check_writable, discard

    found = None if resume is None else unfinished.reopen(resume)
    if model is None:
        if found is None:
            raise UsageError(
                "MODEL is missing", "a module with a function model", "give one, such as models.parity"
            )
        raise UsageError(
            "--resume has no MODEL",
            "nothing in a file chooses what runs, so the run's command is given again",
            f"by the word of the file it is `{to_resume(found.words or WORDS, found.path)}`",
        )
    seed = found.seed if found and seed is None else seed
    job = read_job(model, {**given, "seed": seed}, force)
    path = found.path if found else Path(out or f"{model.rpartition('.')[2].replace(':', '_')}.h5")
    if found and out and Path(out) != path:
        raise UsageError(f"--resume goes on in {path}, not in {out}", "one file", "leave --out out")
    claim(path, plot)
    if resume is not None:  # until the claim its writer may have gone on
        found = unfinished.reopen(resume)
    network, plan, preset = prepare(job)
    if found:
        unfinished.check_free(path, force)
    else:
        check_writable(path, force=force, remedy="resume it by --resume, ")
        discard(path)
    check_plot(plot, figure, network, plan)
    weights: list[Any] = []
    visit = remembering(weights) if figure == "circle" else None
    executor = spread(scheduler).get("executor")
    with unfinished.told_how_it_began(found):
        trajectory = run(network, plan, visit, quiet, path, job, found.state if found else None, executor)
    keep(path, trajectory, force, measured=networks_measured(trajectory))
    judged = judge(preset, trajectory) if preset else {}
    if as_json:
        click.echo(json.dumps(trained.as_record(trajectory, judged, path), indent=2))
    else:
        click.echo(trained.as_text(trajectory, judged))
    if plot is not None:
        draw(plot, figure, network, trajectory, weights)
    if not quiet:
        click.echo(f"saved {path}" + (f", drew {plot}" if plot else ""), err=True)
    if trajectory.counts["diverged"] == len(trajectory.events["status"]):
        raise NumericalError("every network diverged", remedy="lower --learning-rate, or --temperature")
    check_survivors(trajectory)


def read_job(model: str, given: dict[str, Any], force: bool) -> Job:
    """What the options ask for, in values that JSON can hold; the seed is drawn if not given."""
    from langevin.cli.unfinished import Job

    pairs, preset = given.pop("pairs"), given.pop("preset")
    seed = draw_seed(given.pop("seed"))
    settings = {name: value for name, value in given.items() if name not in PAIRS and value}
    zeros = {name: value for name, value in given.items() if isinstance(value, float) and value == 0}
    for name in PAIRS:
        numbers = {
            key: values for pair in given[name] for key, values in [read_pair(pair, name == "options")]
        }
        if name != "sweep":
            several = [key for key, values in numbers.items() if len(values) > 1]
            if several:
                raise UsageError(
                    f"{several[0]} takes one value here",
                    "one value, for only --set takes several",
                    "sweep by --set",
                )
            numbers = {key: values[0] for key, values in numbers.items()}
        if numbers:
            settings[name] = numbers
    return Job(model, preset, tuple(pairs), {**settings, **zeros, "seed": seed}, force)


def read_pair(pair: str, words: bool = False) -> tuple[str, Any]:
    """`name=a,b` as a name and a list of numbers, or, of options of an optimiser, of truths and texts too.

    `langevin.sweep.values_of` says what spells several.
    """
    from langevin.sweep.values import values_of

    name, equals, text = pair.partition("=")
    if not equals:
        raise unfit("this option", "takes NAME=VALUE", f"{pair!r}")
    try:
        values = [_value(one, words) for one in values_of(name, text)]
    except click.BadParameter as error:
        raise UsageError(
            f"{name} takes numbers: {error.message}",
            "finite numbers, between commas",
            "write them as in 1e-6,1e-5",
        ) from error
    return name.strip().replace("-", "_"), values


def _value(text: str, words: bool) -> float | bool | str:
    """A number, or with `words` also a truth or a name."""
    if words and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    return (
        text
        if words and text.isidentifier() and text not in {"nan", "inf"}
        else FINITE.convert(text, None, None)
    )


def prepare(job: Job) -> tuple[Model, Plan, Preset | None]:
    """Network, plan and preset (or None) of a job: what it sets replaces what the preset or the module has."""
    with uninterrupted():  # JAX, left in the middle of its import, would abort the process
        import_module("langevin.sgld.law")
        gc.freeze()  # JAX is called at every look for garbage, and loses a Ctrl-C that came during a long one

    from langevin.sgld import Law, Plan, load
    from langevin.sgld import preset as find_preset
    from langevin.sgld.plan import with_settings

    factory, defaults = load(job.model)
    preset = find_preset(job.model, job.preset) if job.preset else None
    dials = {**(preset.dials if preset else {}), **parse_dials(job.pairs, factory)}
    with foreign(job.model):
        network = factory(**dials)
    settings = dict(job.settings)
    if "schedule" in settings:
        settings["schedule"] = parse_schedule(settings["schedule"])
    plan = preset.plan if preset else defaults
    if plan is None:
        for name in ("steps", "learning_rate"):
            if name not in settings:
                raise UsageError(
                    f"{job.model} has no default for --{name.replace('_', '-')}",
                    "it must be given where the module has no DEFAULTS",
                    "give one",
                )
        plan = Plan(Law(settings["learning_rate"]), settings["steps"])
    return network, with_settings(plan, _without_other_laws(plan, settings)), preset


def _without_other_laws(plan: Plan, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings; numbers of the plan that the named law does not take are left out unless they were typed."""
    from dataclasses import replace

    from langevin.sgld import Law
    from langevin.sgld.laws import takes

    law = replace(plan.law, name=settings.get("name", plan.law.name))
    if law.name == plan.law.name:
        return settings
    nothing = vars(Law(law.learning_rate))
    refused = {
        name: nothing[name] for name in ("batch", "temperature", "label_noise") if not takes(law, name)
    }
    return {**refused, "options": {}, "decay": nothing["decay"], **settings}
