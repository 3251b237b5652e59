"""Everything that decides the bits of a point in addition to its settings."""

import sys

import langevin
from langevin.cli.sweep_point import content_of

WELL = {"potential": "double-well"}


def run_file(path, seed):
    problem = langevin.Problem(langevin.potentials.double_well(), temperature=0.5)
    langevin.save(path, langevin.simulate(problem, walkers=4, steps=4, dt=0.01, seed=seed), force=True)


def test_states_of_a_run_to_start_from_are_content_and_its_name_is_not(tmp_path):
    run_file(tmp_path / "a.h5", 1)
    run_file(tmp_path / "b.h5", 1)
    run_file(tmp_path / "c.h5", 2)
    one, same, other = (
        content_of("simulate", {**WELL, "start": str(tmp_path / f"{name}.h5")}) for name in "abc"
    )
    assert one == same != other
    assert content_of("simulate", WELL) != content_of("simulate", {**WELL, "start": "0.5"})


def test_the_text_of_an_optimiser_of_ones_own_is_content(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    found = []
    for factor in (1, 2):
        (tmp_path / f"rule{factor}.py").write_text(f"def rule(rate):\n    return {factor} * rate\n")
        found.append(content_of("train", {"model": "models.parity", "law": f"rule{factor}:rule"})["law"])
        sys.modules.pop(f"rule{factor}")
    assert found[0] != found[1]
    assert {len(one) for one in found} == {64}


def test_the_text_of_a_theory_is_content(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    record = "Theory('first passage', 'one', lambda case: True, formula)"
    found = []
    for name, number in (("first_law", 1), ("second_law", 2)):
        text = f"from langevin.types import Theory\ndef formula(*given):\n    return {number}\nrecord = {record}\n"
        (tmp_path / f"{name}.py").write_text(text)
        said = f"{name}:formula,{name}:record"
        found.append(set(content_of("simulate", {**WELL, "theory": said}).values()))
    assert len(found[0] - found[1]) == len(found[1] - found[0]) == 1, "both are the text of one file"
