import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metier.data.coordination_cases import read_cases
from metier.domain import SkillPart, Span
from metier.evaluation.coordination import evaluate_coordination
from metier.tagging.coordination import MAX_PARTS, joined, split_coordinated

CASES = Path(__file__).with_name("coordination_cases.jsonl")
WORDS = (  # to be shuffled
    "design build managing REST gRPC APIs budgets people written verbal communication skills short- long-term plan "
    "planning C++ C/C++ HTML/CSS and/or , and or & / ( ) such as e.g. both either not only but also as well as to with "
    "of experience ability research development health safety independently quickly naïve café 🍋 the a data that : ; "
    "training project management . tests travel collaborate work in team Ernst Young extract, transform load R&D is"
)
PHRASES = st.lists(st.sampled_from(WORDS.split()), max_size=14).map(" ".join)
ANY = st.one_of(PHRASES, st.text(max_size=40), PHRASES.map(lambda phrase: f"🍋 {phrase} – naïve"))


def split(text):
    return split_coordinated(text, Span(0, len(text)))


def texts(text):
    return [part.text for part in split(text)]


def test_each_verb_goes_with_each_object_and_the_shared_head():
    text = "We design, build and test REST and gRPC APIs daily"
    parts = split_coordinated(text, Span(3, 44))
    assert text[3:44] == "design, build and test REST and gRPC APIs"
    assert [part.text for part in parts] == [
        f"{verb} {kind} APIs" for verb in ("design", "build", "test") for kind in ("REST", "gRPC")
    ]
    # "We " is 3 characters: design 3-9, REST 26-30, gRPC APIs 35-44, APIs 40-44
    assert parts[0].spans == (Span(3, 9), Span(26, 30), Span(40, 44))
    assert parts[1].spans == (Span(3, 9), Span(35, 44))


def test_an_ellipsis_at_a_hyphen_is_completed():
    # short- 0-6, and, long-term planning 11-29: "term planning" begins behind the hyphen, at 16
    assert split("short- and long-term planning") == (
        SkillPart("short-term planning", (Span(0, 6), Span(16, 29))),
        SkillPart("long-term planning", (Span(11, 29),)),
    )


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("Verwaltung 🍋 und café", []),
        ("naïve and café culture", []),
        ("manage cafés, 🍋 stands and crêperies", ["manage cafés", "manage 🍋 stands", "manage crêperies"]),
        ("manage   budgets\n and  people", ["manage budgets", "manage people"]),
        ("Python and Java.", ["Python", "Java"]),
        ("Python and Python", []),
        ("and Python or", []),
        ("Design and build APIs", ["Design APIs", "build APIs"]),
    ],
)
def test_other_characters_and_edges(text, skills):
    assert texts(text) == skills


@pytest.mark.parametrize("text", ["", " ", "and", ",", "()", "Python", "🍋", "both", "/", "a and", "such as"])
def test_nothing_coordinated_gives_no_parts(text):
    assert split(text) == ()


def test_the_context_of_a_mention_changes_nothing():
    text = "manage budgets and people"
    alone = split(text)
    shifted = split_coordinated(f"or {text} and cats", Span(3, 3 + len(text)))
    assert [part.text for part in shifted] == [part.text for part in alone]
    assert [s.start - 3 for part in shifted for s in part.spans] == [s.start for part in alone for s in part.spans]


@settings(max_examples=150, deadline=None)
@given(ANY)
@example("design, build and test REST and gRPC APIs")
@example("short- and long-term planning")
def test_parts_lie_inside_in_order_and_give_their_text(text):
    for part in split(text):
        assert part.text.strip() == part.text != ""
        assert joined(text, part.spans) == part.text
        places = [place for span in part.spans for place in (span.start, span.end)]
        assert places == sorted(places)
        assert places[0] >= 0
        assert places[-1] <= len(text)
        assert all(span.start < span.end for span in part.spans)


@settings(max_examples=150, deadline=None)
@given(ANY)
def test_parts_are_different_and_are_not_split_again(text):
    parts = texts(text)
    assert len(set(parts)) == len(parts) != 1
    assert len(parts) <= MAX_PARTS
    assert not any(map(texts, parts))


@given(st.lists(st.sampled_from([word for word in WORDS.split() if word.replace("-", "").isalnum()]), max_size=8))
def test_without_a_conjunction_there_are_no_parts(words):
    joins = {"and", "or", "both", "either", "also", "such"}
    assert split(" ".join(word for word in words if word not in joins)) == ()


def test_a_list_of_ten_thousand_is_left_whole_at_once():
    text = ", ".join(["Python", "Java"] * 5000) + " and Go"
    started = time.process_time()
    assert split(text) == ()
    assert time.process_time() - started < 0.5


def test_more_parts_than_the_cap_are_none():
    names = [f"Tool{number}" for number in range(MAX_PARTS + 1)]
    assert len(split(", ".join(names[:-1]))) == MAX_PARTS
    assert split(", ".join(names)) == ()
    verbs = "design, build, test, deploy, maintain, improve, document, review and monitor"
    # 9 verbs and 8 objects would give 72 parts
    assert split(f"{verbs} {', '.join(names[:7])} and {names[7]}") == ()


def test_the_cases_are_of_the_size_and_kind_that_is_claimed():
    cases = read_cases(CASES)
    test = [case for case in cases if case.split == "test"]
    assert len({case.text for case in cases}) == len(cases) >= 120
    assert len(test) >= 80
    assert sum(not case.skills for case in test) >= 30


def test_the_rules_keep_what_they_reach():
    figures = evaluate_coordination(split_coordinated, read_cases(CASES))
    assert figures["tune"].exact == 1.0
    assert figures["test"].exact >= 0.94
    assert figures["test"].parts.precision >= 0.98
