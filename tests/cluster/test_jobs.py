"""The text that would be submitted to a batch system; nothing is submitted."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from langevin import cluster
from langevin.cluster import Jobs, cluster_of
from langevin.errors import UsageError

ASKED = {
    "cores": 4,
    "memory": "8GB",
    "walltime": "02:00:00",
    "queue": "short",
    "account": "p1",
    "host": "127.0.0.1",
}
#: Lines of the script of each system, in which the numbers above are found.
LINES = {
    "SLURMCluster": [
        "#SBATCH -p short",
        "#SBATCH -A p1",
        "#SBATCH --cpus-per-task=4",
        "#SBATCH --mem=8G",
        "#SBATCH -t 02:00:00",
    ],
    "PBSCluster": [
        "#PBS -q short",
        "#PBS -A p1",
        "#PBS -l select=1:ncpus=4:mem=7630MB",
        "#PBS -l walltime=02:00:00",
    ],
    "LSFCluster": ["#BSUB -q short", '#BSUB -P "p1"', "#BSUB -n 4", "#BSUB -M 8000000", "#BSUB -W 02:00"],
}


@pytest.mark.parametrize("system", LINES)
def test_the_script_of_a_job(system):
    """There is one worker for each core, with one thread; variables set this for every library before its import."""
    asked = ASKED | ({"walltime": "02:00"} if system == "LSFCluster" else {})
    with cluster_of(system, Jobs(**asked)) as made:
        script = made.job_script().splitlines()
        assert made.scheduler_address.startswith("tcp://127.0.0.1:")
    for line in LINES[system]:
        assert line in script
    start = next(number for number, line in enumerate(script) if "dask_worker" in line)
    assert "--nthreads 1" in script[start]
    assert "--nworkers 4" in script[start]
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        assert f"export {name}=1" in script[:start]


@pytest.mark.parametrize("system", ["slurm", "pbs", "lsf"])
def test_jobs_are_asked_for_and_end_with_the_block(system, monkeypatch):
    """A cluster without submissions, whose client uses threads, replaces the real one."""
    told = []

    def made(name, jobs):
        return SimpleNamespace(scale=lambda jobs: told.append((name, jobs)), close=late)

    def late():
        told.append("closed")
        raise TimeoutError("on a busy machine")

    @contextmanager
    def client_of(distributed, cluster):
        with ThreadPoolExecutor(1) as threads:
            yield SimpleNamespace(get_executor=lambda pure: threads, nthreads=lambda: {"one": 4, "other": 4})

    monkeypatch.setattr(cluster, "cluster_of", made)
    monkeypatch.setattr(cluster, "client_of", client_of)
    with getattr(cluster, f"on_{system}")(Jobs(**ASKED, jobs=3)) as executor:
        assert executor.submit(sum, [1, 2]).result() == 3
        assert cluster.workers_of(executor) == 8
        assert told == [(f"{system.upper()}Cluster", 3)]
    assert told[1:] == ["closed"]


@pytest.mark.parametrize("name", ["cores", "jobs"])
def test_numbers_out_of_range_are_refused(name):
    with pytest.raises(UsageError, match=f"{name} must be a whole number of at least 1, got 0"):
        cluster_of("SLURMCluster", Jobs(**ASKED | {name: 0}))


@pytest.mark.parametrize("package", ["distributed", "dask_jobqueue"])
def test_a_package_that_is_not_installed_is_named_with_the_line_that_installs_it(package, monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr("langevin.cluster.import_module", missing)
    opened = (
        cluster.on_slurm(Jobs(**ASKED))
        if package == "dask_jobqueue"
        else cluster.connected("tcp://127.0.0.1:1")
    )
    with pytest.raises(UsageError, match="which is not installed") as refused, opened:
        pass
    assert package.replace("_", "-") in str(refused.value)
    assert "pip install 'langevin-manifold[cluster]'" in refused.value.remedy
    assert refused.value.exit_code == 2
