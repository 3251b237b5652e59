"""Compiled kernels against the same kernels as plain Python, in an interpreter with NUMBA_DISABLE_JIT=1.

They agree to the last bit where only +, -, x, / and square roots are used, each of which is correctly rounded,
and no compiler flag allows more. Noise in single precision would show a slip of types (float32 for
float64) as differences of 1e-8.
"""

import numpy as np
import pytest

from langevin.types import Status
from tests.engine import LAWS, answer, python, run

SHORT = {"walkers": 8, "steps": 60, "every": 7}
RECORD = """
import json, numpy as np
from tests.engine import LAWS, run
found = {{}}
for law in LAWS:
    done = run(law, **{arguments!r})
    found |= {{law: done.states}} | {{law + " " + name: event for name, event in done.events.items()}}
np.savez("oracle.npz", **found)
print(json.dumps(True))
"""


@pytest.fixture(scope="module")
def oracle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("oracle")
    answer(python(RECORD.format(arguments=SHORT), folder, {"NUMBA_DISABLE_JIT": "1"}))
    return np.load(folder / "oracle.npz")


@pytest.mark.parametrize("law", LAWS)
def test_compiled_and_plain_kernels_agree(law, oracle):
    done = run(law, **SHORT)
    np.testing.assert_array_equal(done.states, oracle[law])
    for name, event in done.events.items():
        np.testing.assert_array_equal(event, oracle[f"{law} {name}"])


@pytest.mark.parametrize("law", ["first passage", "variable step"])
def test_some_walkers_arrived(law, oracle):
    """What was compared has stops in it."""
    assert 0 < (oracle[f"{law} status"] == Status.HIT).sum() < SHORT["walkers"]
