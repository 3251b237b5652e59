"""Is the noise of SGD Gaussian, and does it make an OU process along the zero-loss set?

A tanh network has more weights than samples. At several stages of its descent the sim draws minibatch noise of several
batch sizes at fixed weights, and measures its kurtosis and tails in random and in Hessian directions. On the set, it
tests whether the squared displacement saturates, as that of an Ornstein-Uhlenbeck process must.
The full run takes a minute of one processor.
"""

import warnings
from dataclasses import replace

import numpy as np

from langevin import measure
from langevin.comparison import compare
from langevin.comparison import format_measurement as told
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, between, every, near, some
from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
from langevin.figures.panels import band, bars, panels
from langevin.measure.networks import kernel_modes, tangent_kernel
from langevin.measure.seeds import mean_over
from langevin.sgld import Callbacks, Computation, Law, Recording, train
from langevin.types import Curve, Prediction
from models import tanh

#: Steps of descent after which noise is measured; number of batches drawn; batch sizes; number of random directions.
STAGES = (0, 30, 300, 1_000)
DRAWS, BATCHES, DIRECTIONS = 4_000, (1, 2, 3, 5, 10), 40
#: "Approximately Gaussian": the excess kurtosis is at most NEAR in size (uniform noise has -1.2, Laplace noise 3), and
#: the number of draws beyond three standard deviations is that of Gaussian noise within a factor TAILS. It should hold
#: for batches of MANY or more.
NEAR, TAILS, MANY = 1.0, 2.0, 5
#: Share of Gaussian draws beyond three standard deviations.
BEYOND = 0.0027
#: Motion on the set: rate, temperature, label noise; networks and steps: quick, full; frames.
RATE, HEAT, LABELS = 0.1, 1e-5, 1.0
SIZES, FRAMES = {True: (8, 1_500), False: (12, 20_000)}, 80
#: The displacement saturates if the exponent of its square is below HELD (0 for OU, 1 for free diffusion). CLOSE is the
#: relative tolerance of the relaxation time across the set.
HELD, CLOSE = 0.5, 0.25
#: Across the set: steps between frames, number of frames, modes of J J^T counted from the stiffest, and a temperature
#: so low that the curvature stays constant meanwhile.
GAP, SHORT_FRAMES, MODES, COLD = 2, 2_000, slice(7, 10), 1e-9
POST = "B. Millidge, Addendum to Grokking Grokking (beren.io)"
GAUSSIAN = Claim("the intrinsic noise caused by SGD is assumed approximately Gaussian", POST)
PROCESS = Claim("this induces an OU process in weight-space along the optimal manifold", POST)
WAYS = ("random direction", "Hessian direction")


def answer(quick=False, seed=1):
    """Draw noise at the stages of a descent, then simulate three kinds of noise on the set."""
    networks, steps = SIZES[quick]
    stages = descended(networks, seed)
    found = [[noise_at(*place, seed + i) for i, place in enumerate(places)] for places in stages]
    noise = {name: np.array([[one[name] for one in row] for row in found]) for name in found[0][0]}
    model = tanh.model()
    far = {name: moved(model, law, networks, steps, seed) for name, law in laws().items()}
    exponents = {name: late_exponent(run) for name, run in far.items() if name != "minibatches"}
    across = relaxation_row(model, networks, seed)
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(is_gaussian(noise), is_process(far, exponents, across)),
        header=("step of descent", "quantity", "mean over networks", "standard error", "networks"),
        rows=[
            (step, name, m.value, m.error, m.n)
            for name, rows in named(noise).items()
            for step, m in zip(STAGES, map(mean_over, rows), strict=True)
        ],
        draw=lambda path: draw(path, noise, far),
        settings={
            "batches": BATCHES, "draws": DRAWS, "learning_rate": RATE, "temperature": HEAT, "label_noise": LABELS,
            "networks": networks, "steps": steps,
        },
        comparisons=[across],
    )  # fmt: skip


