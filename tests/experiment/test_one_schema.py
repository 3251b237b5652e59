"""A toy run and a network run: one file schema, one measuring code."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from langevin import manifolds, sgld
from langevin.ensemble import simulate
from langevin.store import save
from langevin.types import Problem
from tests.schema import assert_schema


def toy_run():
    problem = Problem(manifolds.ring(2), temperature=0.01)
    return simulate(problem, walkers=30, steps=400, dt=1e-3, every=10, seed=1)


def network_run():
    pytest.importorskip("sklearn")
    make, defaults = sgld.load("models.digits")
    recording = replace(defaults.recording, frames=40)
    plan = replace(defaults, steps=400, chains=2, seed=1, recording=recording)
    return sgld.execute(make(samples=10, width=16), plan)


@pytest.fixture(scope="module", params=[toy_run, network_run])
def file(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("schema") / f"{request.param.__name__}.h5"
    return save(path, request.param())


def test_the_file_keeps_the_schema(file):
    assert_schema(file)


def test_xarray_opens_it_with_named_dimensions(file):
    xarray = pytest.importorskip("xarray")
    with xarray.open_datatree(file, engine="h5netcdf") as tree:
        assert tree["trajectory"]["states"].dims == ("chain", "draw", "dim")
        assert tree["trajectory"].sizes["draw"] == tree["trajectory"]["time"].size
        assert set(tree["events"]["status"].dims) == {"chain"}


def test_the_same_command_measures_it(file):
    from langevin.cli import main

    result = CliRunner().invoke(main, ["compare", str(file), "--json"])
    assert result.exit_code == 0, result.output
    exponents = json.loads(result.stdout)["exponents"]
    assert [row["theory"] for row in exponents] == ["ballistic before arrival", "diffusive after arrival"]
    assert all(row["measured"]["n"] >= 0 for row in exponents)
