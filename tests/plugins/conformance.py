"""The objects of this distribution keep the contracts of langevin: `pytest conformance.py`."""

from langevin_helix.integrators.averaged_gradient import averaged_gradient
from langevin_helix.manifolds.helix import helix
from langevin_helix.models.parabola import model
from langevin_helix.theories.helix_displacement import helix_displacement

from langevin.testing import check_integrator, check_landscape, check_model, check_theory


def test_landscape():
    check_landscape(helix(pitch=3.0))


def test_step():
    check_integrator(averaged_gradient(reach=1e-2))


def test_theory():
    check_theory(helix_displacement, helix())


def test_network():
    check_model(model(width=4))
