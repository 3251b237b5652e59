"""Related arguments are records: a public function has at most eleven arguments, a record at most eight fields."""

import inspect
from dataclasses import fields, is_dataclass
from typing import get_args, get_type_hints

import pytest

import langevin

DOORS = [langevin.simulate, langevin.extend, langevin.splitting]
#: The physics, the law of motion and a run that continues, which are separate arguments.
SUBJECTS = {langevin.Problem, langevin.Integrator, langevin.Trajectory}


def records(door):
    """The records among the types of a function's arguments."""
    hints = get_type_hints(door)
    del hints["return"]
    named = {kind for hint in hints.values() for kind in (hint, *get_args(hint))}
    return {kind for kind in named if is_dataclass(kind)} - SUBJECTS


@pytest.mark.parametrize("door", DOORS)
def test_a_door_takes_eleven_arguments_at_most(door):
    parameters = inspect.signature(door).parameters.values()
    assert len(parameters) <= 11
    assert not {each.kind for each in parameters} & {
        inspect.Parameter.VAR_POSITIONAL,
        inspect.Parameter.VAR_KEYWORD,
    }


@pytest.mark.parametrize(
    ("door", "expected"),
    [
        (langevin.simulate, {langevin.Start, langevin.StepSchedule, langevin.Stop, langevin.Watch}),
        (langevin.extend, {langevin.Start, langevin.StepSchedule, langevin.Stop, langevin.Watch}),
        (langevin.splitting, {langevin.Sets, langevin.Effort, langevin.Watch}),
    ],
)
def test_its_records_are_frozen_and_have_eight_fields_at_most(door, expected):
    assert records(door) == expected
    for record in expected:
        assert len(fields(record)) <= 8
        assert record.__dataclass_params__.frozen
