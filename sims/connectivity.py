"""Does a wider network have a connected zero-loss set?

Two-layer linear networks W_2 W_1 = 1 with n inputs and outputs: at n hidden units the set falls into two branches,
det W_2 of either sign (n = 1: the hyperbola u v = 1); wider ones should join them. Walkers diffuse on the set from the
balanced solution; a walker has crossed when det of the first n columns of W_2 has changed its sign.
The full run takes half a minute of one processor.
"""

import numpy as np

import langevin
from langevin.experiment.claims import Answer, Claim, Finding, judge
from langevin.integrators import projected
from langevin.measure import wilson_interval

SIZES = (1, 2)
SPARE = (0, 1, 2, 4)
#: Time enough to go round in a set of size 1; temperature 1; variance of a kick.
TIME, HEAT, KICK, FRAMES = 8.0, 1.0, 4e-3, 40
CONNECTED = Claim(
    "as the model becomes more overparametrized, the more likely the manifold is to become connected, i.e. there are "
    "no isolated regions within it",
    "B. Millidge, Addendum to Grokking Grokking (beren.io), introduction",
)


def answer(quick=False, seed=1):
    """Diffuse at every width, count those who have crossed."""
    walkers, spare = (200, SPARE[:2]) if quick else (1000, SPARE)
    runs = {(n, more): walk(n, n + more, walkers, seed) for n in SIZES for more in spare}
    crossed = {key: crossings(run, key[0]) for key, run in runs.items()}
    counts = {key: int(ever[:, -1].sum()) for key, (ever, _) in crossed.items()}
    return Answer(
        question="Does a wider network have a connected zero-loss set?",
        findings=(is_connected(counts, walkers),),
        header=(
            "inputs and outputs", "hidden units", "crossed", "walkers", "low", "high", "at the end on the other side",
            "steps refused",
        ),
        rows=[
            (n, n + more, counts[n, more], walkers, *wilson_interval(counts[n, more], walkers),
             float(crossed[n, more][1][:, -1].mean()), sum(runs[n, more].tallies.values()))
            for n, more in runs
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
    """Whether each walker (walkers, frames) has been on the other side by then, and whether it is there."""
    walkers, frames, dim = run.states.shape
    hidden = dim // (2 * size)
    second = run.states[:, :, : size * hidden].reshape(walkers, frames, size, hidden)
    other = np.linalg.det(second[..., :size]) < 0
    return np.maximum.accumulate(other, axis=1), other


def is_connected(counts, walkers):
    """Nobody crosses at n hidden units; with one more they do."""
    tight = {n: count for (n, more), count in counts.items() if more == 0}
    wider = {key: count for key, count in counts.items() if key[1] > 0}
    high = wilson_interval(max(tight.values()), walkers)[1]
    low = min(wilson_interval(count, walkers)[0] for count in wider.values())
    number = (
        f"crossed by time {TIME:g}: "
        + ", ".join(f"{n} x {n + more} x {n}: {count} of {walkers}" for (n, more), count in counts.items())
        + f" (95 % intervals: at most {high:.1%} at width n, at least {low:.1%} above)"
    )
    holds = not any(tight.values()) and low > high
    return Finding(CONNECTED, judge(holds), number)


def draw(path, runs, crossed, walkers):
    """Share of walkers that have crossed, over time."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas

    with canvas(path, f"Walkers that have crossed to the other branch, n = {walkers}", width=7.5) as axes:
        for (n, more), run in runs.items():
            share = crossed[n, more][0].mean(axis=0)
            error = 1.96 * np.sqrt(share * (1 - share) / walkers)
            colour = COLOURS[sorted({key[1] for key in runs}).index(more)]
            label = f"{n} x {n + more} x {n}" + (": two branches" if more == 0 else "")
            dash = DASHES[SIZES.index(n)]
            axes.plot(run.times * HEAT, share, color=colour, linestyle=dash, label=label)
            axes.fill_between(
                run.times * HEAT, share - error, share + error, color=colour, alpha=0.2, linewidth=0
            )
        axes.set(xlabel="time $\\theta t$", ylabel="share", ylim=(-0.03, 1.03), xlim=(0, TIME * HEAT))
        axes.legend(title="inputs x hidden x outputs", loc="center left", bbox_to_anchor=(1.0, 0.5))


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
