"""Perceptron: the part of a sphere of weights that classifies all training samples; each sample cuts it once."""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import UsageError, unfit
from langevin.landscapes.closed_forms import fraction_left, log_area
from langevin.landscapes.starts import all_at
from langevin.manifolds.sphere import squares
from langevin.types import Facts, FloatArray, Landscape, Moment

#: Largest number of updates in the search for weights inside, and the margin by which they are inside.
MOST_UPDATES, SLACK = 100_000, 1e-9


def perceptron(
    dim: int = 3, samples: int = 4, margin: float = 0.0, error: float = 0.05, seed: int = 0
) -> Landscape:
    """Unit vectors w in R^d with y_k w . x_k >= margin for k samples labelled by a teacher, y_k = sign(t . x_k).

    Teacher t and inputs x_k are uniform on the unit sphere. With a larger k the first samples stay the same. The
    surface is the sphere, r = (|w|^2 - 1) / 2. The hinges are its `walls`, so only projected motion is possible: there
    is no loss. The target is a test error, angle(w, t) / pi, of at most `error`. All walkers start at one vector. It is
    trained from random weights: the sample with the smallest margin is added until all are satisfied (MinOver, Krauth
    and Mezard 1987).

    Cover's (1965) number C = 2 sum_(i<d) binomial(k - 1, i) of labellings that some w satisfies at margin 0 is the mean
    of 1 / volume fraction over teachers, for any inputs in general position, and C / 2^k is the probability that random
    labels can be satisfied (Wendel 1962): see `dichotomies`. The volume of this set is known if solid_angle has a
    closed form. The mean test error of a uniform w is known in the plane at margin 0. Its mean over teachers and inputs
    is 2 / (3 (k + 1)), and 1/2 for k = 0: the Gibbs learning curve 1 - E V_(k+1) / V_k.

    Args:
        dim: number of weights d, at least 2.
        samples: number k of training samples.
        margin: between -1 and 1, the sine of the smallest angle to the plane of each sample; below 0 it is a slack.
        error: test error at which generalisation is reached, between 0 and 1/2.
        seed: seed of the teacher, the inputs and the start.

    Raises:
        UsageError: a dial is out of range, or no weights with this margin were found.
    """
    if dim < 2 or samples < 0 or not -1.0 < margin < 1.0 or not 0.0 < error < 0.5 or seed < 0:
        raise unfit(
            "perceptron",
            "needs dim >= 2, samples >= 0, -1 < margin < 1, 0 < error < 1/2, seed >= 0",
            f"dim={dim}, samples={samples}, margin={margin}, error={error}, seed={seed}",
        )
    teacher, first, inputs, labels = _drawn(dim, samples, seed)
    normals = np.ascontiguousarray(labels[:, None] * inputs)
    place = _learn(normals, margin, first)
    fraction = fraction_left(normals, margin, place)
    mean = _mean_disagreement(normals, teacher) if dim == 2 and margin == 0.0 else None
    return Landscape(
        name="perceptron",
        dim=dim,
        codim=1,
        parameters=(normals, float(margin), teacher, math.pi * error),
        start=all_at(place),
        stiffness=lambda temperature: 1.0,
        residual=residual,
        jacobian=jacobian,
        walls=walls,
        target=angle_to_teacher,
        samples=samples,
        dials={"dim": dim, "samples": samples, "margin": margin, "error": error, "seed": seed},
        facts=Facts(
            moments=(
                Moment("test error", lambda states: disagreement(states, teacher), surface=mean, gibbs=mean),
            ),
            log_volume=None if fraction is None else math.log(fraction) + log_area(dim),
        ),
    )


