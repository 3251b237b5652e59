"""Two-point noise, +1 or -1 with equal chances, from Philox words: enough where only weak order 1 matters.

Its moments agree with a normal's up to the third (Kloeden and Platen 1992, section 14.1). Addressed like normals:
number j of a walker lies in group j // 16, four numbers to a word, taken from the word's highest bits down.
"""

import numpy as np
from numba.extending import register_jitable

from langevin.kernels.philox import LOW, SHIFT, philox

#: Numbers served by one call of the generator.
GROUP = 16
HIGHEST = np.uint64(31)


@register_jitable
def fill_signs(out, first_group, walkers, stream, key_0, key_1):
    """Fill `out` (rows, lanes) float32, rows a multiple of 16, with numbers 16 * first_group ... of each walker.

    Arguments as those of normals.fill_normals.
    """
    for index in range(out.shape[0] // GROUP):
        group = np.uint64(first_group + index)
        for lane in range(walkers.size):
            drawn = philox(group & LOW, group >> SHIFT, walkers[lane], stream, key_0, key_1)
            for number in range(GROUP):
                bit = (drawn[number // 4] >> (HIGHEST - np.uint64(number % 4))) & np.uint64(1)
                out[GROUP * index + number, lane] = np.float32(1.0) - np.float32(2.0) * np.float32(bit)
