"""Every preset reproduces the figure that it names, in the nightly run."""

import importlib
import pkgutil
from dataclasses import replace

import pytest

import models
from langevin.sgld import execute, judge

NAMES = [module.name for module in pkgutil.iter_modules(models.__path__)]
PRESETS = [(name, preset) for name in NAMES for preset in importlib.import_module(f"models.{name}").PRESETS]
NIGHTLY = [pair for pair in PRESETS if not pair[1].endswith("full")]


def preset_of(name, chosen):
    return importlib.import_module(f"models.{name}").PRESETS[chosen]


def noise_of(preset):
    """theta of thermal noise or sigma of label noise, 0 without either."""
    return max(preset.plan.law.temperature, preset.plan.law.label_noise)


@pytest.mark.parametrize(("name", "chosen"), PRESETS)
def test_a_preset_names_its_figure_and_takes_five_seeds(name, chosen):
    module = importlib.import_module(f"models.{name}")
    preset = module.PRESETS[chosen]
    assert preset.figure
    assert preset.bands
    assert preset.plan.chains >= 5
    assert {"quick", "full"} <= set(module.PRESETS)


def run_of(name, chosen, seed, noise=1.0):
    """A run of a preset, with the squares of its noises times `noise`."""
    preset = preset_of(name, chosen)
    law = preset.plan.law
    law = replace(law, temperature=noise * law.temperature, label_noise=noise**0.5 * law.label_noise)
    model = importlib.import_module(f"models.{name}").model(**preset.dials)
    return preset, execute(model, replace(preset.plan, law=law, seed=seed))


def outside(name, chosen, seed, noise=1.0):
    judged = judge(*run_of(name, chosen, seed, noise))
    return {quantity: found for quantity, found in judged.items() if not found.inside}


@pytest.mark.parametrize(("name", "chosen"), PRESETS)
def test_a_preset_with_noise_has_a_narrow_band_of_what_is_linear_in_it(name, chosen):
    preset = preset_of(name, chosen)
    linear = [band for quantity, band in preset.bands.items() if quantity.startswith("late train_loss")]
    assert bool(linear) == (noise_of(preset) > 0)
    # Half and twice a median in the middle are then outside by a factor sqrt(2), which is also the tolerance inside.
    assert all(highest <= 2 * lowest for lowest, highest in linear)


@pytest.mark.slow
@pytest.mark.statistical
@pytest.mark.filterwarnings("ignore:the gradient of one step")  # controls start where there is none
@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("name", "chosen"), NIGHTLY)
def test_a_preset_gives_its_figure(name, chosen, seed):
    assert not outside(name, chosen, seed)


@pytest.mark.slow
@pytest.mark.statistical
@pytest.mark.parametrize("noise", [0.5, 2.0])
@pytest.mark.parametrize(("name", "chosen"), [pair for pair in NIGHTLY if noise_of(preset_of(*pair)) > 0])
def test_a_factor_two_in_the_square_of_the_noise_is_caught(name, chosen, noise):
    assert any(quantity.startswith("late train_loss") for quantity in outside(name, chosen, 1, noise))
