"""The page of the scores shows what the kept table gives."""

import numpy as np

from docs import delays_page


def test_the_scores_on_the_page_are_those_of_the_kept_table():
    """Words and verdicts to the letter; numbers to 2 %, as another version of an optimiser may end aside."""
    page = delays_page.words_and_numbers(delays_page.shown(delays_page.PAGE.read_text()))
    now = delays_page.words_and_numbers(delays_page.text(delays_page.kept()))
    assert page[0] == now[0]
    assert len(page[1]) == len(now[1])
    assert np.allclose(page[1], now[1], rtol=0.02, atol=0.02)


def test_another_number_is_seen():
    text = "parity  12  constant-ratio  1.27 +- 0.25"
    words, numbers = delays_page.words_and_numbers(text)
    assert words == ["parity", "constant", "ratio", "+"]
    assert numbers == [12, 1.27, 0.25]
