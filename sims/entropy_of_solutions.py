"""Does the correct solution lie where the zero-loss set has a high entropy?

A network memorises parity and generalises much later, under label noise or under weight decay. Plain descent brings the
weights of both times to zero loss, because local entropy and learning coefficient are defined at a minimum. There the
sim measures the volume of low loss around the weights: its size by the determinant of J J^T, its exponent by the local
learning coefficient. Networks with random labels are a control, at the same two times: the same law, but nothing can be
generalised. Each network has its own samples and random labels. A network that does not generalise within the run has
no correct solution, and is left out. The full run takes four minutes of one processor.
"""

import math
from typing import NamedTuple

import numpy as np

from langevin.comparison import compare
from langevin.comparison import format_measurement as told
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, verdict_of
from langevin.experiment.statements import above, below, every
from langevin.measure.networks import local_learning_coefficient, log_det
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Callbacks, Computation, Law, Protocol, Recording, Start, train
from langevin.sgld.rank import spectrum
from langevin.types import Curve, Measurement, Prediction
from models import parity
from sims._entropy_of_solutions_figure import draw

SIGNS, SAMPLES, WIDTH, BATCH, RATE = 14, 50, 30, 25, 0.05
LAWS = {
    "label noise": Law(RATE, label_noise=1.0, name="label-noise", batch=BATCH),
    "weight decay": Law(RATE, weight_decay=0.01, name="sgd", batch=BATCH),
}
#: Networks of each law, longest run, laws, networks whose learning coefficient is measured: quick, full.
SIZES = {True: (8, 40_000, 1, 0), False: (12, 60_000, 2, 7)}
EVERY = 50
#: Plain descent to the zero-loss set.
DESCENT, DESCENT_STEPS = 0.1, 10_000
#: Walks: temperature, rate of the pull to the weights, step, draws, chains. The pull reduces each mode by the fraction
#: pull / (stiffness + pull). The walks last thirty times 1 / pull.
HEAT, PULL, STEP, DRAWS, CHAINS = 1e-7, 6e-3, 0.05, 300, 2
#: Coefficients differ if they do so by more than this fraction.
DIFFERENT = 0.05
#: Training loss that counts as zero.
ZERO = 1e-6
WORDS = (
    'the correct solution for learning problem ("structure", for example algorithm of modular addition) most likely '
    "lies in the high-entropy region of the zero-risk manifold"
)
PAPER = "S. V. Kozyrev, How to explain grokking (2024), section 2"
SIZE = Claim(f"{WORDS} [by the size of the volume of low loss]", PAPER)
EXPONENT = Claim(f"{WORDS} [by the exponent of the volume of low loss]", PAPER)
MEMORISED, GENERALISED = "memorised", "generalised"
#: Networks with random labels, at the steps at which those with true labels have memorised and generalised.
EARLY, LATE = "random labels, early", "random labels, late"
KINDS = (MEMORISED, GENERALISED, EARLY, LATE)


class Solutions(NamedTuple):
    """Weights of some networks at zero loss: entropies -log det(J J^T) / 2, ranks of J and test accuracies (networks,).

    `models` are the networks with their samples, `loss` is the training loss that is left, `trained` the number of
    networks that were trained.
    """

    models: list
    weights: list
    entropy: np.ndarray
    rank: np.ndarray
    accuracy: np.ndarray
    loss: np.ndarray
    trained: int


def answer(quick=False, seed=1):
    """Train under each law, with true and with random labels; bring the weights to zero loss; judge the claims."""
    networks, steps, laws, walked = SIZES[quick]
    found = {name: route(LAWS[name], networks, steps, seed) for name in list(LAWS)[:laws]}
    first = found["label noise"]
    walks = {
        name: [coefficient(first[name], i, seed) for i in range(min(walked, len(first[name].entropy)))]
        for name in (MEMORISED, GENERALISED)
    }
    ranks = {name: first[name].rank[: len(rows)] for name, rows in walks.items()}
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(volume_is_larger(found), exponent_is_smaller(walks, ranks)),
        header=("law", "weights", "network", "entropy", "test accuracy"),
        rows=[
            (law, name, i, *pair)
            for law, kinds in found.items()
            for name, one in kinds.items()
            for i, pair in enumerate(zip(one.entropy, one.accuracy, strict=True))
        ],
        draw=lambda path: draw(path, found, settled(walks)[1]),
        settings={
            "signs": SIGNS, "samples": SAMPLES, "width": WIDTH, "learning_rate": RATE, "steps": steps,
            "data_seeds": [networks * seed, networks * (seed + 1) - 1], "temperature": HEAT, "pull": PULL,
        },
        comparisons=[row for rows in walks.values() for row in rows],
    )  # fmt: skip


