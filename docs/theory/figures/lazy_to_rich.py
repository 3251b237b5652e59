"""Lazy learning: test losses of networks and of their linearisations, and how the kernel spreads over starts."""

import numpy as np

from docs.theory.figures.panels import law, points, two_panels
from langevin import sgld, theory
from langevin.types import Measurement
from models import polynomial

DIM, EPSILON, HIDDEN, SAMPLES, TESTS, RATE = 5, 0.1, 200, 400, 1_000, 2.0
SCALES, STEPS, NETWORKS = (10.0, 1.0), 1_500, 4
FRAMES = np.unique(np.geomspace(4, STEPS, 13).astype(int))
#: Widths of the kernel's panel, starts of each, ticks of its axis.
WIDTHS, STARTS, TICKS = (25, 50, 100, 200, 400), 400, (0.005, 0.01, 0.02, 0.03)


def draw(path):
    """Left learning curves, right the kernel at the start over the width."""
    titles = "Test loss at scale $\\alpha$", "Kernel at the start: spread over starts"
    with two_panels(path, *titles) as (left, right):
        curves(left)
        kernel(right)


def curves(axes):
    """Gradient descent, and that of the linearised network, compared with the lazy law."""
    grid = np.unique(np.geomspace(1, STEPS, 60).astype(int))
    for place, scale in enumerate(SCALES):
        model = polynomial.model(DIM, SAMPLES, TESTS, HIDDEN, scale, EPSILON)
        run = sgld.train(
            model, sgld.Law(RATE, name="gradient-descent"), steps=STEPS, chains=NETWORKS, seed=1,
            recording=sgld.Recording([0, *FRAMES.tolist()]),
        )  # fmt: skip
        found = [over_networks(column) for column in run.observables["test_loss"][:, 1:].T]
        straight = np.array([linearised(model, scale, seed) for seed in range(NETWORKS)])
        points(axes, FRAMES, found, 2 * place + 1, f"network, $\\alpha$ = {scale:g}")
        points(axes, FRAMES, [over_networks(column) for column in straight.T], 2 * place,
               f"linearised, $\\alpha$ = {scale:g}")  # fmt: skip
        lazy = [
            theory.learning.lazy_loss(step, DIM, EPSILON, HIDDEN, scale, RATE, SAMPLES).value for step in grid
        ]
        law(axes, grid, lazy, 2 * place)
    axes.plot([], [], "--", color="0.4", label="lazy law")
    axes.set(
        xscale="log", yscale="log", xlabel="steps of gradient descent", ylabel=f"test loss, n = {NETWORKS}"
    )
    axes.legend(loc="lower left")


def linearised(model, scale, seed):
    """Test loss (frames,) of a network that keeps the kernel of a random start."""
    w = np.random.default_rng(seed).normal(size=(HIDDEN, DIM))
    inputs, targets = (np.concatenate([model.train[i], model.test[i]]) for i in (0, 1))
    h = inputs @ w.T
    slopes = 1.0 + EPSILON * h
    residual = targets[:, 0] - scale * (h + EPSILON * h**2 / 2.0).mean(axis=1)
    kernel_of_start = (inputs @ inputs[:SAMPLES].T) * (slopes @ slopes[:SAMPLES].T) / HIDDEN / SAMPLES
    rates, modes = np.linalg.eigh(kernel_of_start[:SAMPLES])
    amplitudes = modes.T @ residual[:SAMPLES]
    losses = []
    for step in FRAMES:
        # What was learned is the kernel applied to the sum of all residuals so far: a geometric series.
        small = np.abs(rates) < 1e-12
        series = np.where(
            small, step, (1.0 - (1.0 - RATE * rates) ** step) / np.where(small, 1.0, RATE * rates)
        )
        learned = RATE * kernel_of_start[SAMPLES:] @ (modes @ (series * amplitudes))
        losses.append(((residual[SAMPLES:] - learned) ** 2).mean() / 2.0)
    return losses


def over_networks(values):
    """Mean over networks with its standard error."""
    return Measurement(float(values.mean()), float(values.std(ddof=1) / NETWORKS**0.5), NETWORKS, "mean")


def kernel(axes):
    """Relative spread of K(x, x') over starts at two pairs of inputs."""
    generator = np.random.default_rng(1)
    x = generator.normal(size=(2, DIM)) / DIM**0.5
    for place, (pair, name) in enumerate((((0, 0), "$K(x, x)$"), ((0, 1), "$K(x, x')$"))):
        one, other = x[pair[0]], x[pair[1]]
        found, expected = [], []
        for width in WIDTHS:
            w = generator.normal(size=(STARTS, width, DIM))
            values = (one @ other) * ((1 + EPSILON * w @ one) * (1 + EPSILON * w @ other)).mean(axis=1)
            spread = float(values.std(ddof=1) / abs(values.mean()))
            found.append(Measurement(spread, spread / (2 * STARTS) ** 0.5, STARTS, "relative spread"))
            arguments = one[None], other[None], EPSILON
            mean = theory.learning.tangent_kernel(*arguments)[0, 0]
            expected.append(theory.learning.tangent_kernel_spread(*arguments, width)[0, 0] / abs(mean))
        points(axes, WIDTHS, found, place, f"{name}, n = {STARTS} starts")
        law(axes, WIDTHS, expected, place)
    axes.plot([], [], "--", color="0.4", label="theory")
    axes.set(xscale="log", yscale="log", xlabel="hidden units $N$", ylabel="standard deviation / mean")
    axes.minorticks_off()
    axes.set_xticks(WIDTHS, WIDTHS)
    axes.set_yticks(TICKS, TICKS)
    axes.legend()
