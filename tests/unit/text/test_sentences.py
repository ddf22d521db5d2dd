import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.text.sentences import sentences


def _split(text):
    return [text[span.start : span.end] for span in sentences(text)]


@pytest.mark.parametrize(
    "text",
    [
        "You know e.g. Java, i.e. Python 3.11.2, etc. and more.",
        "Write to jobs@example.org or see https://example.org/a.b for ASP.NET, Node.js and .NET.",
        "Dr. Smith of Acme Inc. leads approx. 5 teams vs. Mr. Jones.",
        "Our M.Sc. or Ph.D. students in the U.S. and the U.K. earn 3.5 points.",
        "Wir suchen z. B. Java bzw. Python inkl. SQL ab 1. Mai 2024.",
        "Room No. 5 is free.",
        "The Sr. Developer of J. D. Smith.",
        "Yahoo! is a company.",
    ],
)
def test_abbreviations_numbers_and_addresses_do_not_end_a_sentence(text):
    assert _split(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \r\n\t ", []),
        ("•", []),
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("We use C. You know R. Go.", ["We use C.", "You know R.", "Go."]),
        ("Tools etc. You win.", ["Tools etc.", "You win."]),
        ("We are in the U.S. We offer a lot.", ["We are in the U.S.", "We offer a lot."]),
        ("Python 3.11. You know it.", ["Python 3.11.", "You know it."]),
        ("our team.You will win.", ["our team.", "You will win."]),
        ("He said “Go.” Then left. (See below.) Bye", ["He said “Go.”", "Then left.", "(See below.)", "Bye"]),
        ("Wait... What", ["Wait...", "What"]),
        ("日本。語です。", ["日本。", "語です。"]),
        (
            "Requirements:\n• Java\n- Python\n* Go\n– C\n· R\n▪ F#",
            ["Requirements:", "Java", "Python", "Go", "C", "R", "F#"],
        ),
        ("1. Java\n2) Python\na) Go\n(3) C", ["Java", "Python", "Go", "C"]),
        ("Skills: • Java • Go", ["Skills:", "Java", "Go"]),
        ("-Python\n-5 degrees", ["Python", "-5 degrees"]),
        ("ABOUT US\nWe are big\n\nYour tasks\nPlan", ["ABOUT US", "We are big", "Your tasks", "Plan"]),
        ("one\r\ntwo\rthree\u2028four", ["one", "two", "three", "four"]),
        (".NET is needed. .NET Core too.", [".NET is needed.", ".NET Core too."]),
        ("Join 🚀! Été à Paris.", ["Join 🚀!", "Été à Paris."]),
    ],
)
def test_sentences_of_a_text(text, expected):
    assert _split(text) == expected


def test_lines_of_a_hard_wrapped_paragraph_are_joined():
    first = "You will work with a team of twelve people who build and run the\nplatform every day."
    second = "Then you rest."
    assert _split(f"{first} {second}\n\nNext") == [first, second, "Next"]


def test_lines_of_an_unmarked_list_are_not_joined():
    lines = ["experience with building and running large data pipelines on clusters", "knowledge of Java"]
    assert _split("\n".join([*lines, "x" * 90])) == [*lines, "x" * 90]


def test_a_long_text_without_full_stop_is_one_sentence():
    text = "word " * 5_000 + "Java"
    assert _split(text) == [text]


@settings(deadline=None)
@given(st.one_of(st.text(max_size=120), st.text("aB9. \n\r-•*!?)(“é🚀:;1", max_size=120)))
def test_sentences_cover_everything_but_space_and_bullets(text):
    spans = sentences(text)
    last = 0
    bullet = r"[•▪●◦■□►▶➢➤✓✔✅‣⁃○◆◇★☆→➔»§·*–—#-]+|\(?(?:\d{1,2}|[a-zA-Z])\)|\d{1,2}\.|o"
    for start, end in [*((span.start, span.end) for span in spans), (len(text), len(text))]:
        assert last <= start
        assert re.fullmatch(rf"\s*(?:(?:{bullet})\s*)*", text[last:start])
        last = end
    for span in spans:
        assert text[span.start : span.end].strip() == text[span.start : span.end] != ""


@pytest.mark.parametrize("unit", ["a. ", ". ", "A.\n", ".", "- ", "a\n", "• ", ".)", '"', "x" * 70 + "\n"])
def test_sentences_take_linear_time(unit):
    text = unit * (200_000 // len(unit))
    assert sum(span.end - span.start for span in sentences(text)) <= len(text)
