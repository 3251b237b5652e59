"""Changes that no test can detect, each with the argument, and definitions that are not changed, with the reason."""

#: Identity of a mutant, as the page shows it, with the reason why it is equivalent.
EQUIVALENT: dict[str, str] = {
    "f74494297f68": "a side and a temperature are checked that the slopes do not depend on: any positive ones pass",
    "89c9bb09fbba": "the smallest and the largest level are the same to 1e-6 wherever the comparison is close",
    "cd2d7dfc0cb5": "the descent only ends later: where it ends is taken to the minimum by Newton's steps",
    "94b51e947d17": "NumPy infers a length from any negative number",
    "6735af6401c9": "NumPy infers a length from any negative number",
    "f338c4a634be": "the lattice of cubes may stand anywhere, if its corners lie off the surface, which they do",
    "070352266d70": "the inversion integral is the same along any line to the right of the first pole",
    "60851eb79fc8": "what is filled is multiplied by the heat, which is zero in this branch",
    "6fd7e2a1b267": "NumPy infers a length from any negative number",
    "5e67a04c173d": "the loop that is then not skipped finds no walker that stopped: slower, and no other state",
    "162c975ccaa6": "an array of one item is one block, for every size of the item",
    "a3358be917b3": "inlining decides how fast a driver is, not what it computes",
}

#: Definitions at the top of a module, as `path:NAME`, that change the speed and not the result.
EXEMPT: dict[str, str] = {}
