"""Do networks reliably grok, stay so, and do both more surely the wider they are?

Addition modulo a prime under Langevin noise alone (`sims.modular_addition`): how often networks reach the criterion and
how often they lose it again, at several temperatures; and the time to grok, with its spread, at several widths. The
zero-loss set is generic from about 85 hidden units on (weights less gauge above residuals).
The full run takes 3 minutes of one processor.
"""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from langevin.experiment.claims import Answer, Claim, Finding, judge
from langevin.measure import coefficient_of_variation, wilson_interval
from langevin.measure.networks import accuracy_times, mean_time
from langevin.measure.poisson_interval import poisson_interval
from langevin.sgld import Law, Protocol, Recording, split, train
from langevin.types import Status
from models import modular


class Setting(NamedTuple):
    """Temperatures, networks at each of them, their width and steps; widths, networks at each of these."""

    heats: tuple[float, ...]
    networks: int
    width: int
    steps: int
    widths: tuple[int, ...]
    waits: int


FULL = Setting((2e-5, 4e-5, 6e-5, 8e-5, 1e-4, 1.3e-4), 10, 96, 10_000, (64, 96, 128, 256), 16)
QUICK = Setting((2e-5, 1e-4), 5, 64, 4000, (64, 96), 5)
#: Modulus, initial weights, part of the table; learning rate; temperature of the widths; steps between looks, at most.
P, SCALE, FRACTION, RATE, HEAT, EVERY, HORIZON = 17, 0.17, 0.85, 1.0, 2e-5, 50, 10_000
#: Test accuracies from which a network has grokked, and below which it has lost it again.
KNOWN, LOST = 0.95, 0.8
#: Rarely: the upper end of the rate of losing it is below this part of the rate of finding it.
RARELY = 0.25
#: Where the axis of rates per 1000 steps begins.
FLOOR = 1e-2
POST = "B. Millidge, Addendum to Grokking Grokking (beren.io)"
KEPT = Claim("Networks reliably grok and, once grokked, rarely seem to 'un-grok'", POST)
WIDER = Claim(
    "grokking would become more and more deterministic and easy to achieve in more overparametrized models due simply "
    "to this volume effect",
    POST + ", on volumes",
)


class Crossings(NamedTuple):
    """Networks that ever grokked, of how many; times that it was found, and lost; steps without it, and with it."""

    ever: int
    networks: int
    found: int
    lost: int
    without: float
    within: float

    @property
    def rates(self):
        """Rates of finding and of losing it per step, each with its 95 % interval (rate, low, high)."""
        pairs = (self.found, self.without), (self.lost, self.within)
        return [
            (count / max(time, 1), *(end / max(time, 1) for end in poisson_interval(count)))
            for count, time in pairs
        ]


def answer(quick=False, seed=1):
    """Rates both ways at every temperature; times to grok at every width."""
    setting = QUICK if quick else FULL
    models = {width: network(width) for width in {setting.width, *setting.widths}}
    hot = at_temperatures(setting, models[setting.width], seed)
    crossed = {heat: crossings(one) for heat, one in hot.items()}
    wide = {width: until_grokked(setting, models[width], seed) for width in setting.widths}
    times = {width: accuracy_times(one, "test", level=KNOWN) for width, one in wide.items()}
    spreads = {
        width: variation(wide[width], late) for width, late in times.items() if not late.censored.any()
    }
    return Answer(
        question="Do networks reliably grok, stay so, and do both more surely the wider they are?",
        findings=(is_kept(crossed), is_surer_when_wider(times, spreads)),
        header=(
            "width", "temperature", "networks", "ever grokked", "found", "lost", "rate of finding, 1/steps", "low",
            "high", "rate of losing, 1/steps", "low", "high", "time to grok, steps", "error",
            "coefficient of variation", "error",
        ),
        rows=[
            (setting.width, heat, c.networks, c.ever, c.found, c.lost, *c.rates[0], *c.rates[1], "", "", "", "")
            for heat, c in crossed.items()
        ] + [width_row(width, late, spreads.get(width)) for width, late in times.items()],
        draw=lambda path: draw(path, hot, crossed, times, spreads),
        settings={
            **setting._asdict(), "p": P, "scale": SCALE, "fraction": FRACTION, "learning_rate": RATE,
            "temperature of the widths": HEAT, "frame spacing": EVERY, "grokked": KNOWN, "lost": LOST,
        },
    )  # fmt: skip


