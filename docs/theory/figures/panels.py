"""What the figures share: two panels, measured points with 95 % intervals, dashed theories."""

from contextlib import contextmanager

from langevin.figures.canvas import COLOURS, canvas


@contextmanager
def two_panels(path, left_title, right_title):
    """Yield the axes of two panels side by side; save the figure at the end."""
    with canvas(path, left_title, width=9.0, height=3.8) as left:
        grid = left.figure.add_gridspec(1, 2)
        left.set_subplotspec(grid[0])
        right = left.figure.add_subplot(grid[1])
        right.set_title(right_title, loc="left")
        yield left, right


def points(axes, x, measurements, place=0, label=None, unit=1.0):
    """Measurements with their 95 % intervals, divided by `unit`, in the colour of their place in the palette."""
    axes.errorbar(
        x,
        [m.value / unit for m in measurements],
        [1.96 * m.error / unit for m in measurements],
        fmt="os^Dv"[place % 5],
        color=COLOURS[place],
        markersize=4.5,
        capsize=3,
        elinewidth=1.2,
        label=label,
        zorder=10,
    )


def law(axes, x, values, place=0, label=None, dash="--"):
    """A theory as a dashed line, in the colour of the points that it is to meet."""
    axes.plot(x, values, linestyle=dash, color=COLOURS[place], label=label)


def shares(hits, total, width=1.0):
    """Share of `total` and its binomial standard error, both divided by `width`, for arrays of counts."""
    share = hits / total
    error = ((share * (1 - share)).clip(0.25 / total) / total) ** 0.5
    return share / width, error / width
