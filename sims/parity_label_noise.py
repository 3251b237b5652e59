"""Does noise alone move a network that has memorised to flat regions, and does it generalise there?

The task is (50, 2)-parity with the half-MSE loss and no weight decay. Label noise of standard deviation sigma at every
step causes a drift along the zero-loss set to a smaller trace of the Gauss-Newton matrix. The controls are minibatches
without label noise, isotropic Langevin noise, and weight decay without noise.
The full run takes three minutes of one processor.
"""

import math
from dataclasses import replace

import numpy as np

from langevin.comparison import compare
from langevin.comparison import format_measurement as told
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, between, every, near
from langevin.measure.networks import generalisation_times, mean_time
from langevin.measure.occupancy import share_of
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Law, Protocol, Recording, train
from langevin.types import Curve, Measurement, Prediction
from models import parity

SIGNS, RATE, SIGMA, BATCH = 50, 0.05, 1.0, 32
SIGMAS, RATES = (0.6, 0.75, 1.0, 1.4), (0.035, 0.05, 0.1)
#: The laws hold for weak noise and short steps: exponents are fitted up to these values. At learning rates above about
#: 0.06, lr x sharpness is above 2 at the start, and the network first moves quickly to flatter weights.
WEAK, SHORT = 1.0, 0.05
#: Weight decay and temperature of the controls.
DECAY, HEAT = 0.01, 1e-5
LANGEVIN = f"Langevin, theta = {HEAT:g}"
TO_THE_END = Protocol()
#: Longest run at SIGMA and RATE, about three times the time needed (other runs are scaled by the law); frames.
STEPS, FRAMES = 40_000, 200
#: Traces within this factor are "the same" (the times differ tenfold). A network has un-grokked while its test accuracy
#: is below KEPT; "rarely" means during less than a fraction RARELY of the time after generalising.
SAME, KEPT, RARELY = 1.5, 0.95, 0.05
#: "Most networks" means a share above MOST. Networks move if they move by more than MOVES of their distance from the
#: start. CLOSE is the relative tolerance of a power.
MOST, MOVES, CLOSE = 0.5, 0.01, 0.25

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
#: Of the time to generalise, over sigma (point 0) and over the learning rate (point 1).
POWER = Curve("power -2", lambda _: Prediction(-2.0), f"sigma <= {WEAK:g}, lr <= {SHORT:g}", LAW.source)


