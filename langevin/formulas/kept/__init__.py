"""Modules of kernels that were written from formulas: they lie in the cache of the user, and are imported from here.

A module of a name that any process can import lets Numba find compiled code again, and lets workers import it.
"""

import os

from langevin.formulas.modules import folder

__path__ = [*__path__, os.fspath(folder())]
