"""The smallest driver, which calls one kernel, for tests in other interpreters: it compiles in half a second."""

import numpy as np

from langevin.kernels import compile as module
from langevin.kernels.compile import jitable

X = 7.0


def build_tiny(kernel, stamp):
    inner = jitable(kernel)

    def tiny(report, first, last, x, out):
        report[0] = stamp
        if first < last:
            inner(x, out, ())

    return tiny


def report(kernel):
    """[out[0] of the kernel at x = 7, is the stamp right, was it found in the cache, was it compiled]."""
    arguments = np.array([[X]]), np.zeros(1)
    driver = module.compile_driver(build_tiny, (kernel,), arguments)
    written = np.zeros(1, np.int64)
    driver(written, np.int64(0), np.int64(1), *arguments)
    digests = [digest for digest, one in module._drivers.items() if one is driver] or ["0"]
    stamped = int(written[0]) == int(digests[0][:15], 16)
    counts = (sum(kind.values()) for kind in (driver.stats.cache_hits, driver.stats.cache_misses))
    return [float(arguments[1][0]), stamped, *counts]
