"""Do networks reliably grok and stay grokked, and do wider networks do both more reliably?

The task is addition modulo a prime under Langevin noise alone (`sims.modular_addition`). The sim measures how often
networks reach the criterion and how often they lose it again, at several temperatures, and the time to grok with its
spread, at several widths. The boundary is the temperature at which the rate of un-grokking is a fixed fraction of the
rate of grokking: it is interpolated between neighbouring temperatures.

The zero-loss set is generic above about 85 hidden units (weights minus gauge directions
exceed residuals). The full run takes 3 minutes of one processor.
"""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from langevin.comparison import format_value
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, every, no
from langevin.measure import bootstrap_walkers, coefficient_of_variation
from langevin.measure.networks import accuracy_times, mean_time
from langevin.measure.poisson_interval import poisson_interval
from langevin.sgld import Law, Protocol, Recording, split, train
from langevin.types import Measurement, Share, Status
from models import modular
from sims import _ungrokking_figure


class Setting(NamedTuple):
    """Temperatures, networks at each of them, their width and steps; widths, networks at each of these."""

    heats: tuple[float, ...]
    networks: int
    width: int
    steps: int
    widths: tuple[int, ...]
    waits: int


FULL = Setting((2e-5, 6e-5, 7e-5, 8e-5, 9e-5, 1e-4, 1.2e-4), 10, 96, 10_000, (64, 96, 128), 16)
QUICK = Setting((2e-5, 7e-5, 9e-5, 1.1e-4), 10, 96, 7500, (64, 96), 10)
#: Modulus, initial weights, fraction of the table, learning rate; for the widths: temperature; steps between frames;
#: longest run.
P, SCALE, FRACTION, RATE, HEAT, EVERY, HORIZON = 17, 0.17, 0.85, 1.0, 2e-5, 50, 10_000
#: Test accuracy at which a network has grokked, and test accuracy below which it has un-grokked.
KNOWN, LOST = 0.95, 0.8
#: "Rarely": the rate of un-grokking is below this fraction of the rate of grokking. "Most": a share above MOST.
RARELY, MOST = 0.25, 0.5
#: Networks should stay grokked at temperatures at least this fraction below the boundary, and not as far above it.
MARGIN = 0.2
POST = "B. Millidge, Addendum to Grokking Grokking (beren.io)"
KEPT = Claim("Networks reliably grok and, once grokked, rarely seem to 'un-grok'", POST)
WIDER = Claim(
    "grokking would become more and more deterministic and easy to achieve in more overparametrized models due simply "
    "to this volume effect",
    POST + ", on volumes",
)


class Crossings(NamedTuple):
    """Networks that ever grokked; of each: events of grokking and un-grokking, steps not grokked, and grokked."""

    ever: int
    each: np.ndarray

    @property
    def networks(self):
        """Number of networks."""
        return len(self.each)

    @property
    def total(self):
        """Events of grokking and un-grokking, steps not grokked, and grokked, of all networks."""
        found, lost, without, within = self.each.sum(axis=0)
        return int(found), int(lost), float(without), float(within)

    @property
    def rates(self):
        """Rates of grokking and of un-grokking per step, each with its 95 % interval (rate, low, high)."""
        found, lost, without, within = self.total
        return [
            (count / max(time, 1), *(end / max(time, 1) for end in poisson_interval(count)))
            for count, time in ((found, without), (lost, within))
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
            (setting.width, heat, c.networks, c.ever, *c.total[:2], *c.rates[0], *c.rates[1], "", "", "", "")
            for heat, c in crossed.items()
        ] + [width_row(width, late, spreads.get(width)) for width, late in times.items()],
        draw=lambda path: _ungrokking_figure.draw(
            path, hot, crossed, times, spreads, boundary(crossed), (KNOWN, LOST), HEAT
        ),
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
    stay = grokked[:, :-1].sum(axis=1)
    each = (found.sum(axis=1), lost.sum(axis=1), EVERY * (found.shape[1] - stay), EVERY * stay)
    return Crossings(int(grokked.any(axis=1).sum()), np.stack(each, axis=1))


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
        c.ever / c.networks, 0.0, c.networks, f"fraction that groks at {heat:g}", law=Share(c.ever, c.networks)
    )  # fmt: skip
    found, lost, without, within = c.total
    events = max(found + lost, 1)
    losses = Measurement(
        lost / events, 0.0, events, f"losses among events at {heat:g}", found + lost > 0, law=Share(lost, events)
    )  # fmt: skip
    rarely = RARELY * within / (RARELY * within + without)
    return every(f"grok and stay at {heat:g}", (above(ever, MOST), below(losses, rarely)))


