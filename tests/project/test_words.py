"""Numbers in sentences agree with what they count."""

from langevin.measure.waiting_times import too_few
from langevin.words import counted


def test_one_is_singular_and_all_others_are_plural():
    assert [counted(number, "walker") for number in (0, 1, 2)] == ["0 walkers", "1 walker", "2 walkers"]
    said = ("walker is left out", "walkers are left out")
    assert [counted(number, *said) for number in (1, 5)] == ["1 walker is left out", "5 walkers are left out"]
    assert too_few(1, "arrival") == "only 1 arrival, 20 are needed"
