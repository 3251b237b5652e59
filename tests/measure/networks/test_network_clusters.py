"""Silhouettes and neighbours: against scikit-learn's, and what they are where it is known."""

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.measure.networks.clusters import neighbour_share, silhouette


def test_both_are_what_scikit_learn_finds():
    metrics = pytest.importorskip("sklearn.metrics")
    from sklearn.neighbors import NearestNeighbors

    generator = np.random.default_rng(0)
    groups = generator.integers(0, 4, 60)
    groups[0] = 9  # alone
    features = generator.normal(size=(60, 7)) + groups[:, None]
    assert silhouette(features, groups) == pytest.approx(metrics.silhouette_score(features, groups), abs=1e-9)
    nearest = NearestNeighbors(n_neighbors=5).fit(features).kneighbors(return_distance=False)
    assert neighbour_share(features, groups, 5) == np.mean(groups[nearest] == groups[:, None])


@pytest.mark.parametrize(("distance", "apart", "share"), [(0.0, 0.0, 0.5), (100.0, 1.0, 1.0)])
def test_groups_far_apart_and_groups_mixed(distance, apart, share):
    """A spread of 1 takes 2 % at a distance of 100; the shares of chance vary by 1/sqrt(400 x 10 / 2), or 2 %."""
    generator = np.random.default_rng(1)
    groups = np.repeat([0, 1], 200)
    features = generator.normal(size=(400, 2)) + distance * groups[:, None]
    assert silhouette(features, groups) == pytest.approx(apart, abs=0.05)
    assert neighbour_share(features, groups) == pytest.approx(share, abs=0.06)


def test_points_that_coincide_have_no_silhouette():
    assert silhouette(np.ones((4, 2)), [0, 0, 1, 1]) == 0


@pytest.mark.parametrize("groups", [[0, 1], [0, 0, 0]])
def test_impossible_groups_are_refused(groups):
    with pytest.raises(UsageError, match="groups"):
        silhouette(np.eye(3), groups)
    with pytest.raises(UsageError, match="neighbours is 3"):
        neighbour_share(np.eye(3), [0, 1, 1], 3)
