"""Iterative solvers set BLAS to one thread, in a script and on the command line, and restore the number."""

import pytest
import scipy.sparse.linalg
from threadpoolctl import threadpool_info, threadpool_limits

from langevin.one_thread import one_thread
from langevin.theory.cube.finite_volume import mesh_time


def threads():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def two():
    with threadpool_limits(2, user_api="blas"):
        yield


def test_threads_are_given_back():
    before = threads()
    with one_thread():
        assert threads() == {1}
    assert threads() == before


def test_the_solver_of_the_cube_runs_on_one(monkeypatch):
    """The number of threads during the solver is one, since waiting threads would cost time."""
    seen, solve = [], scipy.sparse.linalg.cg

    def watched(*arguments, **named):
        seen.append(threads())
        return solve(*arguments, **named)

    monkeypatch.setattr(scipy.sparse.linalg, "cg", watched)
    before = threads()
    mesh_time(2, 2, 2, 0.25)
    assert seen == [{1}]
    assert threads() == before
