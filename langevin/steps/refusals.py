"""Steps that are refused because no way back to the surface was found: counted, and after many in a row an end.

A refused step leaves its walker where it is, and a step that is taken moves it. So refusals at one place follow one
another, and what is written down at a refusal is enough: a step that is taken costs nothing.
"""

from __future__ import annotations

from numba.extending import register_jitable

from langevin.steps.newton_retraction import FAILED
from langevin.types import Rows

#: A walker that is refused so many steps in a row has failed.
MOST_REFUSALS = 1000


def refusal_rows(tallies: tuple[str, ...]) -> Rows:
    """Rows of memory: the tallies, then how often and where a walker was last refused."""
    return Rows(counts=len(tallies), in_a_row=(), place=())


@register_jitable
def refuse_failed(x, status, refused, in_a_row, place):
    """Count the steps that have just failed in `refused` (lanes,); their walkers, still at x (dim, lanes), run on.

    A walker that was refused `MOST_REFUSALS` times in a row stays failed. Few steps have a failure, so a first loop,
    which goes in vectors, only asks whether there is one.
    """
    failures = 0
    for lane in range(status.size):
        failures += status[lane] == FAILED
    if failures == 0:
        return
    for lane in range(status.size):
        if status[lane] == FAILED and in_a_row[lane] < MOST_REFUSALS:
            here = 0.0
            for i in range(x.shape[0]):
                here += x[i, lane]
            in_a_row[lane] = in_a_row[lane] + 1.0 if here == place[lane] else 1.0
            place[lane] = here
            refused[lane] += 1.0
            if in_a_row[lane] < MOST_REFUSALS:
                status[lane] = 0
