from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.domain import Concept
from metier.linking.forms import label_forms, normal_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C++", ("c++",)),
        ("C", ("c",)),
        ("C#", ("c#",)),
        ("F#, C++17", ("f#", "c++", "17")),
        (".NET", (".net",)),
        ("ASP.NET", ("asp.net",)),
        ("Node.js", ("node.js",)),
        ("node.js.", ("node.js",)),
        ("R&D", ("r&d",)),
        ("R", ("r",)),
        ("CI/CD", ("ci", "cd")),
        ("Databases, the R&D of APIs", ("database", "r&d", "api")),
        ("APIs KPIs PCs", ("api", "kpi", "pc")),
        ("AWS DNS SaaS", ("aws", "dns", "saa")),  # the last is wrong, and wrong alike on both sides
        ("libraries", ("library",)),
        ("processes", ("process",)),
        ("boxes and brushes", ("box", "brush")),
        ("analysis of a bus class", ("analysis", "bus", "class")),
        ("gas", ("gas",)),
        ("Élan naïve Straße", ("elan", "naive", "straße")),
        ("ﬁnance ２０２４", ("finance", "2024")),
        ("driver’s licence", ("driver", "s", "licence")),
        ("driver's licence", ("driver", "s", "licence")),
        ("the and of", ("the", "and", "of")),
        ("work with the team", ("work", "team")),
        ("", ()),
        (" -- !? 👍 ", ()),
        ("数据 분석", ("数据", normalize("NFKD", "분석"))),  # in its parts, and so on both sides
    ],
)
def test_words_are_written_one_way(text, expected):
    assert normal_words(text) == expected


@given(st.text())
def test_case_and_repeats_of_a_text_give_no_new_words(text):
    words = normal_words(text)
    assert all(word == word.lower() and word.strip() for word in words)
    assert normal_words(f" {text} ") == words


def test_a_label_is_also_called_without_its_qualifier():
    concept = Concept("u", "Python (computer programming)", ("Python 3", "(odd)", "Snake (animal) (reptile)"))
    assert list(label_forms(concept)) == [
        "Python (computer programming)",
        "Python",
        "Python 3",
        "(odd)",
        "Snake (animal) (reptile)",
        "Snake (animal)",
    ]
