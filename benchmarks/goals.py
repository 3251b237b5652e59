"""Goals of speed compared with what was reached, computed from the stored tables.

`normals, ns` is the time for the random numbers of a coordinate-step, `the rest, ns` that for everything else.
`reached` says by which factor langevin is faster than the contender, `goal` by which factor it should be.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.timing import table

#: How many times cheaper a coordinate-step is meant to be: than the best Numba by hand, for each workload by the
#: beginning of its name; than diffrax, than a scan in JAX, than a normal of NumPy.
BEST_NUMBA = {"W1": 6, "W2": 6, "W3": 3, "W4": 3, "W5a": 6, "W5b": 3}
DIFFRAX, SCAN, NORMAL = 15, 10, 6
NORMALS = "langevin, its normals alone"
#: Required and desired factor by which a question to a stated error is cheaper than with the best contender.
COST, AIM = 10, 50
#: CPU seconds and GB that a training of the size of MNIST may take before its first step.
SECONDS, MEMORY = 2, 1
#: Surface on which a Metropolis step is the most expensive, and the microseconds that it may take there.
LARGEST, METROPOLIS = "SO(11)", 20


def page(folder: Path) -> str:
    """The text of goals.md: a section for each table that is kept in the folder."""
    sections = [
        (title, made((folder / file).read_text()))
        for title, file, made in (
            ("A step", "speed.md", goals),
            ("A question, to a total error of 1 %", "cost.md", costs),
            ("Other shapes", "shapes.md", shapes),
            ("User-defined landscapes", "own_kernels.md", own),
            ("First run of a user-defined landscape", "compilation.md", compiled),
            ("Start of a training, up to its first step", "starts.md", started),
            ("A Metropolis step on a surface", "constrained.md", constrained),
            ("Scaling", "scaling.md", scaled),
        )
        if (folder / file).exists()
    ]
    return f"# {__doc__}\n\n" + "\n".join(f"## {title}\n\n{text}\n" for title, text in sections)


def cells_of(text: str) -> list[list[str]]:
    """Rows of the first Markdown table of a text, the header first."""
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("|")]
    stripped = [[cell.strip() for cell in row] for row in rows]
    return stripped[:1] + stripped[2:]


def goals(speed):
    """A table of goals from the text of the table of speed."""
    _, *cells = cells_of(speed)
    costs = {(row[0], row[1]): row for row in cells if row[3]}
    rows = []
    for name in dict.fromkeys(row[0] for row in cells):
        ours, normals = (float(costs[name, one][2]) for one in ("langevin", NORMALS))
        ratios = {
            contender: float(row[3].split()[0]) for (where, contender), row in costs.items() if where == name
        }
        numba = min(ratio for contender, ratio in ratios.items() if contender.startswith("numba"))
        asked = [
            ("best Numba by hand", numba, BEST_NUMBA[name.split()[0]]),
            ("diffrax, f64", ratios.get("diffrax Euler, f64"), DIFFRAX),
            ("scan in JAX, f64", ratios["jax scan, f64"], SCAN),
            ("one NumPy normal", float(costs[name, "langevin"][4].removeprefix("1/")), NORMAL),
        ]
        rows += [
            (name, f"{normals:.2f}", f"{ours - normals:.2f}", beside, f"{reached:g}", goal,
             "yes" if reached >= goal else "no")
            for beside, reached, goal in asked
            if reached is not None
        ]  # fmt: skip
    return table(
        ("workload", "normals, ns", "the rest, ns", "times cheaper than", "reached", "goal", "met"), rows
    )


def costs(text):
    """A table of goals from the text of the table of costs."""
    header, *cells = cells_of(text)
    places = [index for index, name in enumerate(header) if name.startswith("times cheaper")]
    reached = [
        (row[0], min(float(row[place].split()[0]) for place in places if row[place] != "-")) for row in cells
    ]
    rows = [
        (name, f"{times:g}", COST, "yes" if times >= COST else "no", AIM, "yes" if times >= AIM else "no")
        for name, times in reached
    ]
    return table(("question", "times cheaper than the best contender", "held to", "met", "aim", "met "), rows)


def shapes(text):
    """A table of goals from the text of the table of shapes, which states its bounds."""
    _, *cells = cells_of(text)
    rows = [
        (shape, ratio.split()[0], bound.removeprefix("<= "), met(ratio, bound))
        for shape, *_, ratio, bound in cells
    ]
    return table(("shape of work", "time over that of the contender", "at most", "met"), rows)


def own(text):
    """A table of goals from the text of the table of user-defined landscapes; rows without a bound are left out."""
    _, *cells = cells_of(text)
    rows = [
        (cost, other, ratio.split()[0], bound, met(ratio, bound))
        for cost, other, ratio, bound in cells
        if not bound.startswith("none")
    ]
    return table(("cost of", "over that of", "reached", "at most", "met"), rows)


def compiled(text):
    """A table of goals from the text of the table of first runs."""
    _, *cells = cells_of(text)
    rows = [
        (name, cost.split()[0], bound.removeprefix("<= "), met(cost, bound)) for name, cost, _, bound in cells
    ]
    return table(("landscape", "CPU seconds", "at most", "met"), rows)


def started(text):
    """A table of goals from the text of the table of starts; the program by hand shows what JAX alone takes."""
    _, *cells = cells_of(text)
    rows = [
        (name, spent.split()[0], SECONDS, met(spent, str(SECONDS)), size, MEMORY, met(size, str(MEMORY)))
        for name, spent, _, size in cells
    ]
    return table(("program", "CPU seconds", "at most", "met", "GB", "at most ", "met "), rows)


def constrained(text):
    """A table of goals from the text of the table of constrained steps: the most expensive Metropolis step."""
    header, *cells = cells_of(text)
    place = header.index("Metropolis, us")
    rows = [
        (row[0], row[place], METROPOLIS, met(row[place], str(METROPOLIS)))
        for row in cells
        if row[0].startswith(LARGEST)
    ]
    return table(("surface", "CPU microseconds", "at most", "met"), rows)


def scaled(text):
    """A table of goals from the text of the table of scaling, which states its bounds; exponents have none."""
    _, *cells = cells_of(text)
    rows = [
        (quantity, measured, bound, met(measured, bound))
        for quantity, measured, bound in cells
        if bound.startswith(("<=", ">="))
    ]
    return table(("quantity", "measured", "bound", "met"), rows)


def met(measured, bound):
    """Whether the median of a row, which comes first, is within its bound: at most the number, or at least after >=."""
    value = float(measured.split()[0])
    if bound.startswith(">= "):
        return "yes" if value >= float(bound.removeprefix(">= ")) else "no"
    return "yes" if value <= float(bound.removeprefix("<= ")) else "no"
