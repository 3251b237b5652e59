"""Is the noise of SGD Gaussian, and does it make an OU process along the zero-loss set?

A tanh network with more weights than samples. On its way down, noise of minibatches and of labels is drawn at fixed
weights: kurtosis in random and in Hessian directions, size, alignment with the Hessian. On the set, it is asked whether
the displacement saturates, as that of an Ornstein-Uhlenbeck process must. The full run takes a minute of one processor.
"""

import warnings
from dataclasses import replace

import numpy as np

from langevin import measure
from langevin.comparison import compare, format_value
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, judge
from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
from langevin.measure import bootstrap_walkers
from langevin.measure.networks import kernel_modes, tangent_kernel
from langevin.sgld import Callbacks, Computation, Law, Recording, train
from langevin.types import Curve, Prediction
from models import tanh

#: Steps of descent after which noise is looked at; batches drawn, of so many samples; random directions.
STAGES = (0, 30, 300, 1_000)
DRAWS, BATCH, DIRECTIONS = 4_000, 5, 40
#: An excess kurtosis up to this size counts as approximately Gaussian: uniform noise has -1.2, Laplace noise 3.
NEAR = 1.0
#: Motion on the set: rate, temperature, label noise; networks and steps: quick, full; frames.
RATE, HEAT, LABELS = 0.1, 1e-5, 1.0
SIZES, FRAMES = {True: (2, 1_500), False: (10, 40_000)}, 80
#: Across the set: steps between frames, number of frames, mode of J J^T counted from the stiffest, and a temperature
#: so low that meanwhile the curvature stays.
GAP, SHORT_FRAMES, MODE, COLD = 4, {True: 150, False: 1_000}, 7, 1e-9
POST = "B. Millidge, Addendum to Grokking Grokking (beren.io)"
GAUSSIAN = Claim("the intrinsic noise caused by SGD is assumed approximately Gaussian", POST)
PROCESS = Claim("this induces an OU process in weight-space along the optimal manifold", POST)
KINDS = ("minibatches, random direction", "minibatches, Hessian direction", "labels, random direction",
         "labels, Hessian direction")  # fmt: skip


def answer(quick=False, seed=1):
    """Draw noise at the stages of a descent, then follow three kinds of noise on the set."""
    networks, steps = SIZES[quick]
    stages = descended(networks, seed)
    found = [[noise_at(*place, seed + i) for i, place in enumerate(places)] for places in stages]
    noise = {name: np.array([[one[name] for one in row] for row in found]) for name in found[0][0]}
    model = tanh.model()
    far = {name: moved(model, law, networks, steps, seed) for name, law in laws().items()}
    exponents = {name: late_exponent(run) for name, run in far.items() if name != "minibatches"}
    across = relaxation_row(model, networks, SHORT_FRAMES[quick], seed)
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(is_gaussian(noise), is_process(far, exponents, across)),
        header=("step of descent", "quantity", "mean over networks", "standard error", "networks"),
        rows=[
            (step, name, m.value, m.error, m.n)
            for name, rows in noise.items()
            for step, m in zip(STAGES, map(mean_of, rows), strict=True)
        ],
        draw=lambda path: draw(path, noise, far),
        settings={
            "batch": BATCH, "draws": DRAWS, "learning_rate": RATE, "temperature": HEAT, "label_noise": LABELS,
            "networks": networks, "steps": steps,
        },
        comparisons=[across],
    )  # fmt: skip


def laws():
    """The kinds of noise on the set."""
    return {
        "minibatches": Law(RATE, name="sgd", batch=BATCH),
        "isotropic": Law(RATE, temperature=HEAT),
        "labels": Law(RATE, label_noise=LABELS, name="label-noise"),
    }


def descended(networks, seed):
    """Residuals (samples,) and Jacobians (samples, weights) of each network at each of STAGES."""
    import jax
    from jax.flatten_util import ravel_pytree

    keys, places, model = jax.random.split(jax.random.key(seed), networks), [], tanh.model(descent=0)
    unravel = ravel_pytree(model.init(keys[0]))[1]

    @jax.jit
    def outputs(flat):
        return model.apply(unravel(flat), model.train.inputs)[:, 0]

    slope = jax.jit(jax.jacrev(outputs))
    for steps in STAGES:
        start = jax.jit(tanh.model(descent=steps).init)
        states = [ravel_pytree(start(key))[0] for key in keys]
        places.append(
            [
                (np.asarray(outputs(w)) - model.train.targets[:, 0], np.asarray(slope(w), np.float64))
                for w in states
            ]
        )
    return places


