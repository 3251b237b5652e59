"""Objects of installed distributions: found, listed, run, checked and recorded like langevin's own_landscape."""

import json
import sys

import pytest
from click.testing import CliRunner

import langevin
from langevin.cli import main
from langevin.registry import installed
from tests.distributions import distribution, helix

pytestmark = pytest.mark.filterwarnings("always")  # a warning is what is tested
RUN = "simulate --manifold helix --dynamics projected --walkers 9 --horizon 0.1 --threads 1 --seed 1 --quiet --force"
QUADRATIC = "simulate --potential quadratic --walkers 9 --horizon 0.1 --threads 1 --seed 1 --quiet --force"
#: Modules that tests make.
MADE = ("mine", "trap", "langevin_helix")


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder on the path of Python; none of its modules is imported before or after a test."""
    (tmp_path / "site").mkdir()
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    monkeypatch.syspath_prepend(tmp_path / "site")
    forget()
    yield tmp_path / "site"
    forget()


def forget():
    """Reset this process, as if it had imported no module of a distribution, and had warned of none."""
    installed._warn_once.cache_clear()
    installed._offers.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] in MADE]:
        del sys.modules[name]


def call(words, code=0):
    """The result of the command."""
    done = CliRunner().invoke(main, words.split(), env={"COLUMNS": "100"})
    assert done.exit_code == code, done.output
    return done


def test_the_list_marks_what_comes_of_a_distribution(site):
    helix(site)
    said = call("list manifolds").stdout
    assert "helix (langevin-helix 0.1): Curve (R cos s, R sin s, p s)" in said
    assert "\n  cube: " in said
    assert "helix (manifold of langevin-helix 0.1)" in call("list helix").stdout
    for kind, name in (
        ("theories", "helix-displacement"),
        ("questions", "equipartition"),
        ("models", "parabola"),
    ):
        (found,) = [
            entry for entry in json.loads(call(f"list {kind} --json").stdout)[kind] if entry["name"] == name
        ]
        assert found["distribution"] == "langevin-helix 0.1"
        assert found["summary"]


def test_a_landscape_runs_with_the_theory_beside_it_and_is_recorded_by_the_hash_of_its_module(site):
    helix(site)
    said = call(f"{RUN} --out run.h5").stdout
    assert "helix" in said
    run = langevin.load("run.h5")
    origin = run.meta["own_landscape"]
    assert (origin["option"], origin["factory"]) == ("--manifold", "langevin_helix.manifolds.helix:helix")
    said = call("compare run.h5").output
    assert "add --manifold langevin_helix.manifolds.helix:helix\n" in said
    assert "not one of langevin's own" not in call("compare run.h5 --manifold helix").output
    forget()
    file = site / "langevin_helix/manifolds/helix.py"
    file.write_text(file.read_text().replace("radius * np.cos", "1.0 * radius * np.cos"))
    assert "SHA-256 differs" in call("compare run.h5 --manifold helix", code=2).stderr


def test_a_module_in_the_folder_of_installed_packages_counts_in_the_hash(monkeypatch):
    """Files there are libraries, and those do not count, unless a distribution offers them."""
    from langevin.experiment import own_landscape
    from tests.plugins.manifolds.helix import helix as factory

    libraries = own_landscape.LIBRARIES

    def texts(packages):
        monkeypatch.setattr(
            own_landscape, "LIBRARIES", (*libraries, own_landscape.Path(factory.__code__.co_filename).parent)
        )
        monkeypatch.setattr(own_landscape, "plugin_packages", lambda: packages)
        return own_landscape._texts([factory().residual])

    assert texts(set()) == []
    assert len(texts({"tests"})) == 1


def test_a_landscape_is_checked(site):
    helix(site)
    assert "checks passed" in call("check --manifold helix").stdout


@pytest.mark.slow
def test_a_step_is_found(site):
    helix(site)
    words = (
        "simulate --potential quadratic --integrator averaged-gradient --walkers 9 --horizon 0.1 --seed 1 -q"
    )
    assert "averaged_gradient" in call(f"{words} --json --out step.h5").stdout


@pytest.mark.slow
def test_a_network_and_an_observable_are_found(site):
    helix(site)
    call("train parabola -p width=4 --steps 10 --seed 1 --observe small-weights --quiet")
    run = langevin.load("parabola.h5")
    assert run.meta["model"] == "parabola"
    assert "small_weights[1]" in run.observables


def test_names_of_langevins_own_are_not_taken(site):
    distribution(
        site, "Mine", "2.0", {"manifolds": {"cube": "mine:thing"}, "models": {"parity": "mine:thing"}}
    )
    done = call("list manifolds")
    assert done.stderr.count("\n") == 1
    assert (
        "the manifold cube of the distribution Mine 2.0 has the name of one of langevin's own" in done.stderr
    )
    assert "cube: " in done.stdout
    assert "the network parity of the distribution Mine 2.0" in call("list models").stderr


def test_a_name_that_two_distributions_give_is_left_out(site):
    for name in ("one", "two"):
        distribution(site, name, "1", {"manifolds": {"spiral": f"{name}:spiral"}})
    done = call("list manifolds")
    assert done.stderr.count("; both are left out") == 2
    assert "spiral" not in done.stdout
    assert "there is no manifold 'spiral'" in call("check --manifold spiral", code=2).stderr


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        ("theories", None, "ModuleNotFoundError: No module named 'mine'"),
        ("theories", "1 / 0", "ZeroDivisionError: division by zero"),
        ("theories", "import this_is_not_installed", "No module named 'this_is_not_installed'"),
        ("theories", "other = 1", "AttributeError"),
        ("theories", "thing = 1", "it is not a theory, but something of type int"),
        ("theories", "def thing(): pass", "it is not a theory, but something of type function"),
        ("questions", "thing = 1", "it is not a question, but something of type int"),
        ("dynamics", "thing = 1", "it is not a dynamics, but something of type int"),
        ("delays", "thing = 1", "it is not a delaytheory or a whethertheory, but something of type int"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_the_rest_works(kind, text, sentence, site):
    distribution(site, "mine", "3", {kind: {"broken": "mine:thing"}})
    if text is not None:
        (site / "mine.py").write_text(text)
    done = call(f"list {kind}")
    assert done.stderr.count("\n") == 1
    assert "broken of the distribution mine 3 cannot be used" in done.stderr
    assert sentence in done.stderr
    assert done.stdout.count("\n") > 5
    if kind != "delays":
        forget()
        assert "broken of the distribution mine 3" in call(QUADRATIC).stderr


@pytest.mark.parametrize("text", ["def thing(): return 1", "thing = 1", "raise ValueError('no')"])
def test_a_landscape_that_is_none_is_one_sentence(text, site):
    distribution(site, "mine", "3", {"manifolds": {"broken": "mine:thing"}})
    (site / "mine.py").write_text(text)
    for words, code in (("check --manifold broken", 2), ("list manifolds", 0)):
        done = call(words, code=code)
        assert done.stderr.count("\n") == 1
        assert "the manifold broken of the distribution mine 3 cannot be used" in done.stderr


def test_a_network_that_is_none_is_one_sentence(site):
    distribution(site, "mine", "3", {"models": {"broken": "mine:thing"}})
    (site / "mine.py").write_text("thing = 1")
    for words, code in (("train broken", 2), ("list models", 0)):
        done = call(words, code=code)
        assert done.stderr.count("\n") == 1
        assert "the network broken of the distribution mine 3 cannot be used" in done.stderr


def test_no_file_decides_that_a_distribution_is_imported(site):
    """A file without a hash that names an object of a distribution causes no import."""
    call(f"{QUADRATIC} --out run.h5")
    forget()
    run = langevin.load("run.h5")
    trap = "import pathlib; pathlib.Path('imported').touch()\nfrom langevin.potentials import quadratic as thing\n"
    (site / "trap.py").write_text(trap)
    distribution(site, "trap", "1", {kind: {"trap": "trap:thing"} for kind in ("manifolds", "potentials")})
    run.meta.update(landscape="trap")
    langevin.save("evil.h5", run)
    assert "none of langevin's own" in call("compare evil.h5").output
    assert not (site.parent / "empty/imported").exists()
    call("check --potential trap")
    assert (site.parent / "empty/imported").exists()