def answer(quick=False, seed=1):
    """Train under label noise of several strengths and learning rates, and the controls; judge times and traces."""
    sigmas, rates = (SIGMAS[1:3], RATES[:2]) if quick else (SIGMAS, RATES)
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
    slopes = {
        "sigma": exponent({sigma: noisy[RATE, sigma] for sigma in sigmas if sigma <= WEAK}),
        "learning rate": exponent({rate: noisy[rate, SIGMA] for rate in rates if rate <= SHORT}),
    }
    comparisons = [compare(slope, POWER, i, level=LEVEL / 2) for i, slope in enumerate(slopes.values())]
    named = {f"label noise {sigma:g}, lr {rate:g}": run for (rate, sigma), run in noisy.items()}
    base = noisy[RATE, SIGMA]
    return Answer(
        question="Does noise alone move a network that has memorised to flat regions, and does it generalise there?",
        findings=(
            drifts_to_flat(base, controls), flat_generalises(noisy, controls["weight decay"]),
            moves_by_noise(base, controls), stays(base), follows_law(dict(zip(slopes, comparisons))),
        ),
        header=("route", "steps to generalise", "standard error", "networks", "censored", "trace when memorised",
                "standard error", "trace when generalised or at the end", "standard error"),
        rows=[row(name, run) for name, run in (named | controls).items()],
        draw=lambda path: draw(path, noisy, controls, slopes),
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


def exponent(runs):
    """Slope of the log time to generalise over the log dial, fitted to each network separately; mean over networks.

    The slope is known only if all networks generalise at every value of the dial.
    """
    times = [steps_of(run) for run in runs.values()]
    slopes = np.polyfit(np.log(list(runs)), np.log([one.time for one in times]), 1)[0]
    known = not any(one.censored.any() for one in times)
    return replace(mean_over(slopes, "exponent of the time"), mixed=known)


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
    words = "trace at the end over trace when memorised: " + ", ".join(
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
    ratios = {key: over_base(run, base, f"trace at {key}") for key, run in noisy.items()}
    ratios["weight decay"] = over_base(decay, base, "trace by weight decay")
    same = {key: between(m, 1 / SAME, SAME) for key, m in ratios.items() if key != (RATE, SIGMA)}
    words = "; ".join(
        f"sigma = {sigma:g}, lr = {rate:g}: trace {told(mean_over(traces(run)[1]))} at step "
        f"{told(mean_time(steps_of(run)))}"
        for (rate, sigma), run in noisy.items()
    )
    words += (
        f"; by weight decay {told(mean_over(traces(decay)[1]))} at step {told(mean_time(steps_of(decay)))}, "
        f"{told(ratios['weight decay'])} times that of sigma = {SIGMA:g}, n = {ratios['weight decay'].n}"
    )
    condition = (
        f"label noise lowers the trace: then networks generalise at the same trace within a factor {SAME:g}, at every "
        "noise and learning rate; with weight decay they do so at a larger trace, so the trace alone predicts nothing"
    )
    labels = every("by label noise", [one for key, one in same.items() if key != "weight decay"])
    return Finding(FLAT, verdict_of(every("one trace", same.values()), Narrowed(condition, labels)), words)


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
        "distance moved in the second half of the run over the distance from the start: "
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
        f"in {leaves.law.count} of {leaves.n} networks this fraction is above {RARELY:g}"
    )
    verdict = verdict_of(every("they grok and stay", (above(share, MOST), below(leaves, MOST))))
    return Finding(STAYS, verdict, words)


def follows_law(comparisons):
    """Both exponents are -2."""
    words = "; ".join(
        f"power of {name}: {told(row.measured)}, n = {row.measured.n} ({row.verdict})"
        for name, row in comparisons.items()
    )
    squares = [near(row.measured, -2.0, CLOSE) for row in comparisons.values()]
    return Finding(LAW, verdict_of(every("both powers are -2", squares)), words)


def row(name, run):
    """A row of the table."""
    time, ends = mean_time(steps_of(run)), [mean_over(values) for values in traces(run)]
    missing = int(steps_of(run).censored.sum())
    return name, time.value, time.error, time.n, missing, *(x for m in ends for x in (m.value, m.error))


def draw(path, noisy, controls, slopes):
    """Left times against learning rate x sigma; middle traces against steps; right test accuracy against trace."""
    from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
    from langevin.figures.panels import band, bars, panels, plain_ticks

    with canvas(path, "Steps to generalise under label noise", width=11.0) as place:
        axes, middle, right = panels(place, 1, 3)
        series = {
            f"noise varied, power {told(slopes['sigma'])}": [key for key in noisy if key[0] == RATE],
            f"rate varied, power {told(slopes['learning rate'])}": [key for key in noisy if key[1] == SIGMA],
        }
        for (label, keys), colour, mark in zip(series.items(), (MEASURED, COLOURS[1]), "os"):
            times = [mean_time(steps_of(noisy[key])) for key in keys]
            bars(axes, [rate * sigma for rate, sigma in keys], times, colour, mark, label)
        strengths = np.array(sorted(rate * sigma for rate, sigma in noisy))
        law = steps_of(noisy[RATE, SIGMA]).time.mean() * (RATE * SIGMA / strengths) ** 2
        axes.plot(strengths, law, "--", color=COLOURS[0], label="power $-2$")
        axes.set(xscale="log", yscale="log", xlabel="learning rate $\\times\\ \\sigma$", ylabel="steps")
        plain_ticks(axes.xaxis, (0.03, 0.05, 0.1))
        axes.legend(loc="lower left")
        shown = {min(key[1] for key in noisy), SIGMA}
        routes = {f"label noise {sigma:g}": noisy[RATE, sigma] for sigma in sorted(shown)} | controls
        for (name, run), colour, dash in zip(routes.items(), COLOURS, DASHES):
            seen = (run.steps > 0) & (run.steps <= run.events["step"].min())
            trace, accuracy = (run.observables[name][:, seen] for name in ("trace", "test_accuracy"))
            band(middle, run.steps[seen], trace, colour, dash, name)
            later = run.steps[seen] >= run.events["memorised_step"].max()
            band(right, trace[:, later].mean(axis=0), accuracy[:, later], colour, dash, name)
            if not steps_of(run).censored.any():
                step, height = steps_of(run).time.mean(), traces(run)[1].mean()
                middle.plot(step, height, "o", color=colour, markersize=6)
                right.plot(height, 1.0, "o", color=colour, markersize=6)
        middle.plot([], [], "o", color="0.5", label="generalises")
        middle.set_title("Trace", loc="left")
        middle.set(xscale="log", yscale="log", xlabel="step", ylabel="Gauss-Newton trace", xlim=(50, None))
        middle.legend(loc="lower left", fontsize=7)
        right.set_title("Accuracy against trace, after memorising", loc="left")
        right.set(xscale="log", xlabel="Gauss-Newton trace (flat on the right)", ylabel="test accuracy")
        right.invert_xaxis()
        plain_ticks(middle.yaxis, (20, 50, 100, 200))
        plain_ticks(right.xaxis, (200, 100, 50, 20))


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
