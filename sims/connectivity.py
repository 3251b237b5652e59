"""Does a wider network have a connected zero-loss set?

The networks are linear with two layers, W_2 W_1 = 1, with n inputs and n outputs. With n hidden units the zero-loss set
consists of two branches, one for each sign of det W_2 (for n = 1 it is the hyperbola u v = 1). In wider networks the
branches should be connected. Walkers diffuse on the set from the balanced solution. A walker has crossed when the
determinant of the first n columns of W_2 has changed its sign. The full run takes half a minute of one processor.
"""

import numpy as np

import langevin
from langevin.experiment.claims import Answer, Claim, Finding, verdict_of
from langevin.experiment.statements import above, below, every
from langevin.integrators import projected
from langevin.measure import confidence_interval
from langevin.types import Measurement, Share

SIZES = (1, 2)
SPARE = (0, 1, 2, 4)
#: A time long enough to travel around a set of size 1; temperature; variance of a kick; frames.
TIME, HEAT, KICK, FRAMES = 8.0, 1.0, 4e-3, 40
#: Separate branches: at most the first share of walkers crosses. Connected branches: at least the second share.
APART, JOINED = 0.05, 0.3
CONNECTED = Claim(
    "as the model becomes more overparametrized, the more likely the manifold is to become connected, i.e. there are "
    "no isolated regions within it",
    "B. Millidge, Addendum to Grokking Grokking (beren.io), introduction",
)


def answer(quick=False, seed=1):
    """Simulate diffusion at every width, and count the walkers that have crossed."""
    walkers, spare = (200, SPARE[:2]) if quick else (1000, SPARE)
    runs = {(n, more): walk(n, n + more, walkers, seed) for n in SIZES for more in spare}
    crossed = {key: crossings(run, key[0]) for key, run in runs.items()}
    shares = {key: share_of(ever[:, -1]) for key, (ever, _) in crossed.items()}
    return Answer(
        question="Does a wider network have a connected zero-loss set?",
        findings=(is_connected(shares),),
        header=(
            "inputs and outputs", "hidden units", "crossed", "walkers", "low", "high", "on the other branch at the end",
            "steps refused",
        ),
        rows=[
            (n, n + more, int(share.law.count), walkers, *confidence_interval(share),
             float(crossed[n, more][1][:, -1].mean()), sum(runs[n, more].tallies.values()))
            for (n, more), share in shares.items()
        ],
        draw=lambda path: draw(path, runs, crossed, walkers),
        settings={"walkers": walkers, "temperature": HEAT, "time": TIME, "kick": KICK, "largest": 1.0},
    )  # fmt: skip


def walk(size, hidden, walkers, seed):
    """Diffusion on W_2 W_1 = 1 under the surface measure."""
    network = langevin.manifolds.factorised(size, hidden, size, 1.0, 1.0)
    dt = KICK / (2 * HEAT)
    every = round(TIME / FRAMES / dt)
    return langevin.simulate(
        langevin.Problem(network, HEAT, "projected"),
        projected("shake", "tangent"),
        walkers=walkers, steps=FRAMES * every, dt=dt, every=every, seed=seed,
    )  # fmt: skip


def crossings(run, size):
    """Whether each walker (walkers, frames) has been on the other branch up to then, and whether it is there now."""
    walkers, frames, dim = run.states.shape
    hidden = dim // (2 * size)
    second = run.states[:, :, : size * hidden].reshape(walkers, frames, size, hidden)
    other = np.linalg.det(second[..., :size]) < 0
    return np.maximum.accumulate(other, axis=1), other


def share_of(events):
    """Share of the walkers (walkers,) with the event, by the law of counts."""
    count, n = int(events.sum()), len(events)
    share = count / n
    error = (share * (1 - share) / n) ** 0.5
    return Measurement(share, error, n, "share that crosses", law=Share(count, n))


def is_connected(shares):
    """Almost no walker crosses at n hidden units; in every wider network many walkers cross."""
    tight = [share for (_, more), share in shares.items() if more == 0]
    wider = [share for (_, more), share in shares.items() if more > 0]
    joins = every(
        f"less than {APART:.0%} of the walkers cross at width n, and more than {JOINED:.0%} at every larger width",
        [*(below(share, APART) for share in tight), *(above(share, JOINED) for share in wider)],
    )
    number = f"walkers that have crossed by time {TIME:g}, with 95 % intervals: " + ", ".join(
        f"{n} x {n + more} x {n}: {int(share.law.count)} of {share.n} ("
        + " to ".join(f"{end:.1%}" for end in confidence_interval(share))
        + ")"
        for (n, more), share in shares.items()
    )
    number += "; at width n no walker can cross, because det W_2 is never 0 there (this is exact)"
    return Finding(CONNECTED, verdict_of(joins), number)


def draw(path, runs, crossed, walkers):
    """Share of walkers that have crossed, over time."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas

    with canvas(
        path,
        f"Walkers that have crossed to the other branch, $n$ = {walkers}, with 95 % intervals",
        width=7.5,
    ) as axes:
        for (n, more), run in runs.items():
            share = crossed[n, more][0].mean(axis=0)
            low, high = np.transpose([confidence_interval(share_of(one)) for one in crossed[n, more][0].T])
            colour = COLOURS[sorted({key[1] for key in runs}).index(more)]
            label = f"{n} x {n + more} x {n}" + (": two branches" if more == 0 else "")
            dash = DASHES[SIZES.index(n)]
            width, alpha = (4.5, 0.4) if (n, more) == (1, 0) else (1.5, 1.0)  # two lines lie on one another
            axes.plot(
                run.times * HEAT,
                share,
                color=colour,
                linestyle=dash,
                linewidth=width,
                alpha=alpha,
                label=label,
            )
            axes.fill_between(run.times * HEAT, low, high, color=colour, alpha=0.2, linewidth=0)
        axes.set(
            xlabel="time $\\theta t$",
            ylabel="share that has crossed",
            ylim=(-0.03, 1.03),
            xlim=(0, TIME * HEAT),
        )
        axes.legend(
            title="inputs $\\times$ hidden $\\times$ outputs", loc="center left", bbox_to_anchor=(1.0, 0.5)
        )


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
