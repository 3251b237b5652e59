"""Bad arguments of every public function are refused in three fields: what, allowed, remedy."""

import pytest
from hypothesis import given, settings

import langevin
from langevin.arguments.own_failure import is_own
from langevin.errors import LangevinError, UsageError
from tests.inputs.calls import calls, functions
from tests.inputs.guard import CAREFUL, Taken, fault

pytestmark = pytest.mark.filterwarnings("ignore")
TABLE = functions()


def refusal(error):
    """An error of the package; a user-defined function may raise any error."""
    if not isinstance(error, LangevinError) and is_own(error):
        raise Taken
    return error if isinstance(error, LangevinError) else None


def tried(call):
    name, arguments, named = call
    try:
        wrong = fault(lambda: TABLE[name](*arguments, **named), refusal)
    except Taken:
        return
    assert wrong is None, f"{name}(*{arguments}, **{named}): {wrong}"


@settings(CAREFUL, max_examples=400)
@given(calls(TABLE))
def test_bad_arguments_are_refused_in_three_fields(call):
    tried(call)


@pytest.mark.slow
@settings(CAREFUL, max_examples=3000)
@given(calls(TABLE))
def test_thousands_of_bad_arguments_are_refused(call):
    tried(call)


@pytest.mark.parametrize("bad", ["1", None, True, 1j, [1.0], 10**400])
def test_no_number_is_taken_for_one(bad):
    with pytest.raises(UsageError, match="temperature must be") as caught:
        langevin.theory.cube.eyring_time(1, 1.0, 0.25, bad)
    assert caught.value.what.startswith("temperature, got")
    assert "help(langevin.theory.cube.eyring_time)" in caught.value.remedy


def test_functions_that_are_handed_in_raise_what_they_like():
    def fails(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        langevin.theory.fokker_planck.richardson(fails, 4)


def test_fields_of_a_record_are_looked_at():
    with pytest.raises(UsageError, match=r"problem.landscape must be a langevin.types.Landscape, got 'well'"):
        langevin.simulate(langevin.Problem("well", 1.0), walkers=1, steps=1, dt=1e-3)
