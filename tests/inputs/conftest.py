"""A folder with files of all kinds, and runs that end after their checks."""

import numpy as np
import pytest

import langevin.cli.points
import langevin.cli.sweeping
import langevin.ensemble.simulation
import langevin.ensemble.splitting
import langevin.experiment.conformance
import langevin.experiment.sims
import langevin.experiment.step_check
import langevin.sgld.model_checks  # brings JAX, whose import takes long
import langevin.sgld.training
from tests.inputs.commands import make_files
from tests.inputs.guard import Taken, taken


@pytest.fixture(scope="module", autouse=True)
def doors_only(tmp_path_factory):
    """A run that passes its checks raises `Taken`, and makes no step."""
    folder = tmp_path_factory.mktemp("inputs")
    make_files(folder)
    check = langevin.sgld.training.check

    def checked(model, plan):
        check(model, plan)
        raise Taken

    with pytest.MonkeyPatch.context() as patch, np.errstate(all="ignore"):
        patch.chdir(folder)
        patch.setattr(langevin.ensemble.simulation, "advance", taken)
        patch.setattr(langevin.ensemble.splitting, "roamers_at_start", taken)
        patch.setattr(langevin.experiment.conformance, "conformance", taken)
        patch.setattr(langevin.experiment.step_check, "check_integrator", taken)
        patch.setattr(langevin.experiment.sims, "run_sim", taken)
        patch.setattr(langevin.sgld.training, "check", checked)
        patch.setattr(langevin.cli.sweeping, "_keep", taken)
        patch.setattr(langevin.cli.points, "pilot", taken)
        yield