def _drawn(dim: int, samples: int, seed: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Teacher (dim,), initial weights (dim,) of the training, inputs (samples, dim) and their labels (samples,)."""
    drawn = np.random.default_rng(seed).standard_normal((2 + samples, dim))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    teacher, inputs = drawn[0].copy(), drawn[2:]
    return teacher, drawn[1].copy(), inputs, np.where(inputs @ teacher >= 0.0, 1.0, -1.0)


def teacher_of(perceptron: Landscape) -> FloatArray:
    """The unit vector (dim,) that labels the samples."""
    teacher: FloatArray = perceptron.parameters[2]
    return teacher


def samples_of(perceptron: Landscape) -> tuple[FloatArray, FloatArray]:
    """Inputs (samples, dim) and their labels (samples,), 1 or -1."""
    _, _, inputs, labels = _drawn(*(perceptron.dials[name] for name in ("dim", "samples", "seed")))
    return inputs, labels


def volume_fraction(perceptron: Landscape) -> float | None:
    """Fraction of the sphere that classifies all samples; None if no closed form is known."""
    normals, margin, _, _ = perceptron.parameters
    return fraction_left(normals, margin, perceptron.start(np.full((1, perceptron.dim), 0.5), 1.0)[0])


def dichotomies(samples: int, dim: int) -> int:
    """Cover's number of labellings of k points in general position in R^d that a plane through 0 can make."""
    return 1 if samples == 0 else 2 * sum(math.comb(samples - 1, i) for i in range(min(dim, samples)))


def disagreement(states: FloatArray, teacher: FloatArray) -> FloatArray:
    """Probability that weights (walkers, dim) disagree with the teacher on a random input, angle / pi."""
    lengths = np.linalg.norm(states, axis=1)
    answer: FloatArray = np.arccos(np.clip(states @ teacher / lengths, -1.0, 1.0)) / math.pi
    return answer


def _learn(normals: FloatArray, margin: float, weights: FloatArray) -> FloatArray:
    for _ in range(MOST_UPDATES):
        length = float(np.linalg.norm(weights))
        margins = normals @ weights / length
        if (margins > margin + SLACK).all():
            return weights / length
        weights += normals[np.argmin(margins)]
    raise UsageError(
        f"no weights found that keep margin={margin} from all {len(normals)} samples",
        "a margin that some weights keep",
        "lower the margin, take fewer samples or another seed",
    )


def _mean_disagreement(normals: FloatArray, teacher: FloatArray) -> float:
    """Mean test error in the plane at margin 0, over the arc between the lines of samples (k, 2)."""
    # on each side of the teacher, the nearest line of a sample; without samples, the whole circle
    turns = np.arctan2(teacher[0] * normals[:, 1] - teacher[1] * normals[:, 0], normals @ teacher)
    left = float(np.min(turns + 0.5 * math.pi, initial=math.pi))
    right = float(np.min(0.5 * math.pi - turns, initial=math.pi))
    return 0.5 * (left**2 + right**2) / (math.pi * (left + right))


def residual(x, out, parameters):
    """r = (|w|^2 - 1) / 2."""
    squares(x, out[0])
    for lane in range(x.shape[1]):
        out[0, lane] = 0.5 * (out[0, lane] - 1.0)


def jacobian(x, out, parameters):
    """dr/dw = w."""
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[0, i, lane] = x[i, lane]


def walls(x, out, parameters):
    """margin - min_k y_k w . x_k; without samples all weights are inside, at -1."""
    normals, margin, teacher, width = parameters
    for lane in range(x.shape[1]):
        out[lane] = -1.0
    for sample in range(normals.shape[0]):
        for lane in range(x.shape[1]):
            product = 0.0
            for i in range(x.shape[0]):
                product += normals[sample, i] * x[i, lane]
            beyond = margin - product
            out[lane] = beyond if sample == 0 else max(out[lane], beyond)


def angle_to_teacher(x, out, parameters):
    """Angle to the teacher minus the angle of the target: a distance on the sphere."""
    normals, margin, teacher, width = parameters
    for lane in range(x.shape[1]):
        square, product = 0.0, 0.0
        for i in range(x.shape[0]):
            square += x[i, lane] * x[i, lane]
            product += teacher[i] * x[i, lane]
        out[lane] = np.arccos(min(1.0, max(-1.0, product / np.sqrt(square)))) - width
