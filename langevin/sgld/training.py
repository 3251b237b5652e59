"""Train networks under a law of motion, into the same record as a toy run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langevin.errors import UsageError
from langevin.sgld.checks import check
from langevin.sgld.frames import schedule as recorded_steps
from langevin.sgld.model import Model, Observer
from langevin.sgld.plan import Law, Plan, Rule, Schedule
from langevin.sgld.precision import precision
from langevin.sgld.sweep import settings
from langevin.types import Trajectory

CHECKPOINT_SECONDS = 10.0
#: What one compiled call should take, for Ctrl-C waits for its end; steps of the first, of which nothing is known.
CALL_SECONDS, FIRST_CALL = 0.25, 10
DECAYS = {"coupled": False, "decoupled": True}


def train(
    model: Model,
    *,
    steps: int,
    learning_rate: float,
    law: str = "sgld",
    temperature: float = 0.0,
    weight_decay: float = 0.0,
    decay: str = "coupled",
    label_noise: float = 0.0,
    options: Mapping[str, float] | None = None,
    schedule: Schedule | None = None,
    batch: int | None = None,
    chains: int = 5,
    sweep: Mapping[str, Sequence[float]] | None = None,
    after_memorisation: Mapping[str, float] | None = None,
    stop: Mapping[str, float] | None = None,
    seed: int = 0,
    frames: int | Sequence[int] = 200,
    observe: Mapping[str, Observer] | None = None,
    sketch: int = 64,
    dtype: str = "float32",
    chunk: int = 1000,
    lanes: int = 1,
    unstable: bool = False,
    announce: Callable[[str], object] | None = None,
    progress: Callable[[int], object] | None = None,
    visit: Callable[[int, list[Any]], object] | None = None,
    checkpoint: Callable[[Trajectory, dict[str, Any]], object] | None = None,
    resume: Mapping[str, Any] | None = None,
) -> Trajectory:
    """Train `chains` networks that differ in initial weights, batches and noise, on the same data.

    The law of motion is x <- x - lr (grad f + wd x) + sqrt(2 lr theta) xi (`langevin.sgld.law`): at theta = 0
    gradient descent with coupled weight decay. A chain depends on the seed and its own number, not
    on how many chains or frames there are.

    Args:
        model: The network, its loss and its data.
        steps: Number of steps of each network.
        learning_rate: lr, the time of one step.
        law: Name of the law of motion (`langevin.sgld.laws`).
        temperature: theta; the Gibbs density is exp(-f / theta), f the mean loss over the training set.
        weight_decay: wd; adds wd |x|^2 / 2 to f, not to the recorded losses.
        decay: `coupled` or `decoupled` (`langevin.sgld.laws`).
        label_noise: sigma of the noise on each target, fresh at every step.
        options: Other numbers of an optimiser, as {"b2": 0.98}.
        schedule: Factors of lr, above 0 and at most 1, for an array of step numbers: the alpha_k of
            stochastic gradient Langevin dynamics.
        batch: Samples a step, shuffled afresh every epoch; None for all of them.
        chains: Number of networks, in each setting of a sweep.
        sweep: Values of numbers of the law, as {"temperature": [1e-6, 1e-5]}, all combined. The events `setting`,
            `network` and one for each number swept say which chain is which, and `langevin.sgld.split` takes settings
            apart. Networks of one number share initial weights and noise, so settings are compared in pairs.
        after_memorisation: Numbers of the law from the first recorded step at train accuracy 1 on.
        stop: Criteria that end a network, with status HIT: {"generalised": steps for which test accuracy 1 has
            lasted, "train_loss": a loss}; decided at recorded steps.
        seed: Seed of them all, 0 ... 2^64 - 1.
        frames: Recorded steps, or about how many (`langevin.sgld.frames.schedule`).
        observe: Observables of one's own, functions of the weights written in jax.numpy.
        sketch: Dimension s of the recorded sketch of the weights, which gives a squared displacement a
            relative error of standard deviation sqrt(2/s) at most.
        dtype: `float32` or `float64`, of the weights and all computation.
        chunk: Most steps of one compiled call, fewer where they are slow; it changes no result.
        lanes: Networks advanced at once. With 1 a network is bitwise the same in any company, with more
            the same within rounding.
        unstable: Go on, with a warning, where lr x sharpness at the start says that descent diverges: 2 or more in a
            quadratic, 4 or more in a network.
        announce: Called once, before the first step, with a line on noise and sharpness.
        progress: Called with the number of steps done since the last call, all networks together.
        visit: Called at every recorded step with the step and the weights, a list of one for each chain.
        checkpoint: Called every ten seconds, and on Ctrl-C or SIGTERM, with the run so far and what `resume` takes,
            arrays by name.
        resume: Goes on from there; all else as the run was begun. The result has the bits of a run in one piece.

    Returns:
        states (chains, draws, sketch), a sketch of the weights (`langevin.sgld.sketch`);
        observables train_loss, test_loss, train_accuracy, test_accuracy, weight_norm, displacement
        |x - x_0|, exact, and those of the model and of `observe`;
        events `status`, `step`, `time`, `rank` (of the Jacobian of the residuals at the end; -1 without noise of
        the weights, for nothing rests on it), and, as first *recorded* steps, -1 for never, `memorised_step` and
        `generalised_step` (train and test accuracy 1; 0.95 with the suffix `_95`) and `arrival_step` (by the rule in
        meta `arrival`).

    Raises:
        UsageError: a value out of its range, of another law, or unstable; or a function of the model that fails.
        NumericalError: the loss is not finite at the initial weights.
        InputFileError: `resume` is of another run.
    """
    if not isinstance(model, Model):
        raise UsageError(f"a training takes a langevin.sgld.Model, not {type(model).__name__}")
    if decay not in DECAYS:
        raise UsageError(f"decay is {decay!r}: it must be coupled or decoupled")
    numbers = Law(learning_rate, temperature, weight_decay, label_noise, tuple((options or {}).values()))
    plan = Plan(
        rule=Rule(law, batch, DECAYS[decay], tuple(options or ())),
        laws=settings(numbers, sweep or {}),
        swept=tuple(sweep or ()),
        steps=steps,
        chains=chains,
        seed=seed,
        frames=recorded_steps(steps, frames),
        sketch=sketch,
        dtype=dtype,
        chunk=chunk,
        lanes=lanes,
        schedule=schedule,
        stop=dict(stop or {}),
        change=dict(after_memorisation or {}),
        observe=(*model.observe.items(), *(observe or {}).items()),
        unstable=unstable,
    )
    check(model, plan)
    return run(model, plan, announce, progress, visit, checkpoint, resume)


def run(
    model: Model,
    plan: Plan,
    announce: Callable[[str], object] | None,
    progress: Callable[[int], object] | None,
    visit: Callable[[int, list[Any]], object] | None,
    checkpoint: Callable[[Trajectory, dict[str, Any]], object] | None,
    resume: Mapping[str, Any] | None,
) -> Trajectory:
    """Carry out a plan. JAX is imported here, so that naming this package costs nothing."""
    from langevin.sgld.functions import check_functions
    from langevin.sgld.opening import opening
    from langevin.sgld.progress import begin, forward, next_target, record, weights_of
    from langevin.sgld.record import assemble
    from langevin.sgld.snapshot import pack, unpack
    from langevin.sgld.start import count_parameters

    with precision(plan.dtype):
        check_functions(model, plan)
        setup, now = begin(model, plan)
        first = weights_of(setup, now)[0]
        opened: dict[str, Any] = {"parameters": count_parameters(model, first)}
        line, opened["sharpness"] = opening(model, plan, first, setup.data[0])
        if announce:
            announce(line)
        now = unpack(setup, now, dict(resume)) if resume else record(setup, now)

        def save() -> None:
            if checkpoint:
                checkpoint(assemble(setup, now, opened, complete=False), pack(setup, now))

        recorded, saved, pace = set(plan.frames.tolist()), time.perf_counter(), FIRST_CALL
        if visit and not resume:
            visit(0, weights_of(setup, now))
        try:
            while now.at < plan.steps and now.running.any():
                began, target = time.perf_counter(), next_target(plan, now.at, pace)
                after = forward(setup, now, target)
                pace = max(1, int(CALL_SECONDS * (target - now.at) / (time.perf_counter() - began)))
                if target in recorded:
                    after = record(setup, after)
                done, now = int(now.running.sum()) * (target - now.at), after
                if visit and target in recorded:
                    visit(target, weights_of(setup, now))
                if progress:
                    progress(done)
                if time.perf_counter() - saved > CHECKPOINT_SECONDS:
                    save()
                    saved = time.perf_counter()
        except (KeyboardInterrupt, SystemExit):
            save()
            raise
        return assemble(setup, now, opened, complete=True)
