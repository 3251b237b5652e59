"""Points of a plan, their seeds, and the file of the plan."""

import tomllib

import pytest

from langevin.errors import InputFileError, UsageError
from langevin.sweep.plan import Axis, Plan, points_of, seed_of
from langevin.sweep.plan_file import TEMPLATE, plan_from, plan_text, read_plan


def test_a_grid_has_every_combination_and_the_last_axis_varies_fastest():
    plan = Plan("simulate", {"manifold": "cube"}, (Axis("dim", ("2", "3")), Axis("p.eps", ("0.1", "0.2"))))
    points = points_of(plan)
    assert [tuple(point.place.values()) for point in points] == [
        ("2", "0.1"),
        ("2", "0.2"),
        ("3", "0.1"),
        ("3", "0.2"),
    ]
    assert points[0].settings == {"manifold": "cube", "dim": "2", "p.eps": "0.1"}


def test_zipped_lists_go_together_within_a_grid_and_points_stand_beside():
    plan = Plan(
        "simulate",
        {},
        (Axis("a", ("1", "2")),),
        (Axis("b", ("x", "y")), Axis("c", ("u", "v"))),
        ({"a": "9"}, {"a": "9"}),
    )
    places = [dict(point.place) for point in points_of(plan)]
    assert places == [
        {"a": "1", "b": "x", "c": "u"}, {"a": "1", "b": "y", "c": "v"}, {"a": "2", "b": "x", "c": "u"},
        {"a": "2", "b": "y", "c": "v"}, {"a": "9"},
    ]  # fmt: skip


def test_one_number_in_two_spellings_is_one_point():
    plan = Plan(
        "simulate", {}, (Axis("t", ("1", "1.0", "1e0", "+1", "01", "0.5", "5e-1", "1e16", "1" + "0" * 16)),)
    )
    assert [point.place["t"] for point in points_of(plan)] == ["1", "0.5", "1" + "0" * 16]


@pytest.mark.parametrize(
    "text", [str(2**64 - 1), str(2**53 + 1), "1e+300", "NaN", "infinity", "1" * 5000, "a:b"]
)
def test_a_text_that_is_exact_or_no_number_stays(text):
    assert points_of(Plan("simulate", {"t": text}))[0].settings == {"t": text}


def test_names_of_files_keep_their_spelling():
    plan = Plan("simulate", {"plugins": "1.0"}, (Axis("start", ("2.50", "x.h5")),))
    assert [dict(point.settings) for point in points_of(plan)] == [
        {"plugins": "1.0", "start": "2.50"},
        {"plugins": "1.0", "start": "x.h5"},
    ]


def test_a_point_that_repeats_what_is_fixed_is_the_one_without():
    plan = Plan(
        "simulate", {"walkers": "20"}, (), (), ({"t": "1", "walkers": "2e1"}, {"t": "1"}, {"walkers": "20"})
    )
    assert [dict(point.place) for point in points_of(plan)] == [{"t": "1"}, {}]


@pytest.mark.parametrize(
    "plan",
    [
        Plan("simulate", {}, (), (Axis("b", ("x", "y")), Axis("c", ("u",)))),
        Plan("simulate", {"a": "1"}, (Axis("a", ("1", "2")),)),
        Plan("simulate", {}, (Axis("a", ()),)),
        Plan("simulate", {}, tuple(Axis(name, tuple(map(str, range(1000)))) for name in "abc")),
    ],
)
def test_plans_that_cannot_be(plan):
    with pytest.raises(UsageError):
        points_of(plan)


def test_seeds_of_points_depend_on_all_that_they_are_asked_for_and_on_nothing_else():
    settings = {"temperature": "0.1", "p.eps": "2", "seed": "1"}
    seed = seed_of("rate", settings)
    assert seed == seed_of("rate", {"plugins": "mine", **dict(reversed(settings.items()))})
    others = [{**settings, "seed": "2"}, {**settings, "p.eps": "3"}, {**settings, "walkers": "9"}]
    assert len({seed, seed_of("simulate", settings), *(seed_of("rate", other) for other in others)}) == 5
    assert 0 <= seed < 2**63


def test_a_plan_comes_back_from_its_file(tmp_path):
    plan = Plan(
        "train", {"model": "models.parity", "p.width": "20", "law": "optax.adam", "unstable": "true"},
        (Axis("learning-rate", ("0.1", "1e-3")),), (Axis("p.seed", ("1", "2")), Axis("set.a", ("x \"y\"", "z"))),
        ({"steps": "7"},),
    )  # fmt: skip
    file = tmp_path / "plan.toml"
    file.write_text(plan_text(plan, "folder"))
    assert read_plan(file) == (plan, "folder")


def test_the_template_is_a_plan():
    plan = plan_from(tomllib.loads(TEMPLATE))
    assert len(points_of(plan)) == 6
    assert plan.grid[0].values == ("0.2", "0.282842712475", "0.4")


@pytest.mark.parametrize(
    "text",
    ["command = 3", "command = 'plot'", "[fixed]\nx = 1979-05-27", "points = 3", "grid = 3", "odd = 1", "out = 3",
     "[grid]\nx = [[[1]]]", "[grid]\nx = [{a = 1}]", "command = ['simulate']", "command = {a = 1}",
     "fixed.p.a.b = 1", "[fixed]\ncheck-dt = true\ncheck_dt = false", "[fixed]\n'p.a' = 1\np.a = 2",
     f"[fixed]\nx = 0x{'f' * 6000}", f"fixed.{'.'.join(['a'] * 2000)} = 1"],
)  # fmt: skip
def test_entries_that_no_plan_has(tmp_path, text):
    file = tmp_path / "plan.toml"
    file.write_text(text)
    with pytest.raises(UsageError):
        read_plan(file)


@pytest.mark.parametrize(
    "content", [b"x = ", b"\xff\xfe", b"[" * 5000, b"#" * 5_000_000, b"x = " + b"1" * 5000]
)
def test_files_that_are_no_plan(tmp_path, content):
    file = tmp_path / "plan.toml"
    file.write_bytes(content)
    with pytest.raises(InputFileError):
        read_plan(file)
    with pytest.raises(InputFileError):
        read_plan(tmp_path)
