"""Do networks reliably grok and stay grokked, and do wider networks do both more reliably?

The task is addition modulo a prime under Langevin noise alone (`sims.modular_addition`). The sim measures how often
networks reach the criterion and how often they lose it again, at several temperatures, and the time to grok with its
spread, at several widths. The zero-loss set is generic above about 85 hidden units (weights minus gauge directions
exceed residuals). The full run takes 3 minutes of one processor.
"""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from langevin.comparison import format_value
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, every, no
from langevin.measure import coefficient_of_variation
from langevin.measure.networks import accuracy_times, mean_time
from langevin.measure.occupancy import share_of
from langevin.measure.poisson_interval import poisson_interval
from langevin.sgld import Law, Protocol, Recording, split, train
from langevin.types import Measurement, Share, Status
from models import modular


class Setting(NamedTuple):
    """Temperatures, networks at each of them, their width and steps; widths, networks at each of these."""

    heats: tuple[float, ...]
    networks: int
    width: int
    steps: int
    widths: tuple[int, ...]
    waits: int


FULL = Setting((2e-5, 4e-5, 6e-5, 8e-5, 1e-4, 1.3e-4), 10, 96, 10_000, (64, 96, 128), 16)
QUICK = Setting((2e-5, 1e-4), 10, 96, 6000, (64, 96), 10)
#: Modulus, initial weights, fraction of the table, learning rate; for the widths: temperature; steps between frames;
#: longest run.
P, SCALE, FRACTION, RATE, HEAT, EVERY, HORIZON = 17, 0.17, 0.85, 1.0, 2e-5, 50, 10_000
#: Test accuracy at which a network has grokked, and test accuracy below which it has un-grokked.
KNOWN, LOST = 0.95, 0.8
#: "Rarely": the rate of un-grokking is below this fraction of the rate of grokking. "Most": a share above MOST.
RARELY, MOST = 0.25, 0.5
#: Up to the first temperature networks should stay grokked; from the second on they should not.
COOL, WARM = 6e-5, 1e-4
#: Lower end of the axis of rates per 1000 steps.
FLOOR = 1e-2
POST = "B. Millidge, Addendum to Grokking Grokking (beren.io)"
KEPT = Claim("Networks reliably grok and, once grokked, rarely seem to 'un-grok'", POST)
WIDER = Claim(
    "grokking would become more and more deterministic and easy to achieve in more overparametrized models due simply "
    "to this volume effect",
    POST + ", on volumes",
)


class Crossings(NamedTuple):
    """Networks that ever grokked; all networks; events of grokking and un-grokking; steps not grokked, and grokked."""

    ever: int
    networks: int
    found: int
    lost: int
    without: float
    within: float

    @property
    def rates(self):
        """Rates of grokking and of un-grokking per step, each with its 95 % interval (rate, low, high)."""
        pairs = (self.found, self.without), (self.lost, self.within)
        return [
            (count / max(time, 1), *(end / max(time, 1) for end in poisson_interval(count)))
            for count, time in pairs
        ]