def noise_at(residuals, jacobian, seed):
    """Loss, size and alignment of the noise of minibatches, and excess kurtosis of KINDS, at one place."""
    generator = np.random.default_rng(seed)
    samples, weights = jacobian.shape
    gradients = residuals[:, None] * jacobian
    centred = gradients - gradients.mean(axis=0)
    hessian = np.linalg.svd(jacobian, full_matrices=False)[2]
    random = generator.standard_normal((DIRECTIONS, weights))
    chosen = generator.permuted(np.tile(np.arange(samples) < BATCH, (DRAWS, 1)), axis=1) / BATCH
    labels = generator.standard_normal((DRAWS, samples)) / samples
    values = (
        chosen @ gradients @ random.T, chosen @ gradients @ hessian.T, labels @ jacobian @ random.T,
        labels @ jacobian @ hessian.T,
    )  # fmt: skip
    covariance = (samples - BATCH) / (BATCH * (samples - 1))  # of a mean over a batch, without replacement
    return {
        "loss": (residuals**2).mean() / 2,
        "size": covariance * (centred**2).sum() / samples,
        "alignment": cosine(centred, jacobian),
        **{name: excess_kurtosis(value).mean() for name, value in zip(KINDS, values, strict=True)},
    }


def cosine(first, second):
    """tr(C H) / (|C| |H|) of the matrices A^T A with these rows A; C of label noise has the value 1."""
    overlap = ((first @ second.T) ** 2).sum()
    return overlap / (np.linalg.norm(first @ first.T) * np.linalg.norm(second @ second.T))


def excess_kurtosis(values):
    """Fourth moment over the squared variance, less 3, of each column."""
    centred = values - values.mean(axis=0)
    return (centred**4).mean(axis=0) / (centred**2).mean(axis=0) ** 2 - 3


def moved(model, law, networks, steps, seed):
    """A run from the set; the record has all weights in the place of their sketch."""
    from jax.flatten_util import ravel_pytree

    states = []

    def keep(_, weights):
        states.append([np.asarray(ravel_pytree(one)[0]) for one in weights])

    with warnings.catch_warnings():  # that minibatches move nothing here is the point
        warnings.simplefilter("ignore", UserWarning)
        frames = np.unique(np.geomspace(10, steps, FRAMES).astype(int)).tolist()
        run = train(
            model, law, steps=steps, chains=networks, seed=seed, recording=Recording(frames, sketch=1),
            computation=Computation("float64"), callbacks=Callbacks(visit=keep),
        )  # fmt: skip
    return replace(
        run,
        states=np.array(states).swapaxes(0, 1),
        meta={**run.meta, "arrival": "start", "arrival_loss": None},
    )


def late_exponent(run):
    """Exponent of the squared displacement in the last decade of the run: 0 once a process has saturated."""
    last = float(run.times[-1])
    return measure.local_exponent(run, window="after arrival", lags=(last / 10, last))


def relaxation_row(model, networks, frames, seed):
    """Memory of a residual across the set under isotropic noise, beside that of an OU process of its curvature."""
    (x, y), residuals, start = model.train, [], []

    def keep(_, weights):
        residuals.append([np.asarray(model.apply(one, x) - y)[:, 0] for one in weights])
        if not start:
            start.extend(weights)

    run = train(
        model, Law(RATE, temperature=COLD), steps=GAP * frames, chains=networks, seed=seed + 1,
        recording=Recording(range(0, GAP * frames + 1, GAP), sketch=1), computation=Computation("float64"),
        callbacks=Callbacks(visit=keep),
    )  # fmt: skip
    values, vectors = zip(*(kernel_modes(tangent_kernel(model, one)) for one in start))
    curvature = np.array(values)[:, MODE] / len(model.train.targets)
    modes = np.einsum("fcs,cs->cf", np.array(residuals), np.array(vectors)[:, :, MODE])
    times = -RATE / np.log1p(-RATE * curvature)
    own = replace(run, states=modes[..., None], observables={})
    mean = float(times.mean())
    measured = measure.relaxation_time(
        own, lambda state: state[:, 0], lags=(0.3 * mean, 1.2 * mean), first_time=2 * mean
    )
    law = Curve("OU across the set: -lr / log(1 - lr lambda)", lambda _: Prediction(mean, float(times.std())),
                "near the start", "Uhlenbeck and Ornstein 1930")  # fmt: skip
    return compare(measured, law, level=LEVEL)


def mean_of(values):
    """Mean over networks with its error."""
    return bootstrap_walkers(np.asarray(values)[:, None], lambda means: means[:, 0], "mean over networks")


def told(measured):
    """Number and error."""
    return format_value(measured.value, measured.error)


