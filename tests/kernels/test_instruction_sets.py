"""The same bits for every width of vectors, for landscapes without transcendental functions."""

import platform

import pytest

from langevin import Watch
from tests.engine import LAWS, answer, digest, python, run

pytestmark = pytest.mark.skipif(
    platform.machine() not in {"x86_64", "AMD64"}, reason="instruction sets of x86-64"
)

WITHOUT_AVX = {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": "+sse2,-avx,-avx2,-avx512f"}
AVX2 = {
    "NUMBA_CPU_NAME": "haswell",
    "NUMBA_CPU_FEATURES": "+sse2,+sse4.2,+avx,+avx2,+fma,+bmi,+bmi2,-avx512f",
}
#: Prints the digests of the runs and the widest registers used.
REPORT = """
import json, re
from langevin import Watch
from langevin.kernels import compile
from tests.engine import digest, run
digests = [digest(run(law, **{arguments!r})) for law in {laws!r}]
text = "".join(text for driver in compile._drivers.values() for text in driver.inspect_asm().values())
print(json.dumps([digests, max(re.findall("%([xyz])mm", text))]))
"""
SHORT = {"walkers": 300, "steps": 200, "watch": Watch(threads=2)}


def report(laws, folder, target):
    code = REPORT.format(arguments=SHORT, laws=laws)
    return answer(python(code, folder, {"NUMBA_CACHE_DIR": str(folder), **target}))


@pytest.mark.parametrize(
    ("target", "widest", "laws"),
    [
        pytest.param(AVX2, "y", ["soft", "soft ring", "reflected"], id="AVX2"),
        pytest.param(AVX2, "y", list(LAWS), id="AVX2, every law", marks=pytest.mark.slow),
        pytest.param(WITHOUT_AVX, "x", list(LAWS), id="SSE2, every law", marks=pytest.mark.slow),
    ],
)
def test_bits_do_not_depend_on_the_processor(target, widest, laws, tmp_path):
    digests, used = report(laws, tmp_path, target)
    assert used == widest, "compiled for the requested target"
    assert digests == [digest(run(law, **SHORT)) for law in laws]
