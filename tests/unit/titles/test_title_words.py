import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.titles.title_words import spanned_title_words, title_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Senior C++/C# Developer", ["senior", "c++", "c#", "developer"]),
        ("ASP.NET, .NET and Node.js", ["asp.net", ".net", "and", "node.js"]),
        ("full-stack = full stack", ["full", "stack", "full", "stack"]),
        ("infirmier/infirmière d’État", ["infirmier", "infirmière", "d", "état"]),
        ("R&D lead (m/f/d), 40 h, 3+ years, 5-7", ["r&d", "lead", "m", "f", "d", "h", "years"]),
        ("write to jobs@example.org or https://example.org/jobs now", ["write", "to", "or", "now"]),
        ("Køkkenchef 👩‍🍳 søges!", ["køkkenchef", "søges"]),
        ("看護師", ["看", "護", "師"]),
        ("", []),
        ("... !!! 2020 👍", []),
    ],
)
def test_words_are_lower_case_without_numbers_and_names_of_technologies_whole(text, expected):
    assert title_words(text) == expected


def test_an_accent_of_its_own_is_the_same_word():
    assert title_words("re\u0301sume\u0301") == title_words("résumé") == ["résumé"]


@given(st.text())
def test_each_word_stands_at_its_span(text):
    end = 0
    for found in spanned_title_words(text):
        assert end <= found.span.start < found.span.end
        assert title_words(text[found.span.start : found.span.end]) == [found.word]
        assert any(map(str.isalpha, text[found.span.start : found.span.end]))
        end = found.span.end
