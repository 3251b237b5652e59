"""Does a walk on the zero-loss set drift towards flat regions, how strongly, and down log det H or down tr H?

On the canal f = a(x) |y|^2 / 2 with a = a0 e^(cos x), a drift has a strength and a shape, v(x) ~ strength x sin(x)
a(x)^gamma: gamma = 0 is the log-det law, gamma = 1 the trace law. Both are measured with walks that start evenly
along the canal: soft motion, four retractions, label noise, and noise of covariance a^gamma with gamma from 0 to 1.
The size of a single step is measured too. The full run takes a minute and a half of one processor.
"""

import numpy as np

import langevin
from langevin import theory
from langevin.comparison import compare, format_value
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, between, every
from langevin.integrators import euler_maruyama, label_noise, power_law, projected
from langevin.measure import bootstrap_walkers
from langevin.types import Curve, Prediction
from sims._drift_figure import draw

#: Isotropic kicks: directions across, stiffness, temperature, time, soft step x stiffness, variance of a kick.
TRANSVERSE, STIFFNESS, HEAT, TIME, STABLE, KICK = 4, 100.0, 0.1, 0.5, 0.1, 1e-3
#: Number of starting places, evenly spread. A set of walkers with one from each place is one independent sample.
PLACES = 50
#: Noise of covariance a^gamma on a canal of stiffness 1 with one direction across, and no noise along the floor: its
#: strength, the time, and step x stiffness.
NOISE, LONG, FINE = 0.002, 40.0, 0.02
#: A single kick whose projection slides down the loss, in the measurement of the size of a step.
ISOTROPIC = "isotropic kicks"
#: Error of the laws: the variance of y lags behind a(x), by a fraction of about NOISE / 2.
REMAINDER = 0.01
EXPONENTS = (0.0, 0.25, 0.5, 0.75, 1.0)
PROJECTIONS = ("nearest", "shake", "flow", "gauss-newton")
#: Predicted strength of each isotropic motion, in units of the log-det law.
STRENGTHS = {"nearest": 0.0, "shake": 0.0, "flow": 1.0, "gauss-newton": 2.0, "soft": 1.0}
#: Strength above which a drift counts; tolerances of a strength and of an exponent; ratio above which a squared
#: displacement counts as larger.
STRONG, OFF, ALIKE, LARGER = 0.5, 0.25, 0.1, 1.1
POST = "B. Millidge, Addendum to Grokking Grokking (beren.io), on SGD noise"
DRIFT = Claim("SGD noise does in fact induce an average drift towards regions of lower curvature", POST)
MECHANISM = Claim(
    "the size of the displacements is larger when the model is in high curvature regions compared to low curvature "
    "ones and hence the model will seem to have a random drift towards lower curvature regions",
    POST,
)
TRACE = Claim(
    "an implicit regularization term corresponding to the sum over the data points, of the squared norm of the "
    "gradient of the model (the trace of the Hessian on the zero-loss set)",
    "G. Blanc, N. Gupta, G. Valiant and P. Valiant (2020), arXiv 1904.09080, abstract; cited by the addendum",
)


