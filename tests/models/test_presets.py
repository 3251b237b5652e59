"""Every preset gives the figure that it names: the nightly run."""

import importlib
import pkgutil

import pytest

import models
from langevin.sgld import execute, judge

NAMES = [module.name for module in pkgutil.iter_modules(models.__path__)]
PRESETS = [(name, preset) for name in NAMES for preset in importlib.import_module(f"models.{name}").PRESETS]


@pytest.mark.parametrize(("name", "chosen"), PRESETS)
def test_a_preset_names_its_figure_and_takes_five_seeds(name, chosen):
    module = importlib.import_module(f"models.{name}")
    preset = module.PRESETS[chosen]
    assert preset.figure
    assert preset.bands
    assert preset.plan.chains >= 5
    assert {"quick", "full"} <= set(module.PRESETS)


@pytest.mark.slow
@pytest.mark.statistical
@pytest.mark.filterwarnings("ignore:the gradient of one step")  # controls start where there is none
@pytest.mark.parametrize(("name", "chosen"), [pair for pair in PRESETS if not pair[1].endswith("full")])
def test_a_preset_gives_its_figure(name, chosen):
    module = importlib.import_module(f"models.{name}")
    preset = module.PRESETS[chosen]
    trajectory = execute(module.model(**preset.dials), preset.plan)
    judged = judge(preset, trajectory)
    assert {name: found for name, found in judged.items() if not found.inside} == {}
