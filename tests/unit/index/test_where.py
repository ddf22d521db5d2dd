"""The filter language."""

import math
import string
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.domain import Between, Facts, Near, OneOf, Unless
from metier.errors import ConfigError
from metier.index.where import EARTH_RADIUS_KM, check_where, format_where, parse_where, passes

_TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
_DAYS = st.dates()
_RATES = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def _between(draw):
    fact, numbers = draw(st.sampled_from([("day_rate", _RATES), ("available_from", _DAYS)]))
    low, high = sorted([draw(numbers), draw(numbers)])
    return Between(fact, *draw(st.sampled_from([(low, high), (low, None), (None, high), (low, low)])))


_ONE_OF = st.one_of(
    st.builds(OneOf, st.sampled_from(["id", "category"]), st.lists(_TEXTS, max_size=3).map(tuple)),
    st.builds(OneOf, st.just("country"), st.lists(st.sampled_from(["FR", "IN", "NO"]), max_size=3).map(tuple)),
    st.builds(OneOf, st.just("languages"), st.lists(st.sampled_from(["fr", "in", "of"]), max_size=3).map(tuple)),
)
_NEAR = st.builds(Near, st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 1e5))
_PLAIN = st.one_of(_ONE_OF, _between(), _NEAR)
_WHERE = st.lists(st.one_of(_PLAIN, st.builds(Unless, _PLAIN)), max_size=4).map(tuple)
_FACTS = st.builds(
    Facts,
    country=st.sampled_from([None, "FR", "NO"]),
    languages=st.sampled_from([(), ("fr",), ("of", "in")]),
    day_rate=st.none() | _RATES,
    available_from=st.none() | _DAYS,
    latitude=st.floats(-90, 90),
    longitude=st.none() | st.floats(-180, 180),
)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", ()),
        ("country=FR and day_rate<=500", (OneOf("country", ("FR",)), Between("day_rate", None, 500.0))),
        ("country in (fr, BE)", (OneOf("country", ("FR", "BE")),)),
        ("languages=fr AND languages=EN", (OneOf("languages", ("fr",)), OneOf("languages", ("en",)))),
        ('category="Data science"', (OneOf("category", ("Data science",)),)),
        ("category='l\u2019été 👍'", (OneOf("category", ("l\u2019été 👍",)),)),
        ("available_from<=2026-12-01", (Between("available_from", None, date(2026, 12, 1)),)),
        ("day_rate=300..500", (Between("day_rate", 300.0, 500.0),)),
        ("within 50 km of 48.85,-2.35", (Near(48.85, -2.35, 50.0),)),
        ("id not in (a, b)", (Unless(OneOf("id", ("a", "b"))),)),
        ("not country=FR", (Unless(OneOf("country", ("FR",))),)),
        ("country!=IN", (Unless(OneOf("country", ("IN",))),)),
        ("not not country!=IN and id in ()", (Unless(OneOf("country", ("IN",))), OneOf("id", ()))),
        ("not " * 5000 + "country=FR", (OneOf("country", ("FR",)),)),
    ],
)
def test_a_filter_is_read(text, where):
    assert parse_where(text) == where


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("town=Lyon", 1, "known are id, country"),
        ("country=France", 1, "two capital letters"),
        ("country=FR day_rate<=3", 12, "`and` was expected"),
        ("country=FR or country=BE", 12, "`and` was expected"),
        ("country=FR and", 15, "a fact"),
        ("(country=FR)", 1, "a fact"),
        ("country", 8, "one of = != <= >= in"),
        ("country=", 9, "a value"),
        ("country<=FR", 1, "this is for day_rate and available_from"),
        ("day_rate in (3)", 1, "cannot be compared in this way"),
        ("day_rate=cheap", 10, "a number"),
        ("day_rate<500", 9, "write <="),
        ("day_rate=500..300", 1, "nothing can pass"),
        ("day_rate<=nan", 1, "number"),
        ("available_from>=500", 17, "a date"),
        ("category='open", 10, "a value"),
        ("within near km of 1,2", 8, "a radius"),
        ("within 5 km of 91,0", 1, "latitude of a filter is 91"),
        ("within 5 km of 0,181", 1, "longitude of a filter is 181"),
        ("within -5 km of 0,0", 1, "radius of a filter is -5"),
        ("within 5 miles of 0,0", 10, "`km`"),
    ],
)
def test_what_is_no_filter_is_refused_with_its_place(text, place, said):
    with pytest.raises(ConfigError) as caught:
        parse_where(text)
    assert f"at character {place}:" in str(caught.value)
    assert said in str(caught.value)


@given(_WHERE)
def test_a_filter_that_is_written_is_read_the_same(where):
    assert parse_where(format_where(where)) == where


@given(st.text(string.printable + "é👍\ud800", max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        where = parse_where(text)
    except ConfigError:
        return
    assert parse_where(format_where(where)) == where


@given(_FACTS, _PLAIN)
def test_a_condition_and_its_negation_part_all_items(facts, condition):
    assert passes(facts, "a", (condition,)) != passes(facts, "a", (Unless(condition),))


@given(_FACTS, _WHERE, _WHERE)
def test_conditions_that_are_joined_hold_together(facts, one, other):
    assert passes(facts, "a", one + other) == (passes(facts, "a", one) and passes(facts, "a", other))


@given(st.text(max_size=3), _PLAIN)
def test_what_is_not_known_fails(item, condition):
    assert not passes(Facts(), item, (condition,)) or (condition.fact == "id" and item in condition.values)


def test_a_quarter_of_the_equator_is_a_quarter_of_its_length():
    quarter = EARTH_RADIUS_KM * math.pi / 2
    there = Facts(latitude=0.0, longitude=170.0)
    assert passes(there, "a", (Near(0.0, -100.0, quarter + 1e-6),))  # over the date line: 360 - 270 = 90 degrees
    assert not passes(there, "a", (Near(0.0, -100.0, quarter - 1e-6),))


def test_the_poles_have_every_longitude():
    assert passes(Facts(latitude=90.0, longitude=12.0), "a", (Near(90.0, -150.0, 1e-6),))


@pytest.mark.parametrize(
    "where",
    [
        (OneOf("town", ("Lyon",)),),
        (OneOf("country", "FR"),),
        (OneOf("country", (1,)),),
        (OneOf("category", ("\ud800",)),),
        (OneOf("day_rate", ("3",)),),
        (Between("day_rate"),),
        (Between("day_rate", 500, 300),),
        (Between("day_rate", math.nan),),
        (Between("day_rate", True),),
        (Between("day_rate", date(2026, 1, 1)),),
        (Between("available_from", 5.0),),
        (Between("available_from", datetime(2026, 1, 1)),),
        (Near(91.0, 0.0, 1.0),),
        (Near(0.0, -181.0, 1.0),),
        (Near(0.0, 0.0, -1.0),),
        (Near(0.0, 0.0, math.inf),),
        (Unless(Unless(OneOf("id", ()))),),
        ("country=FR",),
    ],
)
def test_a_filter_built_in_code_is_checked(where):
    with pytest.raises(ConfigError):
        check_where(where)