def boundary(crossed):
    """Temperature at which the rate of un-grokking is `RARELY` times the rate of grokking.

    Interpolation of the logarithm of their ratio, with half an event added to every count, against log(temperature).
    The error has two parts: a bootstrap over networks, and the standard deviation of a uniform distribution over the
    gap between the temperatures on both sides, since the curve between them is not known.
    """
    heats = np.array(sorted(crossed))
    each = np.stack([crossed[heat].each for heat in heats], axis=1).astype(float)

    def between(means):
        found, lost, without, within = np.moveaxis(means, -1, 0)
        half, least = 0.5 / len(each), EVERY / len(each)
        excess = np.log((lost + half) / np.maximum(within, least) * without / (found + half) / RARELY)
        rises = (excess[:, :-1] < 0) & (excess[:, 1:] >= 0)
        place = rises.argmax(axis=1)[:, None]
        low, high = (np.take_along_axis(excess, place + side, axis=1)[:, 0] for side in (0, 1))
        first, second = (np.log(heats)[place[:, 0] + side] for side in (0, 1))
        share = np.divide(-low, high - low, out=np.full(len(low), np.nan), where=rises.any(axis=1))
        return np.exp(first + share * (second - first))

    found = bootstrap_walkers(each, between, "temperature at which networks un-grok")
    if not found.mixed or not math.isfinite(found.value):
        return replace(found, mixed=False)
    after = np.searchsorted(heats, found.value)
    gap = heats[min(after, len(heats) - 1)] - heats[max(after - 1, 0)]
    return replace(found, error=math.hypot(found.error, gap / math.sqrt(12)))


def is_kept(crossed):
    """Networks stay grokked at every temperature, or else below the measured boundary but not above it."""
    parts = {heat: keeps(heat, c) for heat, c in crossed.items()}
    number = "; ".join(
        f"theta = {heat:g}: {c.ever} of {c.networks} grok, {c.total[0]} groks, {rate(c.rates[0])}, {c.total[1]} "
        f"un-groks, "
        f"{rate(c.rates[1])}"
        for heat, c in crossed.items()
    )
    limit = boundary(crossed)
    size = (1 - MARGIN) * limit.value, (1 + MARGIN) * limit.value
    warm = every("not under strong noise", [no(part) for heat, part in parts.items() if heat >= size[1]])
    if limit.mixed:
        number += f"; tested {MARGIN:.0%} or more below and above the boundary, which is interpolated"
        condition = (
            f"the noise is weak: theta is below {format_value(limit.value, limit.error)}, where the rate of "
            f"un-grokking is {RARELY:g} times the rate of grokking"
        )
    else:
        size, warm = (min(crossed), max(crossed)), None
        condition = (
            f"the noise is weak, as at theta = {size[0]:g}; the largest theta of the sim was {size[1]:g}"
        )
    cool = every("under weak noise", [part for heat, part in parts.items() if heat <= size[0]])
    verdict = verdict_of(every("at every temperature", parts.values()), Narrowed(condition, cool, warm))
    return Finding(KEPT, verdict, f"{number}; intervals of 95 %")


def is_surer_when_wider(times, spreads):
    """At the largest width networks mostly grok earlier than at the smallest, and their times vary less."""
    narrow, *_, wide = times
    means = {width: mean_time(late) for width, late in times.items()}
    sooner = earlier(times[wide], times[narrow])
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
        f"; share of pairs in which the network of width {wide} groks earlier than that of width {narrow}: "
        f"{format_value(sooner.value, sooner.error)}"
    )
    parts = [above(sooner, MOST)]
    if {narrow, wide} <= set(spreads):
        first, second = spreads[wide], spreads[narrow]
        gap = replace(first, value=first.value - second.value, error=math.hypot(first.error, second.error))
        parts.append(below(gap, 0.0, "the times vary less"))
    return Finding(WIDER, verdict_of(every("wider networks grok earlier and more reliably", parts)), number)


def earlier(one, other):
    """Share of pairs in which the first network groks earlier (Mann and Whitney 1947); its error if both are equal."""
    before, n = one.time[:, None] - other.time, (len(one.time), len(other.time))
    error = math.sqrt((sum(n) + 1) / (12 * n[0] * n[1]))
    return Measurement(
        float(((before < 0) + 0.5 * (before == 0)).mean()), error, min(n), "share that groks earlier"
    )


def rate(numbers):
    """A rate with its interval, per 1000 steps."""
    value, low, high = (1000 * number for number in numbers)
    return f"{value:.3f} ({low:.3f} to {high:.3f}) per 1000 steps"


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
