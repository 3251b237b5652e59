"""Does noise alone move a network that has memorised to flat regions, and does it generalise there?

The task is (50, 2)-parity with the half-MSE loss and no weight decay. Label noise of standard deviation sigma at every
step causes a drift along the zero-loss set to a smaller trace of the Gauss-Newton matrix. The controls are minibatches
without label noise, isotropic Langevin noise, and weight decay without noise.
The full run takes four minutes of one processor.
"""

import math

import numpy as np

from langevin.comparison import compare
from langevin.comparison import format_measurement as told
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import TOLERANCE, above, below, between, every, near
from langevin.measure.networks import generalisation_times, mean_time
from langevin.measure.occupancy import share_of
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Law, Protocol, Recording, train
from langevin.types import Curve, Measurement, Prediction
from models import parity
from sims._label_noise_drift import HIGH, LOW, drift, power, series_of
from sims._label_noise_figure import draw

SIGNS, RATE, SIGMA, BATCH = 50, 0.05, 1.0, 32
SIGMAS, RATES = (0.75, 1.0, 1.4), (0.035, 0.05, 0.1)
#: The power of the learning rate is fitted up to SHORT. Above about 0.06, lr x sharpness is above 2 at the start, and
#: the network first moves quickly to flatter weights.
SHORT = 0.05
#: Rates of shorter steps, under the noise STRONG, so that the drift is not too slow: the variance of the motion across
#: the set, in proportion to lr x sigma^2, is at most twice that at RATE and SIGMA.
SHORTER, STRONG = (0.0125, 0.0175, 0.025), 2.0
#: Rate and noise of runs that last until the trace has fallen far enough: LENGTH / (lr x sigma)^2 steps.
SLOW, LENGTH = ((0.05, 0.6), (0.025, 1.0), *((rate, STRONG) for rate in SHORTER)), 19.0
#: Weight decay and temperature of the controls.
DECAY, HEAT = 0.01, 1e-5
LANGEVIN = f"Langevin, theta = {HEAT:g}"
TO_THE_END = Protocol()
#: Longest run at SIGMA and RATE, about three times the time needed (other runs are scaled by the law); frames.
STEPS, FRAMES = 40_000, 200
#: Traces within this factor are "the same" (times differ eightfold). A network has un-grokked while its test accuracy
#: is below KEPT; "rarely" means during less than a fraction RARELY of the time after generalising.
SAME, KEPT, RARELY = 1.25, 0.95, 0.05
#: "Most networks" means a share above MOST. Networks move if they move by more than MOVES of their distance from the
#: start. CLOSE is the tolerance of a power, as for all laws (`statements.TOLERANCE`): 1.5 and 2.5 are 25 % away.
MOST, MOVES, CLOSE = 0.5, 0.01, TOLERANCE

POST = "B. Millidge, Addendum to Grokking Grokking (beren.io)"
DRIFT = Claim("SGD noise does in fact induce an average drift towards regions of lower curvature", POST)
FLAT = Claim(
    "the process is biased towards regions of low curvature and we should expect low curvature regions to exhibit "
    "greater generalization", POST,
)  # fmt: skip
ONLY = Claim(
    "since the true gradients are zero on the optimal manifold, the only source of movement during the grokking phase "
    "is the intrinsic noise caused by SGD", POST,
)  # fmt: skip
STAYS = Claim("networks reliably grok and, once grokked, rarely seem to un-grok", POST)
LAW = Claim(
    "label noise drifts along the zero-loss set down the trace of the Hessian, per step in proportion to the squares "
    "of the learning rate and of the noise",
    "G. Blanc et al. (2020), arXiv 1904.09080, cited by the addendum; A. Damian, T. Ma and J. Lee (2021), "
    "arXiv 2106.06530",
)
#: Of the drift, over sigma (point 0), the learning rate (1), and SHORTER (2).
POWER = Curve("power 2", lambda _: Prediction(2.0), "lr x sharpness far below 2", LAW.source)