def network(width):
    """The network, and which pairs it learns."""
    return modular.model(p=P, width=width, scale=SCALE, fraction=FRACTION)


def at_temperatures(setting, model, seed):
    """The same networks at every temperature, for a fixed number of steps."""
    run = train(
        model, Law(RATE), steps=setting.steps, chains=setting.networks, seed=seed,
        protocol=Protocol(sweep={"temperature": setting.heats}),
        recording=Recording(range(0, setting.steps + 1, EVERY)),
    )  # fmt: skip
    return dict(zip(setting.heats, split(run), strict=True))


def until_grokked(setting, model, seed):
    """Networks of one width until all their answers are right."""
    return train(
        model, Law(RATE, temperature=HEAT), steps=HORIZON, chains=setting.waits, seed=seed,
        protocol=Protocol(stop={"generalised": 0}), recording=Recording(range(0, HORIZON + 1, EVERY)),
    )  # fmt: skip


def crossings(one):
    """Count them with a gap between the two levels, so that flicker about one of them is no event."""
    accuracy = one.observables["test_accuracy"]
    sides = np.where(accuracy >= KNOWN, 1, np.where(accuracy < LOST, 0, -1))
    latest = np.maximum.accumulate(np.where(sides >= 0, np.arange(sides.shape[1]), 0), axis=1)
    grokked = np.take_along_axis(sides, latest, axis=1) == 1
    found, lost = ~grokked[:, :-1] & grokked[:, 1:], grokked[:, :-1] & ~grokked[:, 1:]
    stay = grokked[:, :-1].sum()
    return Crossings(
        int(grokked.any(axis=1).sum()), len(grokked), int(found.sum()), int(lost.sum()),
        float(EVERY * (found.size - stay)), float(EVERY * stay),
    )  # fmt: skip


def variation(one, late):
    """Coefficient of variation of the time to grok."""
    events = dict(one.events) | {"status": np.full(len(late.time), Status.HIT), "time": late.time}
    return coefficient_of_variation(replace(one, events=events))


def width_row(width, late, spread):
    """A row of the table; where some never grokked within `HORIZON` the mean time is a lower bound without an error."""
    time, arrived = mean_time(late), int((~late.censored).sum())
    ends = (time.error, spread.value, spread.error) if spread else ("lower bound", "", "")
    return (width, HEAT, time.n, arrived, *("",) * 8, time.value, *ends)


def is_kept(crossed):
    """All grok, and lose it surely more rarely than they find it; at which temperatures?"""
    kept = [
        heat for heat, c in crossed.items()
        if c.ever == c.networks and c.rates[1][2] < RARELY * c.rates[0][0]
    ]  # fmt: skip
    number = "; ".join(
        f"theta = {heat:g}: {c.ever} of {c.networks} grok (95 % from {wilson_interval(c.ever, c.networks)[0]:.0%}), "
        f"found {c.found} times, {rate(c.rates[0])}, lost {c.lost} times, {rate(c.rates[1])}"
        for heat, c in crossed.items()
    )
    condition = (
        f"the noise is weak: of the temperatures {list(crossed)} at {kept}; under stronger noise they lose it"
    )
    return Finding(KEPT, judge(len(kept) == len(crossed), bool(kept), condition), number)


