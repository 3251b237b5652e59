"""Train networks by stochastic gradient Langevin dynamics, into the same record as a toy run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from langevin.sgld.frames import schedule
from langevin.sgld.model import Model
from langevin.sgld.plan import Law, Plan, check
from langevin.types import Trajectory


def train(
    model: Model,
    *,
    steps: int,
    learning_rate: float,
    temperature: float = 0.0,
    weight_decay: float = 0.0,
    batch: int | None = None,
    chains: int = 5,
    seed: int = 0,
    frames: int | Sequence[int] = 200,
    sketch: int = 64,
    dtype: str = "float32",
    chunk: int = 250,
    progress: Callable[[int], object] | None = None,
    checkpoint: Callable[[Trajectory], object] | None = None,
) -> Trajectory:
    """Train `chains` networks that differ in initial weights, batches and noise, on the same data.

    The law of motion is x <- x - lr (grad f + wd x) + sqrt(2 lr theta) xi (`langevin.sgld.law`): at theta = 0
    gradient descent with coupled weight decay. A chain depends on the seed and its own number, not
    on how many chains or frames there are.

    Args:
        model: The network, its loss and its data.
        steps: Number of steps of each network.
        learning_rate: lr, the time of one step.
        temperature: theta; the Gibbs density is exp(-f / theta), f the mean loss over the training set.
        weight_decay: wd; adds wd |x|^2 / 2 to f, not to the recorded losses.
        batch: Samples a step, shuffled afresh every epoch; None for all of them.
        chains: Number of networks.
        seed: Seed of them all, 0 ... 2^64 - 1.
        frames: Recorded steps, or about how many (`langevin.sgld.frames.schedule`).
        sketch: Dimension s of the recorded sketch of the weights, which gives a squared displacement a
            relative error of standard deviation sqrt(2/s) at most.
        dtype: `float32` or `float64`, of the weights and all computation.
        chunk: Most steps of one compiled call; it changes no result.
        progress: Called with the number of steps done since the last call.
        checkpoint: Called after every network with the trajectory of those that are done.

    Returns:
        states (chains, draws, sketch), a sketch of the weights (`langevin.sgld.sketch`);
        observables train_loss, test_loss, train_accuracy, test_accuracy, weight_norm, and displacement
        |x - x_0|, exact;
        events `status`, `step`, `time`, `rank` (of the Jacobian of the residuals at the end), and, as first
        *recorded* steps, -1 for never, `memorised_step` and `generalised_step` (train and test accuracy 1;
        0.95 with the suffix `_95`) and `arrival_step` (by the rule in meta `arrival`).

    Raises:
        UsageError: a value out of its range, or outputs that do not fit the targets.
        NumericalError: the loss is not finite at the initial weights.
    """
    plan = Plan(
        law=Law(learning_rate, temperature, weight_decay),
        steps=steps,
        batch=batch,
        chains=chains,
        seed=seed,
        frames=schedule(steps, frames),
        sketch=sketch,
        dtype=dtype,
        chunk=chunk,
    )
    check(model, plan)
    return run(model, plan, progress, checkpoint)


def run(
    model: Model,
    plan: Plan,
    progress: Callable[[int], object] | None = None,
    checkpoint: Callable[[Trajectory], object] | None = None,
) -> Trajectory:
    """Carry out a plan. JAX is imported here, so that naming this package costs nothing."""
    import jax

    from langevin.sgld.chain import run_chain
    from langevin.sgld.record import assemble
    from langevin.sgld.start import chain_key, count_parameters, initial_weights, warn_if_noise_is_lost

    with jax.enable_x64(plan.dtype == "float64"):
        keys = [chain_key(plan.seed, chain) for chain in range(plan.chains)]
        weights = initial_weights(keys[0], model=model, dtype=plan.dtype)
        parameters = count_parameters(model, weights)
        warn_if_noise_is_lost(plan, weights)
        records = []
        for key in keys:
            records.append(run_chain(model, plan, key, progress))
            if checkpoint and len(records) < plan.chains:
                checkpoint(assemble(model, plan, records, parameters))
    return assemble(model, plan, records, parameters)
