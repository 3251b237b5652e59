"""Errors of gains and of constants contain the choice of the calibration cells."""

from dataclasses import replace

import numpy as np
import pytest

from docs import delays_page
from langevin.delays.constant_ratio import constant_ratio
from langevin.delays.log_linear import log_linear
from langevin.delays.norm_rate import norm_rate
from langevin.delays.norm_threshold import norm_threshold
from langevin.delays.slow_clock import slow_clock
from langevin.scorecard.cells import decisive, jackknife_error, left_out
from langevin.scorecard.evaluate import Entry, evaluate
from langevin.scorecard.fit import fit
from langevin.scorecard.forecast import forecast, forecasts, log_probability
from langevin.scorecard.table import read_runs, runs_of, select
from langevin.types import Constant
from tests.trainings import made_up

#: Scatter between cells and between the networks of one, in decades.
BETWEEN, WITHIN = 0.15, 0.03


def trainings(seed, cells):
    """Synthetic trainings whose delay scatters from cell to cell, as in real ones."""
    cell, random = {}, np.random.default_rng(seed + 1000)
    rows = []
    for row in made_up(cells=cells, seed=seed, scatter=WITHIN):
        moved = cell.setdefault(row["cell"], 10 ** (BETWEEN * random.normal()))
        by = 50 + moved * (row["generalised_by"] - 50)
        rows.append(row | {"generalised_after": by / 1.05, "generalised_by": by})
    return runs_of(rows)


def test_the_error_of_a_mean_by_leaving_out_cells_is_that_of_its_cells():
    """For a mean of cells of equal size the jackknife is exactly the standard error of the means of the cells."""
    values = np.random.default_rng(0).normal(size=20)
    cell = np.repeat([f"cell-{i:02d}" for i in range(20)], 3)
    weights = left_out(cell)
    assert weights.shape == (20, 60)
    means = weights @ np.repeat(values, 3) / weights.sum(axis=1)
    assert jackknife_error(means) == pytest.approx(values.std(ddof=1) / 20**0.5, rel=1e-9)


def test_many_cells_are_left_out_in_groups():
    weights = left_out(np.array([f"cell-{i:03d}" for i in range(95)]))
    assert weights.shape == (30, 95)
    assert (weights.sum(axis=0) == 29).all()


@pytest.mark.parametrize("theory", [slow_clock, norm_threshold])
def test_constants_without_a_cell_are_those_of_a_whole_fit(theory):
    """Within half of their scatter for one cell that changes them much: the forecast is linear to first order only."""
    runs = trainings(3, 16)
    found = fit(theory, runs)
    whole = [fit(theory, select(runs, runs.cell != name)) for name in np.unique(runs.cell)]
    constants = np.array([[*one.constants, one.spread] for one in whole])
    assert (np.abs(found.refits - constants).max(axis=0) < 0.5 * constants.std(axis=0)).all()
    assert np.corrcoef(found.refits[:, 0], constants[:, 0])[0, 1] > 0.98


@pytest.fixture(scope="module")
def parity():
    """The calibration runs of parity in the kept table: some laws have a wide and a narrow best forecast there."""
    runs = read_runs(delays_page.TABLE)
    return select(runs, ~runs.held_out & runs.timed & (runs.seen.task == "parity"))


def likelihood(theory, runs, constants, spread):
    said = forecast(theory, runs.seen, np.array(constants), spread)
    return float(log_probability(said, runs.low, runs.high).sum())


@pytest.mark.parametrize("theory", [slow_clock, constant_ratio])
def test_a_refit_finds_the_better_of_two_maxima(theory, parity):
    """Without one of three cells the slow clock has a spread of 0.2 decades, and with all of them 0.65."""
    found = fit(theory, parity)
    names = np.unique(parity.cell)
    for name, (*constants, spread) in zip(names, found.refits.tolist()):
        rest = select(parity, parity.cell != name)
        best = max(
            likelihood(theory, rest, [constant], width)
            for constant in np.linspace(-0.7, 0.8, 76)
            for width in 0.02 * 1.3 ** np.arange(18)
        )
        assert likelihood(theory, rest, constants, spread) > best - 0.05, name


