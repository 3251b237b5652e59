"""Is the noise of SGD Gaussian, and does it make an OU process along the zero-loss set?

A tanh network has more weights than samples. At several stages of its descent the sim draws minibatch noise of several
batch sizes at fixed weights, and measures its kurtosis and tails in random and in Hessian directions. Batches of a
finite data set have thin tails even if the gradients of the samples are Gaussian, so the noise is compared with
batches of as many Gaussian gradients. On the set, the sim tests whether the squared displacement saturates, as that of
an Ornstein-Uhlenbeck process must.
The full run takes a minute of one processor.
"""

import warnings
from dataclasses import replace

import numpy as np

from langevin import measure
from langevin.comparison import compare
from langevin.comparison import format_measurement as told
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import below, between, every, near, no
from langevin.measure.interval import confidence_interval
from langevin.measure.networks import kernel_modes, tangent_kernel
from langevin.measure.seeds import mean_over
from langevin.sgld import Callbacks, Computation, Law, Recording, train
from langevin.types import Curve, Prediction
from models import tanh
from sims import _tanh_descent as tanh_descent
from sims._gaussian_boundary import boundary
from sims._sgd_noise_figure import draw

#: Networks whose noise is measured: quick, full. Samples of the own data set of each, a third of its weights: a batch
#: of ten is a tenth of them. Steps of descent after which noise is measured: at the last the training loss is about
#: 1e-6.
NETWORKS, SAMPLES, STAGES = {True: 8, False: 24}, 100, (0, 30, 1_000, 10_000)
#: Number of batches drawn; batch sizes; number of random directions; of directions of Gaussian gradients.
DRAWS, BATCHES, DIRECTIONS, REFERENCES = 4_000, (1, 3, 10, 13, 30), 40, 100
#: "Approximately Gaussian": the kurtosis differs from that of batches of Gaussian gradients by at most NEAR (uniform
#: noise differs from a Gaussian by -1.2, Laplace noise by 3), and the number of draws beyond three standard deviations
#: is that of Gaussian gradients within a factor TAILS.
NEAR, TAILS = 1.0, 2.0
#: Motion on the set of 20 samples: rate, temperature, label noise, batch; networks and steps: quick, full; frames.
RATE, HEAT, LABELS, BATCH = 0.1, 1e-5, 1.0, 5
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
    stages = descended(NETWORKS[quick], seed)
    found = [[noise_at(*place, (seed, i)) for i, place in enumerate(places)] for places in stages]
    noise = {name: np.array([[one[name] for one in row] for row in found]) for name in found[0][0]}
    model = tanh_descent.first_model(seed)
    far = {name: moved(model, law, networks, steps, seed) for name, law in laws().items()}
    exponents = {name: late_exponent(run) for name, run in far.items() if name != "minibatches"}
    across = relaxation_row(model, networks, seed)
    dimensions = far["isotropic"].states.shape[2] - len(model.train.targets)
    free = "isotropic", 2 * HEAT * dimensions
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(is_gaussian(noise), is_process(far, exponents, across)),
        header=("step of descent", "quantity", "mean over networks", "standard error", "networks"),
        rows=[
            (step, name, m.value, m.error, m.n)
            for name, rows in named(noise).items()
            for step, m in zip(STAGES, map(mean_over, rows), strict=True)
        ],
        draw=lambda path: draw(path, noise, (STAGES, BATCHES, WAYS), far, free),
        settings={
            "samples": SAMPLES, "batches": BATCHES, "draws": DRAWS, "learning_rate": RATE, "temperature": HEAT,
            "label_noise": LABELS, "networks of noise": NETWORKS[quick], "networks": networks, "steps": steps,
        },
        comparisons=[across],
    )  # fmt: skip


def laws():
    """The kinds of noise on the set."""
    return {
        "minibatches": Law(RATE, name="sgd", batch=BATCH),
        "isotropic": Law(RATE, temperature=HEAT),
        "label": Law(RATE, label_noise=LABELS, name="label-noise"),
    }


def descended(networks, seed):
    """Residuals (samples,) and Jacobians (samples, weights) at each of STAGES, of networks with their own data."""
    import jax
    from jax.flatten_util import ravel_pytree

    @jax.jit
    @jax.vmap
    def at(weights, inputs, targets):
        flat, unravel = ravel_pytree(weights)

        def outputs(flat):
            return tanh_descent.NETWORK.apply(unravel(flat), inputs)[:, 0]

        return outputs(flat) - targets[:, 0], jax.jacrev(outputs)(flat)

    models = tanh_descent.on_sets(seed, networks, samples=SAMPLES)
    data = tanh_descent.together([model.train for model in models])
    weights, places = tanh_descent.begun(seed, networks, 1), []
    for steps in np.diff(STAGES, prepend=0).tolist():
        weights = tanh_descent.descended(weights, data, steps, tanh.DESCENT_RATE)
        found = at(jax.tree.map(lambda leaf: leaf[:, 0], weights), *data)
        places.append(list(zip(*(np.asarray(part, np.float64) for part in found), strict=True)))
    return places


