"""Does noise alone take a network that has memorised to flat weights, and does it generalise there?

(50, 2)-parity with the half-MSE loss and no weight decay. Noise of standard deviation sigma on the labels of every step
drives a drift along the zero-loss set to a smaller trace of the Gauss-Newton matrix; beside it stand the controls:
minibatches without noise, isotropic Langevin noise, and weight decay without noise.
The full run takes four and a half minutes of one processor.
"""

import numpy as np

from langevin.comparison import compare, format_value
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, judge
from langevin.measure import confidence_interval
from langevin.measure.networks import generalisation_times, mean_time
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Law, Protocol, Recording, train
from langevin.types import Curve, Prediction
from models import parity

SIGNS, RATE, SIGMA, BATCH = 50, 0.05, 1.0, 32
SIGMAS, RATES = (0.5, 0.6, 0.75, 1.0, 1.4), (0.025, 0.035, 0.05, 0.07, 0.1)
#: The laws hold for weak noise and short steps: the exponents are fitted up to these. From a learning rate of about
#: 0.06 on, lr x sharpness is above 2 at the start, and the network first runs away to flatter weights.
WEAK, SHORT = 1.0, 0.05
#: Weight decay and temperatures of the controls.
DECAY, TEMPERATURES = 0.01, (1e-7, 1e-6, 1e-5, 1e-4)
TO_THE_END = Protocol()
#: Longest run at SIGMA and RATE, some three times what it needs; others by the law, and how often they are looked at.
STEPS, FRAMES = 40_000, 200
#: The trace is "the same" within this factor from sigma to sigma. A network has un-grokked while its test accuracy is
#: below KEPT; rarely is in less than a part RARELY of the later time.
SAME, KEPT, RARELY = 1.25, 0.95, 0.05

