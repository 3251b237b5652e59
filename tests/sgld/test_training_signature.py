"""The signature of the trainer: few arguments, small records, each name once."""

import inspect
from collections import Counter
from dataclasses import fields

import pytest

import langevin
from langevin import sgld

RECORDS = (sgld.Law, sgld.Protocol, sgld.Recording, sgld.Computation, sgld.Callbacks, sgld.Plan)


@pytest.mark.parametrize("door", [sgld.train, sgld.execute])
def test_a_door_has_eleven_arguments_at_most_and_names_them_all(door):
    parameters = inspect.signature(door).parameters.values()
    variadic = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    assert len(parameters) <= 11
    assert not [parameter.name for parameter in parameters if parameter.kind in variadic]


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_has_ten_fields_at_most_and_is_frozen(record):
    assert len(fields(record)) <= 10
    assert record.__dataclass_params__.frozen


def test_the_arguments_are_the_fields_of_a_plan_with_the_same_defaults():
    arguments = inspect.signature(sgld.train).parameters
    plan = inspect.signature(sgld.Plan).parameters
    assert list(arguments) == ["model", *plan, "callbacks", "resume", "executor"]
    assert {name: arguments[name].default for name in plan} == {name: plan[name].default for name in plan}


def test_no_name_stands_in_two_records():
    names = Counter(field.name for record in RECORDS for field in fields(record))
    assert [name for name, times in names.items() if times > 1] == []


def test_the_trainer_stands_at_the_root():
    assert langevin.train is sgld.train
