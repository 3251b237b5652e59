"""The Riemannian flow of the norm on the zero-loss set of a network of one hidden layer of ReLU units, hinge loss.

After a network has memorised, slow weight decay moves it by the gradient flow of |w|^2 / 2 in the zero-loss set, in
the time s = lr wd x steps (E. Boursier, S. Pesme and R.-A. Dragomir 2025, arXiv 2505.20172). The zero-loss set of a
hinge loss is {y f >= 1}. So the weights shrink, and are projected to the nearest place where no margin is below 1.
The margins of some samples stay at 1 (a sweeping process, J. J. Moreau, J. Differ. Equ. 26 (1977) 347).
"""

import numpy as np

#: Step of the flow in s, and its duration, which is that of the longest training.
STEP, LONGEST = 0.02, 10.0
#: Number of corrections of the margins after a step; largest number of exchanges of held samples in one correction.
CORRECTIONS, EXCHANGES = 2, 30


def flow_time(weights, train, test, level=0.95, step=STEP):
    """The s at which the flow from these weights reaches a test accuracy; infinite if it does not before `LONGEST`.

    Args:
        weights: `hidden` (inputs, width), `hidden bias` (width,), `output` (width, 1), at memorisation.
        train: inputs (samples, inputs) and labels -1 or 1 (samples, 1), which are fitted.
        test: the same of the test set.
        level: of the test accuracy.
        step: in s.
    """
    hidden = np.vstack([weights["hidden"], weights["hidden bias"]]).astype(float)
    output = np.asarray(weights["output"], float)[:, 0]
    (inputs, labels), (others, answers) = (
        (
            np.column_stack([part.inputs, np.ones(len(part.inputs))]).astype(float),
            np.asarray(part.targets)[:, 0],
        )
        for part in (train, test)
    )
    products, held = inputs @ inputs.T, np.zeros(len(labels), bool)
    for turn in range(round(LONGEST / step) + 1):
        for _ in range(CORRECTIONS):
            hidden, output, held = corrected(hidden, output, inputs, labels, products, held)
        if np.mean(answers * (np.maximum(others @ hidden, 0) @ output) > 0) >= level:
            return turn * step
        hidden, output = hidden * np.exp(-step), output * np.exp(-step)
    return np.inf


def corrected(hidden, output, inputs, labels, products, held):
    """The nearest weights at which no margin is below 1, to first order, and the samples that are held at 1."""
    before = inputs @ hidden
    active, values = before > 0, np.maximum(before, 0)
    paths = active * output
    kernel = (values @ values.T + paths @ paths.T * products) * np.outer(labels, labels)
    force, held = pressed(kernel, 1 - labels * (values @ output), held)
    signed = labels * force
    return hidden + inputs.T @ (signed[:, None] * paths), output + values.T @ signed, held


def pressed(kernel, missing, held):
    """Forces >= 0 (samples,) with kernel @ forces >= missing, equal where a force is above 0, and where it is.

    By exchange of blocks (J. J. Judice and F. M. Pires 1994): solve for the held samples, release those with a negative
    force, hold those whose margin is below 1, and repeat until nothing changes.
    """
    scale = 1e-10 * np.trace(kernel) / len(kernel)
    for _ in range(EXCHANGES):
        force = np.zeros(len(missing))
        some = np.flatnonzero(held)
        block = kernel[np.ix_(some, some)] + scale * np.eye(len(some))
        force[some] = np.linalg.solve(block, missing[some])
        wrong = np.where(held, force < 0, missing - kernel @ force > 1e-9)
        if not wrong.any():
            break
        held = held ^ wrong
    return np.maximum(force, 0), held