POST = "B. Millidge, Addendum to Grokking Grokking (beren.io)"
DRIFT = Claim("SGD noise does in fact induce an average drift towards regions of lower curvature", POST)
FLAT = Claim(
    "the process is biased towards regions of low curvature and we should expect low curvature regions to exhibit "
    "greater generalization",
    POST,
)
ONLY = Claim(
    "since the true gradients are zero on the optimal manifold, the only source of movement during the grokking phase "
    "is the intrinsic noise caused by SGD",
    POST,
)
DIFFUSION = Claim("grokking could be caused simply by diffusive dynamics on the optimal manifold", POST)
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
    """Train under label noise of several strengths and learning rates, and the controls; times, traces, verdicts."""
    sigmas, rates = (SIGMAS[2:4], RATES[1:3]) if quick else (SIGMAS, RATES)
    networks, width, steps = (3, 100, 14_000) if quick else (5, 500, STEPS)
    temperatures = TEMPERATURES[2:3] if quick else TEMPERATURES
    model = parity.model(SIGNS, width=width, loss="half-mse", data_seed=seed)
    dials = dict.fromkeys([(RATE, sigma) for sigma in sigmas] + [(rate, SIGMA) for rate in rates])
    noisy = {dial: noise(model, *dial, steps, networks, seed) for dial in dials}
    controls = {
        "weight decay": control(
            model, Law(RATE, weight_decay=DECAY, name="sgd", batch=BATCH), steps // 4, networks, seed
        ),
        "minibatches alone": control(model, Law(RATE, name="sgd", batch=BATCH), steps // 2, networks, seed),
    }
    for theta in temperatures:
        name = f"Langevin, theta = {theta:g}"
        controls[name] = control(model, Law(RATE, temperature=theta, batch=BATCH), steps // 2, 3, seed)
    slopes = {
        "sigma": exponent({sigma: noisy[RATE, sigma] for sigma in sigmas if sigma <= WEAK}),
        "learning rate": exponent({rate: noisy[rate, SIGMA] for rate in rates if rate <= SHORT}),
    }
    comparisons = [
        compare(slope, POWER, point, level=LEVEL / 2) for point, slope in enumerate(slopes.values())
    ]
    named = {f"label noise {sigma:g}, lr {rate:g}": run for (rate, sigma), run in noisy.items()}
    base = noisy[RATE, SIGMA]
    return Answer(
        question="Does noise alone take a network that has memorised to flat weights, and does it generalise there?",
        findings=(
            drifts_to_flat(base, controls),
            flat_generalises(noisy, controls["weight decay"]),
            moves_by_noise(base, controls["minibatches alone"]), diffusion_generalises(base, controls),
            stays(base), follows_law(dict(zip(slopes, comparisons))),
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
    """Label noise, until the network generalises, or for long after at RATE and SIGMA."""
    strength = (rate * sigma) / (RATE * SIGMA)
    limit = round(steps / strength**2)
    protocol = TO_THE_END if strength == 1 else Protocol(stop={"generalised": limit / 100})
    law = Law(rate, label_noise=sigma, name="label-noise", batch=BATCH)
    return control(model, law, limit, networks, seed, protocol)


def control(model, law, steps, networks, seed, protocol=TO_THE_END):
    """Any law, for so many steps, looked at evenly, and more often where the network memorises."""
    frames = sorted({*range(0, 1000, 50), *np.linspace(0, steps, FRAMES + 1).astype(int).tolist()})
    return train(
        model, law, steps=steps, chains=networks, seed=seed, protocol=protocol, recording=Recording(frames)
    )  # fmt: skip


def exponent(runs):
    """Slope of the log time to generalise over the log dial, fitted to each network alone; mean over networks."""
    logs = np.log([steps_of(run).time for run in runs.values()])
    slopes = np.polyfit(np.log(list(runs)), logs, 1)[0]
    return mean_over(slopes, "exponent of the time")


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


def shown(measured):
    """Value +- standard error."""
    return format_value(measured.value, measured.error)


def arrived(run):
    """How many networks of how many generalise, as text."""
    censored = steps_of(run).censored
    return f"{int((~censored).sum())} of {len(censored)}"


def drifts_to_flat(base, controls):
    """The trace must fall, beyond the interval, under every kind of SGD noise; or under label noise at least."""
    noises = {"label noise": base} | {name: run for name, run in controls.items() if name != "weight decay"}
    ratios = {name: run.observables["trace"][:, -1] / traces(run)[0] for name, run in noises.items()}
    falls = {
        name: confidence_interval(mean_over(np.log(ratio)), 1 - LEVEL)[1] < 0
        for name, ratio in ratios.items()
    }
    words = "trace at the end over trace when memorised: " + ", ".join(
        f"{name} {shown(factor_over(ratio))} (n = {len(ratio)})" for name, ratio in ratios.items()
    )
    condition = "the noise is on the labels: that of minibatches ends with the loss, and isotropic noise does not do it"
    return Finding(DRIFT, judge(all(falls.values()), falls["label noise"], condition), words)


def flat_generalises(noisy, decay):
    """The trace when generalising: the same at every sigma while times differ; the same by weight decay too?"""
    runs = {sigma: run for (rate, sigma), run in noisy.items() if rate == RATE}
    at = {sigma: mean_over(traces(run)[1]) for sigma, run in runs.items()}
    times = {sigma: mean_time(steps_of(run)) for sigma, run in runs.items()}
    values = [measured.value for measured in at.values()]
    whole = not any(steps_of(run).censored.any() for run in (*runs.values(), decay))
    same = whole and max(values) / min(values) < SAME
    other = mean_over(traces(decay)[1])
    apart = mean_over(np.log(traces(decay)[1] / traces(runs[SIGMA])[1]))
    universal = confidence_interval(apart, 1 - LEVEL)[0] <= 0
    words = "; ".join(f"sigma = {key:g}: trace {shown(at[key])} at step {shown(times[key])}" for key in runs)
    lasts = {rate: mean_over(traces(run)[1]) for (rate, sigma), run in noisy.items() if sigma == SIGMA}
    words += "".join(f"; lr = {rate:g}: trace {shown(last)}" for rate, last in lasts.items())
    words += f"; by weight decay {shown(other)} at step {shown(mean_time(steps_of(decay)))}, n = {other.n}"
    condition = (
        "one keeps to one kind of noise: along it a network generalises when the trace has fallen to one value, "
        "whatever the strength; weight decay generalises at a much larger trace, which predicts nothing by itself"
    )
    return Finding(FLAT, judge(same and universal, same, condition), words)


def moves_by_noise(base, still):
    """The intrinsic noise is that of minibatches: networks must generalise by it; or at least with noisy labels."""
    moved = still.observables["displacement"]
    half = np.searchsorted(still.steps, still.steps[-1] // 2)
    late = mean_over(np.abs(moved[:, -1] - moved[:, half]) / moved[:, half])
    words = (
        f"minibatches alone: {arrived(still)} generalise in {still.steps[-1]} steps, the distance from the start "
        f"changes by a part of {shown(late)} over the second half; with label noise {SIGMA:g} {arrived(base)} "
        f"generalise, at step {shown(mean_time(steps_of(base)))}"
    )
    condition = "the labels are noisy: minibatch noise is the spread of the samples' gradients, and ends with the loss"
    intrinsic, labels = (not steps_of(run).censored.any() for run in (still, base))
    return Finding(ONLY, judge(intrinsic, labels, condition), words)


def diffusion_generalises(base, controls):
    """Does isotropic noise of any of the temperatures make all networks generalise?"""
    walks = {name: run for name, run in controls.items() if name.startswith("Langevin")}
    words = "; ".join(
        f"{name}: {arrived(run)} generalise in {run.steps[-1]} steps, largest test accuracy "
        f"{shown(mean_over(run.observables['test_accuracy'].max(axis=1)))}"
        for name, run in walks.items()
    )
    words += f"; label noise {SIGMA:g} needs {shown(mean_time(steps_of(base)))}"
    return Finding(DIFFUSION, judge(any(not steps_of(run).censored.any() for run in walks.values())), words)


def stays(base):
    """All networks arrive, and are rarely below `KEPT` afterwards, beyond the interval."""
    arrivals, accuracy = steps_of(base), base.observables["test_accuracy"]
    after = base.steps >= arrivals.time[:, None]
    lost = mean_over((after & (accuracy < KEPT)).sum(axis=1) / after.sum(axis=1))
    later = shown(mean_over(base.steps[-1] - arrivals.time))
    words = (
        f"{arrived(base)} networks reach test accuracy 1; in the {later} steps after that it is below {KEPT:g} in a "
        f"part of {shown(lost)} of the time, and at the lowest {np.where(after, accuracy, 1.0).min():.2f}, n = {lost.n}"
    )
    rarely = confidence_interval(lost, 1 - LEVEL)[1] < RARELY
    return Finding(STAYS, judge(not arrivals.censored.any() and rarely), words)


def follows_law(comparisons):
    """Both exponents -2 by the rules of `langevin.comparison`."""
    words = "; ".join(
        f"power of {name}: {shown(row.measured)}, n = {row.measured.n} ({row.verdict})"
        for name, row in comparisons.items()
    )
    excluded = any(row.verdict == "excluded" for row in comparisons.values())
    return Finding(LAW, judge(not excluded), words)


def row(name, run):
    """A line of the table."""
    time, ends = mean_time(steps_of(run)), [mean_over(values) for values in traces(run)]
    missing = int(steps_of(run).censored.sum())
    return name, time.value, time.error, time.n, missing, *(x for m in ends for x in (m.value, m.error))


def draw(path, noisy, controls, slopes):
    """Left times over learning rate x sigma; middle traces over steps; right test accuracy over trace."""
    from matplotlib.ticker import FixedLocator, NullLocator

    from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
    from langevin.figures.panels import bars, panels

    with canvas(path, "Steps to generalise under label noise", width=11.0) as place:
        axes, middle, right = panels(place, 1, 3)
        series = {
            f"noise varied, power {shown(slopes['sigma'])}": [key for key in noisy if key[0] == RATE],
            f"rate varied, power {shown(slopes['learning rate'])}": [key for key in noisy if key[1] == SIGMA],
        }
        for (label, keys), colour, mark in zip(series.items(), (MEASURED, COLOURS[1]), "os"):
            times = [mean_time(steps_of(noisy[key])) for key in keys]
            bars(axes, [rate * sigma for rate, sigma in keys], times, colour, mark, label)
        strengths = np.array(sorted(rate * sigma for rate, sigma in noisy))
        law = steps_of(noisy[RATE, SIGMA]).time.mean() * (RATE * SIGMA / strengths) ** 2
        axes.plot(strengths, law, "--", color=COLOURS[0], label="power -2")
        axes.set(xscale="log", yscale="log", xlabel="learning rate x sigma", ylabel="steps")
        axes.set_xticks(strengths[[0, -1]], labels=[f"{strength:g}" for strength in strengths[[0, -1]]])
        axes.set_xticks([], minor=True)
        axes.legend(loc="lower left")
        weakest = min(sigma for rate, sigma in noisy if rate == RATE)
        routes = {f"label noise {sigma:g}": noisy[RATE, sigma] for sigma in (weakest, SIGMA)}
        routes |= {
            name: controls[name] for name in ("weight decay", "minibatches alone", "Langevin, theta = 1e-05")
        }
        for (name, run), colour, dash in zip(routes.items(), COLOURS, DASHES):
            seen = (run.steps > 0) & (run.steps <= run.events["step"].min())
            trace = run.observables["trace"][:, seen].mean(axis=0)
            accuracy = run.observables["test_accuracy"][:, seen].mean(axis=0)
            middle.plot(run.steps[seen], trace, color=colour, linestyle=dash, label=name)
            later = run.steps[seen] >= run.events["memorised_step"].max()
            right.plot(trace[later], accuracy[later], color=colour, linestyle=dash, linewidth=1)
            if not steps_of(run).censored.any():
                step, height = steps_of(run).time.mean(), traces(run)[1].mean()
                middle.plot(step, height, "o", color=colour, markersize=6)
                right.plot(height, 1.0, "o", color=colour, markersize=6)
        middle.set_title("Trace (dot: generalises)", loc="left")
        middle.set(xscale="log", yscale="log", xlabel="step", ylabel="Gauss-Newton trace", xlim=(50, None))
        middle.legend(loc="lower left", fontsize=7)
        right.set_title("Accuracy over trace, since memorised", loc="left")
        right.set(xscale="log", xlabel="Gauss-Newton trace (flat on the right)", ylabel="test accuracy")
        right.invert_xaxis()
        for axis in (middle.yaxis, right.xaxis):
            axis.set_major_locator(FixedLocator([10, 20, 30, 50, 100, 200, 400]))
            axis.set_major_formatter("{x:g}")
            axis.set_minor_locator(NullLocator())


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
