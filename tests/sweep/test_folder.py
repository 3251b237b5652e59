"""Folders of points, and records of failures."""

import os

import pytest

from langevin.sweep.folder import MOST_MESSAGE, NO_MESSAGE, Place, changed_since, failure_of, keep_failure


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path, "temperature=0.5-0123abcd", "89efcdab")


def test_points_of_other_content_are_found_and_no_others(place):
    names = (place.file.name, f"{place.stem}-00000000.h5", "temperature=0.5-0123abce-00000000.h5", "notes.h5")
    for name in names:
        (place.folder / name).touch()
    assert changed_since([place]) == [place.folder / names[1]]


@pytest.mark.parametrize("letter", ["a", "\u03b8", "\U0001f600"])
def test_a_long_sentence_of_any_letters_comes_back(place, letter):
    keep_failure(place, letter * (MOST_MESSAGE + 1), 3)
    assert failure_of(place) == letter * MOST_MESSAGE


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"[1]", b'{"code": 3}', b"[" * 100_000, b'{"message": "' + b"a" * 10**6 + b'"}', b"3"],
)
def test_a_failure_that_says_nothing_is_told_so(place, content):
    place.failure.write_bytes(content)
    assert failure_of(place) == NO_MESSAGE


def test_a_failure_that_is_no_file_is_not_waited_for(place):
    os.mkfifo(place.failure)
    assert failure_of(place) == NO_MESSAGE


def test_control_characters_of_a_failure_are_not_shown(place):
    place.failure.write_text('{"message": "a\\u001b[31m\\n"}')
    assert failure_of(place) == "a?[31m?"
