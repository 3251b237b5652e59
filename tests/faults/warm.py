"""Prepare this process: import the modules that the commands need, so that a fork of it begins at once."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

MODULES = (
    *(
        "langevin.cli.simulate",
        "langevin.cli.rate",
        "langevin.cli.run",
        "langevin.cli.run_and_show",
        "langevin.arguments.own_failure",
    ),
    *(
        "langevin.cli.rates",
        "langevin.experiment.rare_escape",
        "langevin.experiment.rate_walk",
        "langevin.ensemble.splitting",
        "langevin.store",
        "langevin.figures.canvas",
    ),
    *("matplotlib.figure", "matplotlib.backends.backend_agg", "tests.faults.tiny_sim"),
)
#: JAX is imported, but computes nothing, because its threads would not exist in a fork.
NETWORKS = (
    *(
        "langevin.cli.train",
        "langevin.cli.train_and_show",
        "langevin.cli.training_text",
        "langevin.cli.unfinished",
    ),
    *(
        "langevin.sgld.content",
        "langevin.sgld.model_checks",
        "langevin.sgld.course",
        "langevin.sgld.progress",
    ),
    *("langevin.sgld.record", "langevin.sgld.snapshot", "langevin.figures.training", "models.parity"),
)


def warm(folder: Path, networks: bool = True) -> None:
    """Import, and let commands record after every chunk; what JAX compiles is kept in the folder."""
    root = str(Path(__file__).parents[2])
    if root not in sys.path:
        sys.path.insert(0, root)
    for name in (*MODULES, *(NETWORKS if networks else ())):
        importlib.import_module(name)
    import langevin.ensemble.advance
    import langevin.experiment.rate_walk
    import langevin.store.journal

    langevin.store.journal.SECONDS = 0.0
    langevin.experiment.rate_walk.CHECKPOINT_SECONDS = 0.05
    langevin.ensemble.advance.CHUNK_SECONDS = 0.01
    if networks:
        import jax

        import langevin.sgld.course

        langevin.sgld.course.CHECKPOINT_SECONDS = 0.0
        langevin.sgld.course.CALL_SECONDS = 0.02
        jax.config.update("jax_compilation_cache_dir", str(folder))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
