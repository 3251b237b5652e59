"""Words with several meanings, or that readers did not understand, are not used; docs/glossary.md has the terms."""

import re

import pytest

from tests.project.documents import ROOT

#: Patterns that no text may contain, and the words to use instead.
INSTEAD = {
    r"\b(nobody|anybody)\b": "no walker, no network, none",
    r"\bwhoever\b": "the user, the caller",
    r"\bfor ever\b": "without end",
    r"\bso they do\b": "the condition itself",
    r"\bof one's own\b|\bof its maker's own\b": "user-defined",
    r"\bthe ways? back\b": "the reversed step, the retraction",
    r"\b(lay|lays|laid|stands?) (\w+ )?beside\b": "is compared with",
    r"walkers remember\b": "the states are correlated with",
    r"go through memory": "stays in registers",
    r"\bthe part of the table\b": "the fraction of the training set",
    r"\blooks? for garbage\b": "garbage collection",
    r'\b(is|are) none"': "a full sentence that says what it is not",
    r"\bwho is kept\b": "which walkers stay",
    r"\bis handed on\b|\bhanded to\b": "is passed to",
    r"\b(is|are) let pass\b": "tolerance",
    r"\b(of|for|by|up to) so many walkers\b": "this number of walkers",
    r"\b(stay|stays) or (fall|falls)\b|\bsteps that stay\b": "constant steps",
    r"\bhas no end\b": "is infinite, is unbounded",
    r"\bbelow the line\b": "in the denominator",
    r"\bforgotten (their|its|the) start\b": "no longer depends on the start",
    r"\bfirst to catch\b": "is reached first",
    r"\bhangs? on\b": "depends on",
    r"\bsays? what holds\b": "judges the claims",
    r"\b(is|are|was|were|be) asked for\b": "is required, is requested",
    r"\bin the place of\b": "instead of",
    r"\bin the long run\b": "after a long time, stationary",
    r"\blook(s|ed|ing)? at\b": "examine, check, measure, read",
    r"\bgo(es)? on\b": "continue",
    r"\bcomes? out\b": "is, leaves",
    r"\btells\b": "shows, states, determines",
    r"\bby the word of\b": "according to",
    r"\bbeside (the|a|an|it|them|that|those|its|their|ours)\b": "next to, compared with, in addition to",
    r"\b(of|for|after|by|every|up to) so many\b": "this number of, n",
    r"\breader's own\b|\bones?'s own\b": "user-defined",
    r"\banyone's\b": "may have any content",
    r"\bcompanions?\b": "control",
    r"\b(is|are|was|were) (caught|found out)\b": "is detected, is excluded",
    r"\btold apart\b": "is distinguished, differs",
    r"\bdoes not see\b": "does not use, does not check",
    r"\bwithout a word\b": "without a message",
    r"\b(whatever|however many) (the|its|their|becomes|there)\b": "for all, for any",
    r"\bafresh\b": "again, new",
    r"\bas ever\b": "as usual, unchanged",
    r"\bto the (bits|letter)\b": "with the same bits, exactly",
    r"\bon the average\b": "on average",
    r"\bknown no better\b": "the accuracy as a number",
    r"\b(the|this|that|a|which) (file|message|page|sentence|table) says\b": "contains, states",
    r"\bspeaks? (of|for)\b": "has a forecast for, applies to",
    r"\b(no|has a) say\b": "no forecast",
    r"\b(surface|loss|landscape|theory|law|walker)s? knows?\b": "is known on, is known for",
    r"\b(none|empty|nan|infinite|-1) where (it|they|there|none|no)\b": "if",
    r"\bforgets? (its|their|the) start\b": "relaxes",
    r"\btaken on trust\b": "cannot be checked",
    r"\bwhat (they|it|all of them|a file|the file) says?\b": "its content, its entries",
    r"\b(as|was) (just )?said (above|below)\b": "as explained above",
    r"\b_(told|said|asked|speaks|spoken)\b": "the name of what the function returns",
    r"\bcarr(y|ies) (the|some|many|its) (walkers?|networks?|walks?)\b": "advances",
}
FOLDERS = {
    **dict.fromkeys(("langevin", "models", "sims", "benchmarks", "tests"), "*.py"),
    "docs": "*.md",
}
PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md")


def texts():
    files = [path for folder, kind in FOLDERS.items() for path in sorted((ROOT / folder).rglob(kind))]
    return {
        path.relative_to(ROOT): path.read_text()
        for path in (*files, *(ROOT / page for page in PAGES))
        if path.name != "test_words.py"
        and not any(part.startswith((".", "_build")) for part in path.relative_to(ROOT).parts)
    }


def found(pattern, pages):
    """Places of a pattern, also across the end of a line."""
    return [
        f"{name}: {' '.join(match.group(0).split())}"
        for name, text in pages.items()
        for match in re.finditer(pattern.replace(" ", r"\s+(?:#:? )?"), text, re.IGNORECASE)
    ]


@pytest.mark.parametrize("pattern", INSTEAD)
def test_a_word_that_puzzled_does_not_come_back(pattern):
    assert not found(pattern, texts()), INSTEAD[pattern]


def test_words_are_found_across_lines():
    assert found(r"\bthe way back\b", {"page": "the way\n    # back"}) == ["page: the way # back"]