def is_surer_when_wider(times, spreads):
    """From the narrowest width to the widest: a smaller coefficient of variation, and a shorter time."""
    narrow, *_, wide = times
    means = {width: mean_time(late) for width, late in times.items()}
    surer = {narrow, wide} <= set(spreads) and excess(spreads[narrow], spreads[wide]) > 3
    easier = means[wide].mixed and excess(means[narrow], means[wide]) > 3
    number = "; ".join(
        f"width {width}: {(~times[width].censored).sum()} of {m.n} grok within {HORIZON} steps, "
        + (
            f"after {m.value:.0f} +- {m.error:.0f} with a coefficient of variation {spreads[width].value:.3f} +- "
            f"{spreads[width].error:.3f}"
            if width in spreads
            else f"the mean time is above {m.value:.0f}"
        )
        for width, m in means.items()
    )
    condition = "deterministic is meant alone: wider networks do not grok sooner"
    return Finding(WIDER, judge(surer and easier, surer, condition), number)


def excess(first, second):
    """How many combined errors the first exceeds the second by."""
    return (first.value - second.value) / math.hypot(first.error, second.error)


def rate(numbers):
    """A rate with its interval, per 1000 steps."""
    value, low, high = (1000 * number for number in numbers)
    return f"{value:.3f} ({low:.3f} to {high:.3f}) per 1000 steps"


def draw(path, hot, crossed, times, spreads):
    """Test accuracy at some temperatures; rates both ways over the temperature; time to grok and spread over width."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas, error_bars

    with canvas(
        path, f"Test accuracy of one network, grokked from {KNOWN:g}, lost below {LOST:g}", 9.0, 7.0
    ) as axes:
        grid = axes.figure.add_gridspec(2, 2)
        axes.set_subplotspec(grid[0, :])
        rates, widths = (axes.figure.add_subplot(grid[1, i]) for i in (0, 1))
        heats = list(hot)
        for heat, colour in zip(dict.fromkeys((heats[0], heats[len(heats) // 2], heats[-1])), COLOURS):
            one = hot[heat]
            axes.plot(one.steps, one.observables["test_accuracy"][0], color=colour, linewidth=1,
                      label=f"$\\theta$ = {heat:g}")  # fmt: skip
        for level in (KNOWN, LOST):
            axes.axhline(level, color="0.5", linestyle=":", linewidth=1)
        axes.set(xlabel="step", ylabel="test accuracy", ylim=(-0.03, 1.03))
        axes.legend(loc="lower right")
        for i, (name, mark) in enumerate((("found", "o"), ("lost", "s"))):
            shown = np.array([[1000 * number for number in c.rates[i]] for c in crossed.values()])
            at = 1e5 * np.array(heats) + 0.1 * i
            rates.vlines(at, np.maximum(shown[:, 1], FLOOR), shown[:, 2], color=COLOURS[i])
            seen = shown[:, 0] > 0
            rates.plot(at[seen], shown[seen, 0], mark, color=COLOURS[i], label=name)
        rates.set_title("Rates, 95 % interval", loc="left")
        rates.set(xlabel="temperature $\\theta$, $10^{-5}$", ylabel="events per 1000 steps", yscale="log",
                  ylim=(FLOOR, None))  # fmt: skip
        rates.legend(loc="upper left")
        means = {width: mean_time(late) for width, late in times.items()}
        known, never = [w for w in means if w in spreads], [w for w in means if w not in spreads]
        error_bars(widths, known, [means[w].value / 1000 for w in known],
                   [1.96 * means[w].error / 1000 for w in known], "time to grok, 1000 steps")  # fmt: skip
        if never:
            widths.plot(
                never, [means[w].value / 1000 for w in never], "^", color="black", label="lower bound of it"
            )
        widths.errorbar(known, [spreads[w].value for w in known], [1.96 * spreads[w].error for w in known],
                        fmt="s", color=COLOURS[1], capsize=3, label="its coefficient of variation")  # fmt: skip
        widths.axhline(1.0, color="0.5", linestyle=DASHES[3], label="exponential law: variation 1")
        widths.set_title(f"Over the width, $\\theta$ = {HEAT:g}, 95 % interval", loc="left")
        widths.set(
            xlabel="hidden units", xscale="log", yscale="log", xticks=list(means), xticklabels=list(means)
        )
        widths.set_ylim(0.08, 100)
        widths.xaxis.set_minor_formatter("")
        widths.legend(loc="upper left")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