def answer(quick=False, seed=1):
    """Train under label noise of several strengths and learning rates, and the controls; judge times and traces."""
    sigmas, rates = (SIGMAS[:2], RATES[:2]) if quick else (SIGMAS, RATES)
    networks, width, steps = (8, 100, 14_000) if quick else (8, 500, STEPS)
    model = parity.model(SIGNS, width=width, loss="half-mse", data_seed=seed)
    dials = dict.fromkeys([(RATE, sigma) for sigma in sigmas] + [(rate, SIGMA) for rate in rates])
    noisy = {dial: noise(model, *dial, steps, networks, seed) for dial in dials}
    laws = {
        "weight decay": Law(RATE, weight_decay=DECAY, name="sgd", batch=BATCH),
        "minibatches alone": Law(RATE, name="sgd", batch=BATCH),
        LANGEVIN: Law(RATE, temperature=HEAT, batch=BATCH),
    }
    controls = {name: control(model, law, steps // 2, networks, seed) for name, law in laws.items()}
    slow = {} if quick else {dial: drifting(model, *dial, networks, seed) for dial in SLOW}
    series = series_of(
        {dial: drift(run) for dial, run in (noisy | slow).items()}, (RATE, SIGMA), SHORT, STRONG
    )
    powers = [power(found, over) for over, found in zip((1, 0, 0), series.values()) if found]
    comparisons = [compare(one, POWER, i, level=LEVEL / 3) for i, one in enumerate(powers)]
    named = {f"label noise {sigma:g}, lr {rate:g}": run for (rate, sigma), run in (noisy | slow).items()}
    base = noisy[RATE, SIGMA]
    return Answer(
        question="Does noise alone move a network that has memorised to flat regions, and does it generalise there?",
        findings=(
            drifts_to_flat(base, controls), flat_generalises(noisy, controls["weight decay"]),
            moves_by_noise(base, controls), stays(base), follows_law(powers, series),
        ),
        header=("route", "steps to generalise", "standard error", "networks", "censored", "trace when memorised",
                "standard error", "trace when generalised or at the end", "standard error",
                "fall of log trace a step", "standard error"),
        rows=[row(name, run) for name, run in (named | controls).items()],
        draw=lambda path: draw(path, *pictured(series, noisy, controls)),
        settings={"learning_rate": RATE, "label_noise": SIGMA, "batch": BATCH, "weight_decay": DECAY, "width": width,
                  "networks": networks, "steps": steps, "data_seed": seed},
        comparisons=comparisons,
    )  # fmt: skip


def noise(model, rate, sigma, steps, networks, seed):
    """Train with label noise until the networks generalise, or much longer at RATE and SIGMA."""
    strength = (rate * sigma) / (RATE * SIGMA)
    limit = round(steps / strength**2)
    protocol = TO_THE_END if strength == 1 else Protocol(stop={"generalised": limit / 100})
    law = Law(rate, label_noise=sigma, name="label-noise", batch=BATCH)
    return control(model, law, limit, networks, seed, protocol)


def control(model, law, steps, networks, seed, protocol=TO_THE_END):
    """Train under any law for this number of steps; frames are evenly spaced, and denser during memorisation."""
    frames = sorted({*range(0, 1000, 50), *np.linspace(0, steps, FRAMES + 1).astype(int).tolist()})
    return train(
        model, law, steps=steps, chains=networks, seed=seed, protocol=protocol, recording=Recording(frames)
    )  # fmt: skip


def drifting(model, rate, sigma, networks, seed):
    """Train with label noise until the trace has fallen below `LOW`."""
    law = Law(rate, label_noise=sigma, name="label-noise", batch=BATCH)
    return control(model, law, round(LENGTH / (rate * sigma) ** 2), networks, seed)


def steps_of(run):
    """Steps to test accuracy 1, censored at the end of the run."""
    arrivals = generalisation_times(run)
    rate = run.meta["learning_rate"]
    return arrivals._replace(time=arrivals.time / rate, gap=arrivals.gap / rate)


def traces(run):
    """Gauss-Newton trace of each network when it has memorised, and when it generalises or at the end."""
    events = (run.events[name] for name in ("memorised_step", "generalised_step"))
    frames = (np.searchsorted(run.steps, np.where(at < 0, run.events["step"], at)) for at in events)
    return [np.take_along_axis(run.observables["trace"], frame[:, None], axis=1)[:, 0] for frame in frames]


def arrived(run):
    """Number of networks that generalise, out of all networks, as text."""
    censored = steps_of(run).censored
    return f"{int((~censored).sum())} of {len(censored)}"


def drifts_to_flat(base, controls):
    """The trace falls under every kind of SGD noise, or else at least under label noise."""
    ratios = {
        name: factor_over(run.observables["trace"][:, -1] / traces(run)[0], f"trace, {name}")
        for name, run in ({"label noise": base} | controls).items()
        if name != "weight decay"
    }
    words = "trace at the end over trace when memorised (required: below 1): " + ", ".join(
        f"{name} {told(ratio)}" for name, ratio in ratios.items()
    )
    falls = {name: below(ratio, 1.0) for name, ratio in ratios.items()}
    condition = "the noise is on labels: minibatch noise ends with the loss, isotropic noise raises the trace"
    every_noise = every("every noise lowers the trace", falls.values())
    narrowed = Narrowed(condition, falls["label noise"])
    return Finding(DRIFT, verdict_of(every_noise, narrowed), f"{words}, n = {ratios['label noise'].n}")


def flat_generalises(noisy, decay):
    """The trace at generalising is the same for every strength of the noise, every rate, and for weight decay."""
    base = noisy[RATE, SIGMA]
    ratios = {
        key: over_base(run, base, f"trace at {key}") for key, run in noisy.items() if key != (RATE, SIGMA)
    }
    ratios["weight decay"] = over_base(decay, base, "trace by weight decay")
    same = {key: between(m, 1 / SAME, SAME) for key, m in ratios.items()}
    words = (
        f"trace at generalising, divided by that at sigma = {SIGMA:g}, lr = {RATE:g}, which is "
        f"{told(mean_over(traces(base)[1]))} at step {told(mean_time(steps_of(base)))} (required: the same within a "
        f"factor {SAME:g}): "
    )
    words += "; ".join(
        f"{told(ratios[key])} at sigma = {key[1]:g}, lr = {key[0]:g} (step {told(mean_time(steps_of(run)))})"
        for key, run in noisy.items() if key in ratios
    )  # fmt: skip
    words += (
        f"; {told(ratios['weight decay'])} by weight decay (step {told(mean_time(steps_of(decay)))}), "
        f"n = {ratios['weight decay'].n}"
    )
    condition = (
        f"label noise lowers the trace at learning rates up to {SHORT:g}: then networks generalise at one trace within "
        f"a factor {SAME:g}, at every strength of the noise; with weight decay they generalise at a larger trace, "
        "so a low trace is not necessary"
    )
    short = (one for key, one in same.items() if key != "weight decay" and key[0] <= SHORT)
    alike = Narrowed(condition, every("one trace by label noise with short steps", short))
    return Finding(FLAT, verdict_of(every("one trace", same.values()), alike), words)


def over_base(run, base, name):
    """Trace at generalising over that of the same network in another run, for networks that generalise in both."""
    both = ~(steps_of(run).censored | steps_of(base).censored)
    if not both.any():
        return Measurement(math.nan, math.inf, 0, name, False, "no network generalises in both")
    return factor_over(traces(run)[1][both] / traces(base)[1][both], name)


def way(run):
    """Distance that each network moves in the second half of the run, over its distance from the start."""
    half = np.searchsorted(run.steps, run.steps[-1] // 2)
    return (
        np.linalg.norm(run.states[:, -1] - run.states[:, half], axis=1)
        / run.observables["displacement"][:, half]
    )


def moves_by_noise(base, controls):
    """Networks move by the intrinsic noise, that of minibatches, or else at least with label noise."""
    runs = {"label noise": base, "minibatches": controls["minibatches alone"]}
    ways = {name: mean_over(way(run), f"distance under {name}") for name, run in runs.items()}
    words = (
        f"distance moved in the second half of the run over the distance from the start (required: above {MOVES:g}): "
        + ", ".join(f"{name} {told(m)}" for name, m in ways.items())
        + "; networks that generalise: "
        + ", ".join(f"{name} {arrived(run)}" for name, run in ({"label noise": base} | controls).items())
    )
    condition = "the labels are noisy: minibatch noise is a spread of gradients, and vanishes with the loss"
    moves = {name: above(m, MOVES) for name, m in ways.items()}
    return Finding(ONLY, verdict_of(moves["minibatches"], Narrowed(condition, moves["label noise"])), words)


def stays(base):
    """Most networks generalise, and few of these are below `KEPT` for more than `RARELY` of the time afterwards."""
    arrivals, accuracy = steps_of(base), base.observables["test_accuracy"]
    share = share_of(~arrivals.censored, "share of networks that grok")
    after = (base.steps >= arrivals.time[:, None]) & ~arrivals.censored[:, None]
    lost = (after & (accuracy < KEPT)).sum(axis=1) / np.maximum(after.sum(axis=1), 1)
    leaves = share_of((lost > RARELY)[~arrivals.censored], "share of these that un-grok")
    later = told(mean_over(base.steps[-1] - arrivals.time))
    words = (
        f"{arrived(base)} networks reach test accuracy 1; in the {later} steps after that it is below {KEPT:g} in a "
        f"fraction {told(mean_over(lost))} of the time, and its minimum is {np.where(after, accuracy, 1.0).min():.2f}; "
        f"in {leaves.law.count} of {leaves.n} networks this fraction is above {RARELY:g} (required: in less than half)"
    )
    verdict = verdict_of(every("they grok and stay", (above(share, MOST), below(leaves, MOST))))
    return Finding(STAYS, verdict, words)


def follows_law(powers, series):
    """The drift of log tr H has the power 2 in both dials, or else at least where steps are short."""
    by_sigma, *by_rate = powers
    noises, *rates = (
        [dial[over] for dial in found] for over, found in zip((1, 0, 0), series.values()) if found
    )
    words = (
        f"the fall of log tr H a step, while tr H falls from {HIGH:g} to {LOW:g}, is proportional to sigma^p with p = "
        f"{told(by_sigma)} (sigma from {min(noises):g} to {max(noises):g}), and to lr^q with q = "
    )
    words += " and ".join(
        f"{told(one)} (lr from {min(some):g} to {max(some):g})" for one, some in zip(by_rate, rates)
    )
    words += f", n = {by_sigma.n} networks (required: 2 within {CLOSE:.0%})"
    condition = (
        f"the learning rate is at most {SHORTER[-1]:g}; at larger ones the drift grows faster than the square of the "
        "learning rate"
    )
    both = every("both powers are 2", [near(one, 2.0, CLOSE) for one in (by_sigma, by_rate[0])])
    parts = [near(one, 2.0, CLOSE) for one in (by_sigma, *by_rate[1:])]
    small = every("both powers are 2 at small learning rates", parts if len(parts) > 1 else [])
    return Finding(LAW, verdict_of(both, Narrowed(condition, small)), words)


def row(name, run):
    """A row of the table."""
    time, ends, falls = mean_time(steps_of(run)), [mean_over(values) for values in traces(run)], drift(run)
    missing = int(steps_of(run).censored.sum())
    found = [*ends, *([mean_over(falls)] if np.isfinite(falls).all() else [])]
    numbers = [x for m in found for x in (m.value, m.error)]
    return name, time.value, time.error, time.n, missing, *numbers, *([math.nan] * (6 - len(numbers)))


def pictured(series, noisy, controls):
    """What the figure shows: drifts, the routes of some runs, and where these generalise, each by its label."""
    strengths = sorted({min(key[1] for key in noisy), SIGMA})
    routes = {f"label noise, $\\sigma$ = {sigma:g}": noisy[RATE, sigma] for sigma in strengths}
    routes |= {name.replace(LANGEVIN, "Langevin, $\\theta = 10^{-5}$"): run for name, run in controls.items()}
    ends = {
        name: (steps_of(run).time.mean(), traces(run)[1].mean())
        for name, run in routes.items() if not steps_of(run).censored.any()
    }  # fmt: skip
    return {label: found for label, found in series.items() if found}, routes, ends


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
