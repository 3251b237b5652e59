"""Laws of motion and corrections that the command line names as scripts do."""

import pytest

from tests.cli.test_commands import call, here  # noqa: F401


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--integrator", "power-law"], "should settle in the law 'power 1'"),
        (["--dynamics", "power-law", "-i", "exponent=0", "--integrator", "power-law"], "the law 'power 0'"),
        (["--integrator", "tangential", "-i", "convention=stratonovich"], "the law 'stratonovich'"),
    ],
)
def test_uneven_noise_has_a_question(here, words, expected):  # noqa: F811
    shallow = ["simulate", "--manifold", "canal", "-p", "transverse=1", "-p", "stiffness=20"]
    result = call(*shallow, *words, "--walkers", 4, "--horizon", 1, "--seed", 1, "--plot", "noise.png")
    assert result.exit_code == 0, result.output
    assert expected in result.output
    assert "range of validity" in result.output
    assert (here / "noise.png").read_bytes().startswith(b"\x89PNG")
    again = call("compare", "canal.h5")
    assert expected in again.output, again.output


def test_the_bridge_is_a_correction_where_it_holds(here):  # noqa: F811
    well = call("simulate", "--potential", "double-well", "--walkers", 20, "--temperature", 1, "--seed", 1,
                "--correction", "bridge")  # fmt: skip
    assert well.exit_code == 0, well.output
    cube = call(
        "simulate", "--manifold", "cube", "--samples", 2, "--dim", 3, "--seed", 1, "--correction", "bridge"
    )
    assert cube.exit_code == 2
    assert "bridge correction needs free steps of one length" in cube.output
