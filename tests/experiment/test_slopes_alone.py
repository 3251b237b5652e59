"""A constant force confines no walker: alone it has no question; with a confining loss or a set it has one."""

import pytest

from docs.site.landscapes import asked
from langevin import potentials
from langevin.errors import UsageError
from langevin.experiment import Settings, run
from langevin.experiment.tried_cases import example_of


@pytest.mark.parametrize("temperature", [None, 0.0])
def test_a_slope_alone_is_refused_with_a_way_out(temperature):
    with pytest.raises(UsageError, match="--manifold sphere --field linear"):
        run(potentials.linear, {}, Settings(seed=1, temperature=temperature))


def test_the_page_of_a_slope_offers_no_question():
    assert asked("linear") == []
    assert ["`soft`", "stationary law"] in [row[:2] for row in asked("quadratic")]
    assert "--field linear" in example_of("potentials", "linear")


def test_a_slope_with_weight_decay_has_a_stationary_law():
    assert not potentials.with_weight_decay(potentials.linear(), 1.0).is_slope