def network(seed, outliers=0.0):
    """The network and its samples; flipping half of the labels makes random labels."""
    return parity.model(
        SIGNS, samples=SAMPLES, width=WIDTH, loss="half-mse", data_seed=seed, outliers=outliers
    )


def route(law, networks, steps, seed):
    """Solutions by kind, of the networks that generalise and whose kinds are `comparable`."""
    pairs = [solved(law, steps, networks * seed + i) for i in range(networks)]
    found = [pair for pair in pairs if pair]
    return {
        kind: Solutions(
            *([one[kind][part] for one in found] for part in range(2)),
            *(np.array([one[kind][part] for one in found]) for part in range(2, 6)),
            networks,
        )
        for kind in KINDS
    }


def solved(law, steps, seed):
    """Model, weights, entropy, rank, test accuracy and training loss, by kind; nothing if these say nothing."""
    model, random = network(seed), network(seed, outliers=0.5)
    memorised, generalised, weights = trained(model, law, steps, seed)
    if min(memorised, generalised) < 0:
        return {}
    *_, others = trained(random, law, generalised, seed)
    found = [
        one for who, kept in ((model, weights), (random, others))
        for one in at_zero_loss(who, [kept[memorised], kept[generalised]])
    ]  # fmt: skip
    return dict(zip(KINDS, found, strict=True)) if comparable(found) else {}


def comparable(found):
    """Whether all solutions have zero loss and one rank: random labels of a repeated sample may contradict it."""
    return max(loss for *_, loss in found) < ZERO and len({rank for _, _, _, rank, *_ in found}) == 1


def trained(model, law, steps, seed):
    """Steps of memorising and generalising, and weights by recorded step, up to the step when all the test is right."""
    kept = {}
    run = train(
        model, law, steps=steps, chains=1, seed=seed, protocol=Protocol(stop={"generalised": 0}),
        recording=Recording(range(0, steps + 1, EVERY), sketch=1),
        callbacks=Callbacks(visit=lambda step, weights: kept.update({step: weights[0]})),
    )  # fmt: skip
    return *(int(run.events[f"{event}_step"][0]) for event in (MEMORISED, GENERALISED)), kept


def at_zero_loss(model, weights):
    """For each of the weights: model, weights after plain descent, and the numbers of a solution there."""
    last = {}
    run = train(
        model, Law(DESCENT, name="gradient-descent"), steps=DESCENT_STEPS, chains=len(weights),
        protocol=Protocol(start=Start(tuple(weights))), recording=Recording([0, DESCENT_STEPS], sketch=1),
        computation=Computation("float64"), callbacks=Callbacks(visit=lambda _, now: last.update({"weights": now})),
    )  # fmt: skip
    sizes = [log_det(model, now) for now in last["weights"]]
    accuracy, loss = (run.observables[name][:, -1] for name in ("test_accuracy", "train_loss"))
    return [
        (model, now, -size.value / 2, size.n, right, rest)
        for now, size, right, rest in zip(last["weights"], sizes, accuracy, loss, strict=True)
    ]


def coefficient(solutions, i, seed):
    """Comparison of the learning coefficient of one network with a regular minimum under the same pull and step."""
    model, weights = solutions.models[i], solutions.weights[i]
    steps = round(0.5 / (STEP * PULL))
    _, measured = local_learning_coefficient(
        model, weights, learning_rate=STEP, localisation=PULL / HEAT, inverse_temperature=1 / HEAT, draws=DRAWS,
        every=steps // 5, burn_in=5 * steps, chains=CHAINS, seed=seed,
    )  # fmt: skip
    stiffness = spectrum(model, weights) / len(model.train.targets)
    taken = (1 + PULL / stiffness) * (1 - STEP / 2 * (stiffness + PULL) / 2)
    regular = Curve(
        "regular minimum",
        lambda _: Prediction(float((0.5 / taken).sum())),
        "a zero-loss set",
        "Watanabe (2009)",
    )
    return compare(measured, regular, i, level=LEVEL)