def answer(quick=False, seed=1):
    """Simulate walks under every law of motion, fit strength and shape of the drift, and judge which law it is."""
    walkers = 8_000 if quick else 80_000
    names = ("shake", "flow", "soft") if quick else (*PROJECTIONS, "soft")
    kicked = {name: kicked_walk(name, walkers, seed + i) for i, name in enumerate(names)}
    exponents = (0.5,) if quick else EXPONENTS
    steps = {f"a^{gamma:g}": power_law(gamma) for gamma in exponents} | {"label noise": label_noise()}
    noises = [(name, step, seed + i) for i, (name, step) in enumerate(steps.items())]
    swept = {name: noisy_walk(name, walkers // 16, own, step) for name, step, own in noises}
    single = {ISOTROPIC: kicked_walk("flow", 4 * walkers, seed, KICK / (2 * HEAT))} | {
        name: noisy_walk(name, walkers, own, step, FINE / np.e) for name, step, own in noises
    }
    sizes = {name: size_of(walk) for name, walk in single.items()}
    unit = law_of("flow")[0]
    strengths = {name: strength_of(walk, unit) for name, walk in kicked.items()}
    shapes = {name: shape_of(walk) for name, walk in (kicked | swept).items() if STRENGTHS.get(name, 1) > 0}
    laws = {name: law_of(name) for name in {**strengths, **shapes}}
    expected = {name: float(exponent(laws[name][1] / laws[name][0])) for name in shapes}
    comparisons = [
        *(
            compared("strength", name, m, laws[name][0] / unit, len(strengths))
            for name, m in strengths.items()
        ),
        *(compared("shape", name, shapes[name], expected[name], len(shapes)) for name in shapes),
        *(compared("size of a step", name, sizes[name], size_by_law(name), len(sizes)) for name in sizes),
    ]
    return Answer(
        question="Does a walk on the zero-loss set drift towards flat regions, and by which law?",
        findings=(
            flat_is_sought(strengths),
            steps_are_larger(
                sizes, {ISOTROPIC: strengths["flow"]} | {name: strength_of(walk, 1.0) for name, walk in swept.items()}
            ),
            which_law({name: shapes[name] for name in shapes if name in swept or name == "soft"}, expected),
        ),
        header=("motion", "quantity", "measured", "standard error", "expected", "sets of walkers", "verdict"),
        rows=[
            (row.theory.split(": ")[1], row.theory.split(": ")[0], row.measured.value, row.measured.error,
             row.predicted.value, row.measured.n, row.verdict)
            for row in comparisons
        ],
        draw=lambda path: draw(path, comparisons),
        settings={
            "walkers": walkers, "transverse": TRANSVERSE, "stiffness": STIFFNESS, "temperature": HEAT, "time": TIME,
            "noise": NOISE, "noise_time": LONG, "exponents": list(exponents),
        },
        comparisons=comparisons,
    )  # fmt: skip


def kicked_walk(name, walkers, seed, time=TIME):
    """Isotropic kicks with a retraction, or in soft motion: places along the floor (walkers, 2)."""
    canal = langevin.manifolds.canal(TRANSVERSE, STIFFNESS)
    soft = name == "soft"
    dt = STABLE / canal.stiffness(HEAT) if soft else KICK / (2 * HEAT)
    across = HEAT / canal.facts.profile.stiffness(even_places(walkers)) if soft else np.zeros(walkers)
    step = euler_maruyama() if soft else projected(name, "isotropic")
    return walk(canal, HEAT, step, dt, time, across, seed)


def noisy_walk(name, walkers, seed, step, time=LONG):
    """Noise of covariance 2 D a^gamma across the floor, none along it."""
    canal = langevin.manifolds.canal(1, 1.0)
    stiffness = canal.facts.profile.stiffness(even_places(walkers))
    dt = FINE / np.e
    across = NOISE * stiffness ** (gamma_of(name) - 1) / (1 - dt * stiffness / 2)
    return walk(canal, NOISE, step, dt, time, across, seed)


def gamma_of(name):
    """Exponent of the covariance of the noise."""
    return {ISOTROPIC: 0.0, "label noise": 1.0}.get(name) if name[:2] != "a^" else float(name[2:])


def walk(canal, temperature, step, dt, time, across, seed):
    """States at start and end; walkers start evenly along the floor and in equilibrium across it."""
    y = np.random.default_rng(seed).standard_normal((len(across), canal.codim))
    start = np.column_stack([even_places(len(across)), y * np.sqrt(across)[:, None]])
    problem = langevin.Problem(canal, temperature, step.dynamics, step.measure)
    run = langevin.simulate(
        problem, step, walkers=len(start), steps=round(time / dt), dt=dt, seed=seed,
        start=langevin.Start(start, first_step=0),
    )  # fmt: skip
    return run.states


def even_places(count):
    """The starting places, repeated until there are enough."""
    return 2 * np.pi * (np.arange(count) % PLACES + 0.5) / PLACES


def strength_of(states, unit):
    """Mean of displacement x sin x, in units of its value under the log-det law; above 0 towards the flat side."""
    moved = (states[:, 1, 0] - states[:, 0, 0]) * np.sin(states[:, 0, 0])
    return bootstrap_walkers(sets_of(moved), lambda means: means / unit, "strength of the drift")


def sets_of(values):
    """Mean over each set of walkers with one from each place."""
    return values.reshape(-1, PLACES, *values.shape[1:]).mean(axis=1)


def shape_of(states):
    """Exponent gamma for which the displacement is proportional to sin(x) e^(gamma cos x) (`exponent`)."""
    places = states[:, :, 0]
    moved = (places[:, 1] - places[:, 0]) * np.sin(places[:, 0])
    rows = np.column_stack([moved, moved * np.cos(places[:, 0])])
    return bootstrap_walkers(
        sets_of(rows), lambda means: exponent(means[:, 1] / means[:, 0]), "shape of the drift"
    )


def exponent(ratio):
    """Solve ratio = I_2(gamma) / I_1(gamma), the means of sin^2 cos and of sin^2 under e^(gamma cos x)."""
    from scipy.special import ive

    gammas = np.linspace(-6, 6, 1201)
    ratios = np.where(gammas == 0, 0.0, ive(2, gammas) / np.where(gammas == 0, 1.0, ive(1, gammas)))
    return np.interp(ratio, ratios, gammas, left=np.nan, right=np.nan)


def law_of(name):
    """Both means of `shape_of` under the law, for the exact displacement in a finite time."""
    if name in STRENGTHS:
        profile = langevin.manifolds.canal(TRANSVERSE, STIFFNESS).facts.profile
        dt = STABLE / (STIFFNESS * np.e) if name == "soft" else 0.0
        drift = theory.drift.log_det_drift(
            profile.stiffness, profile.slope, TRANSVERSE, HEAT * STRENGTHS[name], dt
        )
        return sine_moments(lambda place: theory.drift.mean_displacement(drift, HEAT, TIME, place).value)
    gamma = gamma_of(name)
    profile, dt = langevin.manifolds.canal(1, 1.0).facts.profile, FINE / np.e

    def drift(x):
        a = profile.stiffness(x)
        return -NOISE / 2 * profile.slope(x) * a ** (gamma - 1) / (1 - dt * a / 2)

    return sine_moments(lambda place: theory.drift.flow_displacement(drift, LONG, place).value)


def sine_moments(displacement):
    """Means of displacement x sin and x sin cos over the period; odd displacements need half of it."""
    places = np.pi * (np.arange(8) + 0.5) / 8
    moved = np.array([displacement(float(place)) for place in places]) * np.sin(places)
    return moved.mean(), (moved * np.cos(places)).mean()


def compared(quantity, name, measured, expected, family):
    """Comparison of one measured number with its law, at a family-wise level of 5 %."""
    curve = Curve(
        f"{quantity}: {name}", lambda _: Prediction(expected, REMAINDER), "small steps", "law of the motion"
    )
    return compare(measured, curve, level=0.05 / family, yardstick=1.0)


def flat_is_sought(strengths):
    """The claim requires a drift of half the strength of the log-det law, with every retraction."""
    still = {name: m for name, m in strengths.items() if STRENGTHS[name] == 0}
    number = ", ".join(f"{name} {format_value(m.value, m.error)}" for name, m in strengths.items())
    number += f" (n = {next(iter(strengths.values())).n} sets of {PLACES} walkers)"
    slides = Narrowed(
        "the retraction slides down the loss (soft motion or retraction by the flow: log-det law; one full "
        "Gauss-Newton step: twice that); retraction to the nearest point and SHAKE give no drift",
        every("the strength that its law predicts", [of_strength(m, STRENGTHS[name])
              for name, m in strengths.items() if name not in still]),
        every("no drift", [of_strength(m, 0) for m in still.values()]),
    )  # fmt: skip
    claim = every(
        f"a drift above {STRONG:g} under every motion", [above(m, STRONG) for m in strengths.values()]
    )
    return Finding(
        DRIFT, verdict_of(claim, slides), f"strength of the drift in units of the log-det law: {number}"
    )


def of_strength(measured, expected):
    """The strength agrees with that of a law."""
    return between(measured, expected - OFF, expected + OFF)


def size_of(states):
    """Mean squared displacement of the weights in one step: stiff side over flat side."""
    moved, steep = ((states[:, 1] - states[:, 0]) ** 2).sum(axis=1), np.cos(states[:, 0, 0]) > 0
    rows = np.column_stack([moved * steep, moved * ~steep])
    return bootstrap_walkers(
        sets_of(rows), lambda means: means[:, 0] / means[:, 1], "ratio of squared displacements"
    )


def size_by_law(name):
    """The same by the law: a step dt in equilibrium has the square 2 D a^gamma dt / (1 - dt a / 2)."""
    if name == ISOTROPIC:
        return 1.0
    places = even_places(PLACES)
    a = langevin.manifolds.canal(1, 1.0).facts.profile.stiffness(places)
    squares = a ** gamma_of(name) / (1 - FINE / np.e * a / 2)
    return squares[np.cos(places) > 0].mean() / squares[np.cos(places) < 0].mean()


def steps_are_larger(sizes, drifts):
    """Steps are larger on the stiff side, and the drift is towards the flat side: under every noise, or some."""
    larger = {
        name: every(f"{name}: larger steps on the stiff side, drift to the flat side",
                    (above(m, LARGER), above(drifts[name], 0.0)))
        for name, m in sizes.items()
    }  # fmt: skip
    shown = ", ".join(f"{name} {format_value(m.value, m.error)}" for name, m in reversed(sizes.items()))
    sure = min(drifts[name].value / drifts[name].error for name in sizes)
    number = (
        f"squared displacement in a step, stiff side over flat side: {shown} (n = {sizes['label noise'].n} sets of "
        f"{PLACES} walkers or more; required: above {LARGER:g}); under each of them the drift to the flat side is at "
        f"least {sure:.0f} times its standard error"
    )
    grows = Narrowed(
        "the noise is stronger where the curvature is higher (label noise, covariance a^gamma with gamma > 0); the "
        "drift does not need this: isotropic kicks are equally large everywhere, and drift too if their retraction "
        "slides down the loss",
        every("under noise that grows", [one for name, one in larger.items() if gamma_of(name) > 0.0]),
    )
    return Finding(MECHANISM, verdict_of(every("under every noise", larger.values()), grows), number)


def which_law(shapes, expected):
    """The trace law requires gamma = 1 under every noise; of the exact trace law the fit gives slightly more."""
    trace = expected["label noise"]
    is_trace = {
        name: between(m, trace - ALIKE, trace + ALIKE, f"{name}: trace law") for name, m in shapes.items()
    }
    as_hessian = {name: one for name, one in is_trace.items() if name in ("label noise", "a^1")}
    number = ", ".join(f"{name} {format_value(m.value, m.error)}" for name, m in shapes.items())
    number += (
        f" (n = {shapes['label noise'].n} sets of {PLACES} walkers; soft {shapes['soft'].n}); required: within "
        f"{ALIKE:g} of the exact trace law, {trace:.3f}"
    )
    proportional = Narrowed(
        "the covariance of the noise is proportional to the Hessian, as for label noise; under covariance a^gamma the "
        "drift is down a^gamma, so isotropic noise follows log det H",
        every("trace law", as_hessian.values()),
    )
    claim = every("the trace law under every noise", is_trace.values())
    return Finding(TRACE, verdict_of(claim, proportional), f"exponent of the drift: {number}")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