def is_gaussian(noise):
    """Every mean excess kurtosis is below NEAR in size by three errors; the size must not vanish with the loss."""
    kurtosis = {name: [mean_of(row) for row in noise[name]] for name in KINDS}
    near = {name: all(abs(m.value) + 3 * m.error < NEAR for m in row) for name, row in kurtosis.items()}
    power = np.polyfit(np.log(noise["loss"].mean(axis=1)), np.log(noise["size"].mean(axis=1)), 1)[0]
    number = "; ".join(
        f"excess kurtosis, {name}: {told(row[0])} at the start, {told(row[-1])} at loss {noise['loss'][-1].mean():.0e}"
        for name, row in kurtosis.items()
    )
    number += (
        f" (n = {noise['loss'].shape[1]} networks, {DRAWS} draws each); the variance of minibatch noise goes as loss "
        f"to the {power:.2f}; cosine of its covariance with the Hessian {told(mean_of(noise['alignment'][-1]))}, of "
        "that of label noise 1"
    )
    return Finding(
        GAUSSIAN,
        judge(all(near.values()), near[KINDS[2]] and near[KINDS[3]], "it is noise on labels"),
        number,
    )


def is_process(far, exponents, across):
    """The displacement along the set saturates; or else that across it is an OU process."""
    saturates = all(m.value + 3 * m.error < 0.5 for m in exponents.values())
    stand = float(
        np.linalg.norm(far["minibatches"].states[:, -1] - far["minibatches"].states[:, 0], axis=1).max()
    )
    number = (
        "exponent of the squared displacement in the last decade of time: "
        + ", ".join(f"{name} noise {told(m)}" for name, m in exponents.items())
        + f" (n = {exponents['isotropic'].n} networks), 0 for OU, 1 for free diffusion; minibatches move by {stand:.0e}"
        f"; across the set the memory of a residual is {told(across.measured)}, of OU {across.predicted.value:.2f}"
    )
    condition = (
        "the motion across the set is meant: along it nothing pulls back, isotropic noise diffuses freely, label noise "
        "drifts, and the noise of minibatches is gone"
    )
    return Finding(
        PROCESS, judge(saturates, across.verdict != "excluded" and across.measured.mixed, condition), number
    )


def draw(path, noise, far):
    """Kurtosis and alignment over the loss; displacement over time on the set."""
    with canvas(path, "Shape of the noise on the way down", width=11.0, height=4.0) as axes:
        grid = axes.figure.add_gridspec(1, 3)
        axes.set_subplotspec(grid[0])
        middle, right = (axes.figure.add_subplot(part) for part in (grid[1], grid[2]))
        losses = noise["loss"].mean(axis=1)
        for i, name in enumerate(KINDS):
            rows = [mean_of(row) for row in noise[name]]
            axes.errorbar(losses, [m.value for m in rows], [1.96 * m.error for m in rows], fmt="os^v"[i], capsize=3,
                          linestyle=DASHES[i], color=COLOURS[i], label=name)  # fmt: skip
        axes.axhline(0, color="0.5", linewidth=0.8)
        axes.set(xscale="log", xlabel="train loss", ylabel="excess kurtosis, 0 if Gaussian")
        for name, mark, colour, label in (
            ("size", "o", MEASURED, "variance of minibatch noise"), ("alignment", "s", COLOURS[1], "cosine with H"),
        ):  # fmt: skip
            middle.plot(
                noise["loss"].ravel(), noise[name].ravel(), mark, color=colour, markersize=4, label=label
            )
        scale = np.exp(np.log(noise["size"] / noise["loss"]).mean())
        middle.plot(losses, scale * losses, "--", color=COLOURS[0], label="$\\sim$ loss")
        middle.set(xscale="log", yscale="log", xlabel="train loss")
        middle.set_title("Size and alignment, each network", loc="left")
        for i, (name, run) in enumerate(far.items()):
            lags, squared = measure.mean_squared_displacement(run)
            right.plot(lags, squared.mean(axis=0), color=COLOURS[i], linestyle=DASHES[i], label=name)
        free = far["isotropic"].states.shape[2] - len(tanh.model().train.targets)
        right.plot(lags, 2 * HEAT * free * lags, ":", color=MEASURED, label="free diffusion, $2 \\theta d t$")
        right.set(xscale="log", yscale="log", xlabel="time on the set", ylabel="squared displacement")
        right.set_ylim(1e-4, None)
        right.set_title("On the set (minibatches: $10^{-30}$, below)", loc="left")
        for panel in (axes, middle, right):
            panel.legend(fontsize=7)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