def test_errors_are_those_of_whole_fits_where_there_are_two_maxima(parity):
    """From the narrow forecast of all runs, some refits must find a wide one."""
    names = np.unique(parity.cell)
    whole = [fit(log_linear, select(parity, parity.cell != name)) for name in names]
    errors = jackknife_error(np.array([one.constants for one in whole]))
    assert fit(log_linear, parity).errors == pytest.approx(errors, rel=0.15)


def test_a_fit_finds_the_better_of_two_maxima(parity):
    """The search alone ends at a spread of 0.20 decades, where the runs are less probable."""
    found = fit(log_linear, parity)
    narrow = [2.3925, 1.4939, -2.935, 3.5988, 0.5438, -2.6674]
    best = likelihood(log_linear, parity, narrow, 0.1305)
    assert likelihood(log_linear, parity, found.constants, found.spread) > best - 0.01


@pytest.mark.parametrize("theory", [slow_clock, norm_threshold])
def test_the_error_is_the_scatter_over_other_calibration_cells(theory):
    """Twenty-five independent sets of sixteen cells: their scatter has an error of a seventh, like the jackknife's.

    Broken on purpose: if networks of a cell are left out one by one, they count as independent, and the error
    is too small by the square root of three.
    """
    held_out = trainings(1, 40)
    constants, errors, broken, scores, of_scores = [], [], [], [], []
    for seed in range(25):
        runs = trainings(100 + seed, 16)
        found = fit(theory, runs)
        alone = replace(runs, cell=np.array([f"{name}-{i}" for i, name in enumerate(runs.cell)]))
        constants.append(found.constants[0])
        errors.append(found.errors[0])
        broken.append(fit(theory, alone).errors[0])
        values = means(theory, held_out, np.vstack([[*found.constants, found.spread], found.refits]))
        scores.append(values[0])
        of_scores.append(jackknife_error(values[1:]))
    scatter = np.std(constants, ddof=1)
    assert root_mean_square(errors) == pytest.approx(scatter, rel=0.4)  # two errors of the ratio
    assert root_mean_square(broken) < 0.7 * scatter
    # A score changes little near its best constants, and the jackknife is then too large, which is on the safe side.
    assert 0.7 < root_mean_square(of_scores) / np.std(scores, ddof=1) < 3


def root_mean_square(values):
    return np.mean(np.square(values)) ** 0.5


def means(theory, runs, points):
    return log_probability(forecasts(theory, runs.seen, points), runs.low, runs.high).mean(axis=1)


def test_a_gain_over_itself_has_no_error_and_another_one_that_of_both_parts():
    runs = trainings(5, 60)
    scores = evaluate(runs, {"threshold": norm_threshold, "clock": slow_clock}, "made-up")
    same, other = scores.entries["clock"], scores.entries["threshold"]
    assert isinstance(same, Entry)
    assert isinstance(other, Entry)
    assert scores.baseline == "clock"
    assert (same.against.value, same.against.error) == (0, 0)
    held_out = select(runs, runs.held_out & runs.timed)
    both = [
        means(one, held_out, entry.fitted.refits)
        for one, entry in ((norm_threshold, other), (slow_clock, same))
    ]
    assert other.against.error > float(jackknife_error(both[0] - both[1])) > 0


@pytest.mark.parametrize(("scatter", "excluded"), [(0.02, True), (1.0, False)])
def test_a_law_is_excluded_only_if_its_constant_is_outside_by_more_than_its_error(scatter, excluded):
    """The delay falls with the norm a little, a = -0.3; with a scatter of a decade the fit cannot know."""
    law = lambda row: (3 - 0.3 * np.log(row["norm"])) / (row["learning_rate"] * row["weight_decay"])  # noqa: E731
    runs = runs_of(made_up(law=law, scatter=scatter, seed=3))
    anything = replace(norm_rate, constants=(Constant("a", 1.0), Constant("b", 1.5)))
    free = fit(anything, select(runs, ~runs.held_out))
    assert free.constants[0] < 0
    assert (-free.constants[0] > decisive(len(free.refits)) * free.errors[0]) is np.bool_(excluded)
    entry = evaluate(runs, {"norm-rate": norm_rate, "clock": slow_clock}, "made-up").entries["norm-rate"]
    assert isinstance(entry, Entry)
    assert (entry.word == "excluded") is excluded
    assert ("+-" in entry.fitted.excluded) is excluded
    assert entry.fitted.constants[0] >= 0