def unknown(name):
    """A number that was not measured."""
    return Measurement(math.nan, math.inf, 0, name, False, "not measured")


def gained(late, early, name):
    """Mean difference of entropy between two sets of solutions; unknown for fewer than two networks."""
    return mean_over(late.entropy - early.entropy, name) if len(late.entropy) > 1 else unknown(name)


def gained_by_the_rule(kinds, name):
    """Mean gain of entropy from memorising to generalising, minus that of the random labels in the same time."""
    own, usual = (
        kinds[late].entropy - kinds[early].entropy
        for late, early in ((GENERALISED, MEMORISED), (LATE, EARLY))
    )
    return mean_over(own - usual, name) if len(own) > 1 else unknown(name)


def volume_is_larger(found):
    """Correct solutions have a higher entropy than memorised ones, and than random labels, which also gain less."""
    parts, words = [], []
    for law, kinds in found.items():
        late, n = kinds[GENERALISED], len(kinds[GENERALISED].entropy)
        gains = [gained(late, kinds[name], f"minus {name}, {law}") for name in (MEMORISED, LATE)]
        gains.append(gained_by_the_rule(kinds, f"gain minus that of random labels, {law}"))
        parts += [above(gain, 0.0) for gain in gains]
        words.append(
            f"{law}: {n} of {late.trained} networks generalised and are at zero loss with both labellings"
        )
        if n:
            words[-1] += (
                f", entropy of generalised minus memorised weights {told(gains[0])}, minus those with random labels at "
                f"the same step {told(gains[1])}, first difference minus that of random labels in the same time "
                f"{told(gains[2])} (mean test accuracy {told(mean_over(late.accuracy))}, of memorised "
                f"{told(mean_over(kinds[MEMORISED].accuracy))})"
            )
    number = (
        f"{'; '.join(words)}; in nats, after descent to zero loss, each network on its own data set; required: all "
        "three differences above 0"
    )
    return Finding(SIZE, verdict_of(every("correct solutions have a higher entropy", parts)), number)


def settled(walks):
    """Networks (n,) both of whose walks settled, and their measured over regular coefficients (n, 2), in that order."""
    pairs = np.array([walks[MEMORISED], walks[GENERALISED]], dtype=object).T.reshape(-1, 2)
    both = np.array([i for i, pair in enumerate(pairs) if all(row.measured.mixed for row in pair)], int)
    shares = [[row.measured.value / row.predicted.value for row in pairs[i]] for i in both]
    return both, np.array(shares).reshape(-1, 2)


def exponent_is_smaller(walks, ranks):
    """The exponent of generalised weights is smaller by more than DIFFERENT.

    The exponent is half of the rank, which is that of a regular minimum, times measured over regular coefficient: this
    ratio has no bias by pull and step. `ranks` are those of the networks, by name.
    """
    both, shares = settled(walks)
    tried = len(walks[MEMORISED])
    if not len(shares):
        number = f"the walks of 0 of {tried} networks settled"
        if not tried:
            number = "only the full run measures learning coefficients, of networks that generalised"
        return Finding(EXPONENT, verdict_of(below(unknown("ratio of exponents"), 1.0)), number)
    halves = np.column_stack([ranks[name][both] / 2 for name in walks])
    exponents = shares * halves
    ratio = factor_over(exponents[:, 1] / exponents[:, 0], "ratio of exponents")
    words = ", ".join(
        f"{told(mean_over(share))} times {half.mean():g} for {name} weights"
        for name, share, half in zip(walks, shares.T, halves.T, strict=True)
    )
    number = (
        f"exponent, that is learning coefficient over that of a regular minimum of the same rank, times half of the "
        f"rank: {words}; generalised over memorised {told(ratio)} (a smaller exponent: below {1 - DIFFERENT:g}); "
        f"n = {ratio.n} networks whose walks settled, of {tried}"
    )
    smaller = below(ratio, 1 - DIFFERENT, "the exponent of generalised weights is smaller")
    return Finding(EXPONENT, verdict_of(smaller), number)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