def laws():
    """The kinds of noise on the set."""
    return {
        "minibatches": Law(RATE, name="sgd", batch=MANY),
        "isotropic": Law(RATE, temperature=HEAT),
        "label": Law(RATE, label_noise=LABELS, name="label-noise"),
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
        rest = [np.asarray(outputs(w)) - model.train.targets[:, 0] for w in states]
        places.append(list(zip(rest, [np.asarray(slope(w), np.float64) for w in states], strict=True)))
    return places


def noise_at(residuals, jacobian, seed):
    """Loss, and kurtosis and tails (BATCHES, WAYS) of minibatch noise, at one place."""
    generator = np.random.default_rng(seed)
    samples, weights = jacobian.shape
    gradients = residuals[:, None] * jacobian
    ways = generator.standard_normal((DIRECTIONS, weights)), np.linalg.svd(jacobian, full_matrices=False)[2]
    shapes = []
    for batch in BATCHES:
        chosen = generator.permuted(np.tile(np.arange(samples) < batch, (DRAWS, 1)), axis=1) / batch
        shapes.append([shape(chosen @ gradients @ way.T) for way in ways])
    return {"loss": (residuals**2).mean() / 2} | dict(zip(("kurtosis", "tails"), np.moveaxis(shapes, -1, 0)))


def named(noise):
    """Values (stages, networks) by name."""
    return {"loss": noise["loss"]} | {
        f"{name}, batches of {batch}, {way}": noise[name][..., i, j]
        for name in ("kurtosis", "tails")
        for i, batch in enumerate(BATCHES)
        for j, way in enumerate(WAYS)
    }


def shape(values):
    """Excess kurtosis of draws (draws, directions), and their share beyond three deviations over the Gaussian share."""
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    return (scaled**4).mean() - 3, (np.abs(scaled) > 3).mean() / BEYOND


def moved(model, law, networks, steps, seed):
    """A run from the set; the record has all weights instead of a sketch."""
    from jax.flatten_util import ravel_pytree

    states = []

    def keep(_, weights):
        states.append([np.asarray(ravel_pytree(one)[0]) for one in weights])

    with warnings.catch_warnings():  # minibatches do not move the weights here, as intended
        warnings.simplefilter("ignore", UserWarning)
        frames = np.unique(np.geomspace(10, steps, FRAMES).astype(int)).tolist()
        run = train(
            model, law, steps=steps, chains=networks, seed=seed, recording=Recording(frames, sketch=1),
            computation=Computation("float64"), callbacks=Callbacks(visit=keep),
        )  # fmt: skip
    meta = {**run.meta, "arrival": "start", "arrival_loss": None}
    return replace(run, states=np.array(states).swapaxes(0, 1), meta=meta)


def late_exponent(run):
    """Exponent of the squared displacement in the last decade of the run: 0 if it has saturated."""
    last = float(run.times[-1])
    return measure.local_exponent(run, window="after arrival", lags=(last / 10, last))


def relaxation_row(model, networks, seed):
    """Comparison of the relaxation time of a residual across the set, under isotropic noise, with an OU process."""
    (x, y), residuals, start = model.train, [], []

    def keep(_, weights):
        residuals.append([np.asarray(model.apply(one, x) - y)[:, 0] for one in weights])
        if not start:
            start.extend(weights)

    run = train(
        model, Law(RATE, temperature=COLD), steps=GAP * SHORT_FRAMES, chains=networks, seed=seed + 1,
        recording=Recording(range(0, GAP * SHORT_FRAMES + 1, GAP), sketch=1), computation=Computation("float64"),
        callbacks=Callbacks(visit=keep),
    )  # fmt: skip
    values, vectors = zip(*(kernel_modes(tangent_kernel(model, one)) for one in start))
    curvature = np.array(values)[:, MODES] / len(model.train.targets)
    modes = np.einsum("fcs,csm->cmf", np.array(residuals), np.array(vectors)[:, :, MODES])
    times = -RATE / np.log1p(-RATE * curvature)
    ratios = [
        np.mean([memory(run, mode, time) / time for mode, time in zip(*pair)]) for pair in zip(modes, times)
    ]
    law = Curve("OU across the set: -lr / log(1 - lr lambda)", lambda _: Prediction(1.0),
                "near the start", "Uhlenbeck and Ornstein 1930")  # fmt: skip
    return compare(mean_over(ratios, "relaxation time across the set over OU"), law, level=LEVEL)


def memory(run, mode, time):
    """Relaxation time of the mode (frames,) of one network, expected to be about `time`."""
    events = {name: values[:1] for name, values in run.events.items()}
    own = replace(run, states=mode[None, :, None], observables={}, events=events)
    lags = 0.3 * time, 1.2 * time
    return measure.relaxation_time(own, lambda state: state[:, 0], lags=lags, first_time=2 * time).value


def is_gaussian(noise):
    """Kurtosis and tails are nearly Gaussian at every batch size, stage and direction, or else in large batches."""
    kurtosis, tails = ([each(noise, name, i) for i in range(len(BATCHES))] for name in ("kurtosis", "tails"))
    near_gauss = {
        batch: every(f"batches of {batch}", [
            *(between(m, -NEAR, NEAR) for m in k), *(between(m, 1 / TAILS, TAILS) for m in t)
        ])
        for batch, k, t in zip(BATCHES, kurtosis, tails)
    }  # fmt: skip
    crossing = mean_over(crossings(noise), "batch size at which the kurtosis is small")
    number = (
        "lowest and highest excess kurtosis over stages and directions, and number of draws beyond three standard "
        "deviations over that of Gaussian noise: "
        + "; ".join(f"{span(k)} and {span(t)} in batches of {b}" for b, k, t in zip(BATCHES, kurtosis, tails))
        + f"; required: kurtosis between {-NEAR:g} and {NEAR:g}, and that number within a factor of {TAILS:g}; the "
        f"highest kurtosis is {NEAR:g} in batches of {told(crossing)} samples, n = {crossing.n} networks"
    )
    large = every("large batches", [near_gauss[batch] for batch in BATCHES if batch >= MANY])
    bounds = ("kurtosis", kurtosis, NEAR), ("tails", tails, TAILS)
    heavy = [some(name, [above(m, bound) for m in group[0]]) for name, group, bound in bounds]
    condition = (
        f"a batch has more than {told(crossing)} of the {len(tanh.model().train.targets)} samples (there the highest "
        f"excess kurtosis is {NEAR:g}); the noise of single samples has heavy tails"
    )
    narrowed = Narrowed(condition, large, every("single samples have heavy tails", heavy))
    verdict = verdict_of(every("at every batch size", near_gauss.values()), narrowed)
    return Finding(GAUSSIAN, verdict, number)


def each(noise, name, batch):
    """Kurtosis or tails of one batch size at every stage and in every direction, means over networks."""
    columns = np.moveaxis(noise[name][:, :, batch], 1, 2).reshape(-1, noise[name].shape[1])
    return [mean_over(column, f"{name}, batches of {BATCHES[batch]}") for column in columns]


def span(found):
    """The lowest and the highest of some measurements in words."""
    low, *_, high = sorted(found, key=lambda m: m.value)
    return f"{told(low)} to {told(high)}"


def crossings(noise):
    """Batch size (networks,) at which the kurtosis falls to NEAR, at the stage and direction with the largest size."""
    rows = np.minimum.accumulate(noise["kurtosis"], axis=2)
    sizes = np.apply_along_axis(lambda row: np.exp(np.interp(-NEAR, -row, np.log(BATCHES))), 2, rows)
    stage, way = np.unravel_index(sizes.mean(axis=1).argmax(), sizes[:, 0].shape)
    return sizes[stage, :, way]


def is_process(far, exponents, across):
    """The displacement along the set saturates, or else the motion across it is an OU process."""
    held = [below(m, HELD, f"displacement by {name} noise saturates") for name, m in exponents.items()]
    still = far["minibatches"].states
    stand = mean_over(np.linalg.norm(still[:, -1] - still[:, 0], axis=1))
    number = (
        "exponent of the squared displacement in the last decade of time: "
        + ", ".join(f"{name} noise {told(m)}" for name, m in exponents.items())
        + f" (n = {exponents['isotropic'].n} networks), 0 for OU, 1 for free diffusion; displacement by minibatches "
        f"{told(stand)}; relaxation time of a residual across the set over that of OU {told(across.measured)} "
        f"(n = {across.measured.n})"
    )
    condition = (
        "the motion across the set is meant: along the set there is no restoring force, isotropic noise causes free "
        "diffusion, label noise a drift, and minibatch noise vanishes"
    )
    narrowed = Narrowed(condition, near(across.measured, 1.0, CLOSE))
    return Finding(PROCESS, verdict_of(every("an OU process along the set", held), narrowed), number)


def draw(path, noise, far):
    """Kurtosis and tails against the batch size, squared displacement against time on the set."""
    with canvas(path, "Kurtosis of minibatch noise", width=11.0, height=4.2) as place:
        axes, middle, right = panels(place, 1, 3)
        for panel, name in ((axes, "kurtosis"), (middle, "tails")):
            for i, stage in enumerate(STAGES):
                for j, (way, mark) in enumerate(zip(WAYS, "os")):
                    rows = [mean_over(noise[name][i, :, k, j]) for k in range(len(BATCHES))]
                    places = np.array(BATCHES) * 1.03 ** (2 * i + j)
                    bars(panel, places, rows, COLOURS[i], mark, f"step {stage}, {way}", linestyle=DASHES[j])
            panel.axhline(name == "tails", color="0.5", linewidth=0.8, label="Gaussian")
            panel.set(xscale="log", xlabel="batch size")
            panel.set_xticks(BATCHES, [str(batch) for batch in BATCHES])
            panel.minorticks_off()
        axes.set(ylabel="excess kurtosis")
        middle.set(ylabel="draws beyond 3 deviations / Gaussian")
        middle.set_title("Tails", loc="left")
        for i, (name, run) in enumerate(far.items()):
            lags, squared = measure.mean_squared_displacement(run)
            if name != "minibatches":
                band(right, lags, squared, COLOURS[i], DASHES[i], name)
        free = far["isotropic"].states.shape[2] - len(tanh.model().train.targets)
        right.plot(lags, 2 * HEAT * free * lags, ":", color=MEASURED, label="free diffusion, $2 \\theta d t$")
        right.set(xscale="log", yscale="log", xlabel="time on the set", ylabel="squared displacement")
        right.set_title("On the set (minibatches do not move)", loc="left")
        for panel in (axes, middle, right):
            panel.legend(fontsize=7)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
