"""Goals of speed, computed from the stored table of speed.md.

`normals, ns` is the time for the random numbers of a coordinate-step, `the rest, ns` that for everything else.
`reached` says by which factor langevin is faster than the contender, `goal` by which factor it should be.
"""

from __future__ import annotations

from benchmarks.timing import table

#: How many times cheaper a coordinate-step is meant to be: than the best Numba by hand, for each workload by the
#: beginning of its name; than diffrax, than a scan in JAX, than a normal of NumPy.
BEST_NUMBA = {"W1": 6, "W2": 6, "W3": 3, "W4": 3, "W5a": 6, "W5b": 3}
DIFFRAX, SCAN, NORMAL = 15, 10, 6
NORMALS = "langevin, its normals alone"


def goals(speed):
    """A table of goals from the text of the table of speed."""
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in speed.splitlines() if "|" in line]
    costs = {(row[0], row[1]): row for row in cells[2:] if row[3]}
    rows = []
    for name in dict.fromkeys(row[0] for row in cells[2:]):
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
