import gzip
import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.text.words import words


def _split(text):
    return [text[span.start : span.end] for span in words(text)]


@pytest.mark.parametrize(
    "name",
    (  # noqa: SIM905
        "C C++ C# R Go .NET Node.js CI/CD R&D m/f/d F# ASP.NET 3+ 5-7 and/or e-mail <ORGANIZATION> TCP/IP A/B "
        "UI/UX AT&T I/O "
        "C/C++ C++17 T-SQL Vue.Js 24/7 API(s) 1,000.50 10:30 50% bachelor's m/w/d salarié·e·s 5+-year "
        "jobs@example.org "
        "https://example.org/a?b=c www.example.org/a/beta"
    ).split(),
)
def test_it_is_one_word(name):
    assert _split(name) == [name]
    assert name in _split(f"We know ({name}), “{name}”.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \t\r\n", []),
        ("Java/Python/Go", ["Java", "/", "Python", "/", "Go"]),
        ("C++/Java", ["C++", "/", "Java"]),
        ("client/server", ["client", "/", "server"]),
        ("(Java, C++).", ["(", "Java", ",", "C++", ")", "."]),
        ("Why? Really?!", ["Why", "?", "Really", "?!"]),
        ("Node.js.", ["Node.js", "."]),
        ("our team.You will", ["our", "team", ".", "You", "will"]),
        ("Java,Python;Go", ["Java", ",", "Python", ";", "Go"]),
        ("wait... what", ["wait", "...", "what"]),
        ("日本語 Java", ["日", "本", "語", "Java"]),
        ("🚀Join", ["🚀", "Join"]),
        ("cafe\u0301 naïve", ["cafe\u0301", "naïve"]),
        ("<3 <p>", ["<", "3", "<", "p", ">"]),
        ("years' “x”", ["years", "'", "“", "x", "”"]),
    ],
)
def test_words_of_a_text(text, expected):
    assert _split(text) == expected


@settings(deadline=None)
@given(st.one_of(st.text(max_size=80), st.text("aB9é日🚀 ./#+-&'(),:;<>@\u00ad\u0301\n", max_size=80)))
def test_words_never_lose_a_character(text):
    spans = words(text)
    assert all(span.start < span.end for span in spans)
    assert all(left.end <= right.start for left, right in pairwise(spans))
    assert "".join(_split(text)) == "".join(text.split())


@pytest.mark.parametrize("unit", ["a-", "(", "a/", ".", "http://", "a+", "<A", "a.", "'"])
def test_words_take_linear_time(unit):
    # 300,000 characters in a moment; a quadratic step would take minutes
    text = unit * (300_000 // len(unit))
    assert sum(span.end - span.start for span in words(text)) == len(text)


@pytest.mark.data
def test_words_are_near_those_of_the_data_set(data_folder):
    with gzip.open(data_folder / "skillspan" / "dev.json.gz", "rt", encoding="utf-8") as stream:
        sentences = [json.loads(line)["tokens"] for line in stream]

    def loose(tokens):  # the data set leaves some final punctuation on its words
        return [token.rstrip(":.;!?)") for token in tokens if token.rstrip(":.;!?)")]

    same = sum(_split(" ".join(tokens)) == tokens for tokens in sentences) / len(sentences)
    nearly = sum(loose(_split(" ".join(tokens))) == loose(tokens) for tokens in sentences) / len(sentences)
    assert same > 0.74  # measured: 0.746
    assert nearly > 0.95  # measured: 0.956