def noise_at(residuals, jacobian, seed):
    """Loss, and kurtosis and tails (BATCHES, WAYS) of minibatch noise at one place, over Gaussian gradients."""
    generator = np.random.default_rng(seed)
    samples, weights = jacobian.shape
    gradients = residuals[:, None] * jacobian
    ways = generator.standard_normal((DIRECTIONS, weights)), np.linalg.svd(jacobian, full_matrices=False)[2]
    along = [gradients @ way.T for way in ways]
    gaussian = generator.standard_normal((samples, REFERENCES))
    shapes = []
    for batch in BATCHES:
        chosen = generator.permuted(np.tile(np.arange(samples) < batch, (DRAWS, 1)), axis=1) / batch
        shapes.append(compared([chosen @ part for part in along], chosen @ gaussian))
    return {"loss": (residuals**2).mean() / 2} | dict(zip(("kurtosis", "tails"), np.moveaxis(shapes, -1, 0)))


def compared(noise, gaussian):
    """Kurtosis less that of the Gaussian reference, and tails over its tails, of draws (draws, directions) of WAYS."""
    kurtosis, tails = shape(gaussian)
    return [(one[0] - kurtosis, one[1] / tails) for one in map(shape, noise)]


def named(noise):
    """Values (stages, networks) by name."""
    return {"loss": noise["loss"]} | {
        f"{name}, batches of {batch}, {way}": noise[name][..., i, j]
        for name in ("kurtosis", "tails")
        for i, batch in enumerate(BATCHES)
        for j, way in enumerate(WAYS)
    }


def shape(values):
    """Excess kurtosis of draws (draws, directions), and their share beyond three deviations."""
    square = (values - values.mean(axis=0)) ** 2
    square /= square.mean(axis=0)
    return (square * square).mean() - 3, (square > 9).mean()


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
    """Kurtosis and tails are nearly Gaussian at every batch size, stage and direction, or else above a batch size."""
    kurtosis, tails = ([each(noise, name, i) for i in range(len(BATCHES))] for name in ("kurtosis", "tails"))
    near_gauss = {
        batch: every(f"batches of {batch}", [
            *(between(m, -NEAR, NEAR) for m in k), *(between(m, 1 / TAILS, TAILS) for m in t)
        ])
        for batch, k, t in zip(BATCHES, kurtosis, tails)
    }  # fmt: skip
    crossing = boundary(noise, BATCHES, {"kurtosis": NEAR, "tails": TAILS})
    high = confidence_interval(crossing)[1]
    losses = " and ".join(told(mean_over(noise["loss"][i])) for i in (0, -1))
    number = (
        "kurtosis less that of batches of Gaussian gradients, and number of draws beyond three standard deviations "
        "over that of Gaussian gradients, lowest and highest over stages and directions: "
        + "; ".join(f"{span(k)} and {span(t)} in batches of {b}" for b, k, t in zip(BATCHES, kurtosis, tails))
        + f"; required: between {-NEAR:g} and {NEAR:g}, and within a factor of {TAILS:g}; both are so in batches of "
        f"more than {told(crossing)} of {SAMPLES} samples, n = {crossing.n} networks on data of their own; training "
        f"loss at the first and the last stage {losses}"
    )
    large = every(
        "batches above that size",
        [one for batch, one in near_gauss.items() if batch > high or batch == BATCHES[-1]],
    )
    small = no(near_gauss[BATCHES[0]], "not single samples")
    condition = (
        f"a batch has more than {told(crossing)} of the {SAMPLES} samples (there kurtosis and tails come within the "
        "bounds of Gaussian noise); the noise of single samples has heavy tails"
    )
    narrowed = Narrowed(condition, large, small)
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
        f"(n = {across.measured.n}); all on one data set"
    )
    condition = (
        "the motion across the set is meant: along the set there is no restoring force, isotropic noise causes free "
        "diffusion, label noise a drift, and minibatch noise vanishes"
    )
    narrowed = Narrowed(condition, near(across.measured, 1.0, CLOSE))
    return Finding(PROCESS, verdict_of(every("an OU process along the set", held), narrowed), number)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