def answer(quick=False, seed=1):
    """Measure both rates at every temperature, and times to grok at every width."""
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
        question="Do networks reliably grok and stay grokked, and do wider networks do both more reliably?",
        findings=(is_kept(crossed), is_surer_when_wider(times, spreads)),
        header=(
            "width", "temperature", "networks", "ever grokked", "groks", "un-groks", "rate of grokking, 1/steps", "low",
            "high", "rate of un-grokking, 1/steps", "low", "high", "time to grok, steps", "error",
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
    """The network and its training pairs."""
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
    """Count the events with two separate levels, so that fluctuations around one level do not count."""
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
    """A row of the table; if some networks do not grok within `HORIZON`, the mean time is a lower bound."""
    time, arrived = mean_time(late), int((~late.censored).sum())
    ends = (time.error, spread.value, spread.error) if spread else ("lower bound", "", "")
    return (width, HEAT, time.n, arrived, *("",) * 8, time.value, *ends)


def keeps(heat, c):
    """Most networks grok, and rarely un-grok: given the times spent, the losses among all events are binomial."""
    ever = Measurement(
        c.ever / c.networks,
        0.0,
        c.networks,
        f"fraction that groks at {heat:g}",
        law=Share(c.ever, c.networks),
    )
    crossings = max(c.found + c.lost, 1)
    losses = Measurement(
        c.lost / crossings, 0.0, crossings, f"losses among crossings at {heat:g}", c.found + c.lost > 0,
        law=Share(c.lost, crossings),
    )  # fmt: skip
    rarely = RARELY * c.within / (RARELY * c.within + c.without)
    return every(f"grok and stay at {heat:g}", (above(ever, MOST), below(losses, rarely)))


def is_kept(crossed):
    """Networks stay grokked at every temperature, or else up to COOL but not from WARM on."""
    parts = {heat: keeps(heat, c) for heat, c in crossed.items()}
    number = "; ".join(
        f"theta = {heat:g}: {c.ever} of {c.networks} grok, {c.found} groks, {rate(c.rates[0])}, {c.lost} un-groks, "
        f"{rate(c.rates[1])}"
        for heat, c in crossed.items()
    )
    middle, half = (COOL + WARM) / 2, (WARM - COOL) / 2
    condition = f"the noise is weak, up to theta = {format_value(middle, half)}; under stronger noise networks un-grok"
    cool = every("under weak noise", [part for heat, part in parts.items() if heat <= COOL])
    warm = every("not under strong noise", [no(part) for heat, part in parts.items() if heat >= WARM])
    verdict = verdict_of(every("at every temperature", parts.values()), Narrowed(condition, cool, warm))
    return Finding(KEPT, verdict, f"{number}; intervals of 95 %")


def is_surer_when_wider(times, spreads):
    """At the largest width most networks grok earlier than at the smallest, with a smaller coefficient of variation."""
    narrow, *_, wide = times
    means = {width: mean_time(late) for width, late in times.items()}
    sooner = share_of(
        ~times[wide].censored & (times[wide].time < means[narrow].value), "fraction that groks earlier", "",
        not times[narrow].censored.any(),
    )  # fmt: skip
    number = "; ".join(
        f"width {width}: {(~times[width].censored).sum()} of {m.n} grok within {HORIZON} steps, "
        + (
            f"after {format_value(m.value, m.error)} with a coefficient of variation "
            f"{format_value(spreads[width].value, spreads[width].error)}"
            if width in spreads
            else f"the mean time is above {m.value:.0f}"
        )
        for width, m in means.items()
    )
    number += (
        f"; {sooner.law.count} of {sooner.n} of width {wide} grok earlier than the mean of width {narrow}"
    )
    parts = [above(sooner, MOST)]
    if {narrow, wide} <= set(spreads):
        first, second = spreads[wide], spreads[narrow]
        gap = replace(first, value=first.value - second.value, error=math.hypot(first.error, second.error))
        parts.append(below(gap, 0.0, "the times vary less"))
    return Finding(WIDER, verdict_of(every("wider networks grok earlier and more reliably", parts)), number)


def rate(numbers):
    """A rate with its interval, per 1000 steps."""
    value, low, high = (1000 * number for number in numbers)
    return f"{value:.3f} ({low:.3f} to {high:.3f}) per 1000 steps"


def draw(path, hot, crossed, times, spreads):
    """Test accuracy at some temperatures; both rates against temperature; time to grok and its spread against width."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas
    from langevin.figures.panels import bars

    with canvas(path, "Test accuracy of one network", 10.0, 7.0) as axes:
        grid = axes.figure.add_gridspec(2, 3)
        axes.set_subplotspec(grid[0, :])
        rates, late, spread = (axes.figure.add_subplot(grid[1, i]) for i in range(3))
        heats = list(hot)
        for heat, colour in zip(dict.fromkeys((heats[0], heats[len(heats) // 2], heats[-1])), COLOURS):
            one = hot[heat]
            axes.plot(one.steps, one.observables["test_accuracy"][0], color=colour, linewidth=1,
                      label=f"$\\theta$ = {heat:g}")  # fmt: skip
        for level, name, dash in ((KNOWN, "grokked above", ":"), (LOST, "un-grokked below", "--")):
            axes.axhline(level, color="0.5", linestyle=dash, linewidth=1, label=name)
        axes.set(xlabel="step", ylabel="test accuracy", ylim=(-0.03, 1.03))
        for i, (name, mark) in enumerate((("grok", "o"), ("un-grok", "s"))):
            shown = np.array([[1000 * number for number in c.rates[i]] for c in crossed.values()])
            at, seen = 1e5 * np.array(heats) + 0.1 * i, shown[:, 0] > 0
            rates.vlines(at[seen], np.maximum(shown[seen, 1], FLOOR), shown[seen, 2], color=COLOURS[i])
            rates.plot(at[seen], shown[seen, 0], mark, color=COLOURS[i], label=name)
            if not seen.all():
                rates.plot(
                    at[~seen], shown[~seen, 2], "v", color=COLOURS[i], label=f"{name} never: upper bound"
                )
        rates.set_title("Rates, 95 % interval", loc="left")
        rates.set(xlabel="temperature $\\theta$, $10^{-5}$", ylabel="events per 1000 steps", yscale="log")
        means = {width: mean_time(arrived) for width, arrived in times.items()}
        known = [width for width in means if width in spreads]
        bars(late, known, [means[width] for width in known], "black", "o", "measured, 95 %")
        never = [width for width in means if width not in spreads]
        if never:
            late.plot(never, [means[width].value for width in never], "^", color="black", label="lower bound")
        late.set_title(f"Time to grok, $\\theta$ = {HEAT:g}", loc="left")
        late.set(ylabel="steps", yscale="log")
        bars(spread, known, [spreads[width] for width in known], COLOURS[1], "s", "measured, 95 %")
        spread.axhline(1.0, color="0.5", linestyle=DASHES[3], label="exponential distribution")
        spread.set_title("Coefficient of variation of this time", loc="left")
        spread.set(ylabel="standard deviation / mean", ylim=(0, 1.1))
        for panel in (late, spread):
            panel.set(xlabel="hidden units", xscale="log")
            panel.set_xticks(list(means), [str(width) for width in means])
            panel.xaxis.set_minor_formatter("")
        for panel in (axes, rates, late, spread):
            panel.legend(fontsize=7)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
