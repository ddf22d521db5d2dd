"""Label search, on labels short enough to rank by hand."""

import pytest

from metier.domain import Occupation, Skill
from metier.taxonomy.facts import Facts
from metier.taxonomy.search import search
from metier.taxonomy.taxonomy import Taxonomy


@pytest.fixture
def taxonomy():
    return Taxonomy(
        Facts(
            name="Tiny",
            version="1",
            languages=("en",),
            skills=(
                Skill("0", "JavaScript", ("JS",)),
                Skill("1", "Java (computer programming)", ("Java",)),
                Skill("2", "teach Java in schools", ()),
                Skill("3", "Java basics", ()),
                Skill("4", "C++", ("cpp",)),
                Skill("5", "crème brûlée 🍮", ()),
            ),
            occupations=(Occupation("6", "Java developer", ("Java",)),),
        )
    )


def labels(found):
    return [(one.concept.uri, one.label) for one in found]


def test_equal_then_beginning_then_shared_words(taxonomy):
    # equal: 1 and 6 by an alternative, in taxonomy order; beginning: whole word (3), then part of one (0); shared: 2
    assert labels(search(taxonomy, "java")) == [
        ("1", "Java"),
        ("6", "Java"),
        ("3", "Java basics"),
        ("0", "JavaScript"),
        ("2", "teach Java in schools"),
    ]


def test_more_shared_words_come_first(taxonomy):
    assert labels(search(taxonomy, "programming java")) == [
        ("1", "Java (computer programming)"),  # 2 words
        ("3", "Java basics"),  # 1 word, 11 letters
        ("6", "Java developer"),  # 1 word, 14 letters
        ("2", "teach Java in schools"),  # 1 word, 21 letters
    ]


def test_limit_and_kind_narrow_the_list(taxonomy):
    assert labels(search(taxonomy, "java", limit=1)) == [("1", "Java")]
    assert labels(search(taxonomy, "java", kind="occupation")) == [("6", "Java")]
    assert "6" not in [uri for uri, _ in labels(search(taxonomy, "java", kind="skill"))]


def test_signs_accents_and_emoji_are_found(taxonomy):
    assert labels(search(taxonomy, "c++")) == [("4", "C++")]
    assert labels(search(taxonomy, " CRÈME  brûlée")) == [("5", "crème brûlée 🍮")]
    assert labels(search(taxonomy, "🍮 brûlée")) == [("5", "crème brûlée 🍮")]


@pytest.mark.parametrize("text", ["", " ", "()", "cobol", "av"])
def test_nothing_is_found_for_no_word_or_an_unknown_one(taxonomy, text):
    assert search(taxonomy, text) == []
