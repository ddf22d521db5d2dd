"""The filter language: `country=FR and day_rate<=500 and languages=fr and within 50 km of 48.85,2.35`.

    filter     = [condition ("and" condition)…]
    condition  = "not" condition
               | "within" NUMBER "km" "of" LATITUDE "," LONGITUDE
               | fact ["not"] "in" "(" value "," value … ")"        id, country, category, languages
               | fact ("=" | "!=") value                            any fact
               | fact ("<=" | ">=") value                           day_rate, available_from
               | fact ("=" | "!=") value ".." value                 the same two, both bounds included

A value with spaces or signs stands in quotes. `languages=fr` asks that French is among the languages. A fact that is
not known fails every condition but a negated one.
"""

import json
import math
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Final, NoReturn

from metier.domain import Between, Condition, Facts, Near, OneOf, Unless, Where
from metier.errors import ConfigError
from metier.index.rows import is_writable

EARTH_RADIUS_KM: Final = 6371.0088  # the mean radius of GRS80 (IUGG; Moritz, 2000), as Qdrant has it

_FACTS: Final = {OneOf: ("id", "country", "category", "languages"), Between: ("day_rate", "available_from")}
_KNOWN: Final = (*_FACTS[OneOf], *_FACTS[Between])
_TOKEN: Final = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|<=|>=|!=|[=<>(),]|[^\s=<>(),!"']+|\S)""")
_BARE: Final = re.compile(r"[^\s=<>(),!\"'\\.][^\s=<>(),!\"'\\]*")  # a value that needs no quotes
_SHAPES: Final = {
    "country": (re.compile("[A-Z]{2}"), "two capital letters of ISO 3166-1, such as FR"),
    "languages": (re.compile("[a-z]{2}"), "two-letter codes, such as fr"),
}


def parse_where(text: str) -> Where:
    """Read a filter.

    Args:
        text: See the head of this module; an empty one lets everything pass.

    Returns:
        The conditions in the order of the text, all of which must hold.

    Raises:
        ConfigError: If the text is not in the language; it says where and what was expected.
    """
    return _Parser(text).parse()


def format_where(where: Where) -> str:
    """Write a filter.

    Args:
        where: A valid filter.

    Returns:
        A text from which `parse_where` reads the same filter.

    Raises:
        ConfigError: If the filter is not valid.
    """
    check_where(where)
    return " and ".join(map(_format, where))


def check_where(where: Where) -> None:
    """Refuse a filter that cannot be meant.

    Args:
        where: Conditions built in code.

    Raises:
        ConfigError: If a fact is not known or of another type, or a number is out of range.
    """
    for condition in where:
        _check(condition)


def passes(facts: Facts, id: str, where: Where) -> bool:
    """Say whether one item passes: the reference that every index is tested against.

    Args:
        facts: Of the item.
        id: Of the item.
        where: A valid filter.

    Returns:
        Whether all conditions hold.
    """
    return all(_holds(facts, id, condition) for condition in where)


def _holds(facts: Facts, item: str, condition: Condition) -> bool:
    match condition:
        case Unless(inner):
            return not _holds(facts, item, inner)
        case OneOf("id", values):
            return item in values
        case OneOf("languages", values):
            return any(language in values for language in facts.languages)
        case OneOf(fact, values):
            return getattr(facts, fact) in values
        case Between(fact, low, high):
            value = getattr(facts, fact)
            return value is not None and (low is None or value >= low) and (high is None or value <= high)
        case Near(latitude, longitude, radius_km):
            if facts.latitude is None or facts.longitude is None:
                return False
            return great_circle_km((facts.latitude, facts.longitude), (latitude, longitude)) <= radius_km


def great_circle_km(place: tuple[float, float], other: tuple[float, float]) -> float:
    """Give the distance of two places over the great circle, by the haversine formula (Sinnott, 1984).

    Args:
        place: Latitude and longitude, in degrees.
        other: As well.

    Returns:
        Kilometres.
    """
    (latitude, longitude), (to_latitude, to_longitude) = place, other
    north, to_north = math.radians(latitude), math.radians(to_latitude)
    across = math.sin(math.radians(to_longitude - longitude) / 2) ** 2
    along = math.sin((to_north - north) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(along + math.cos(north) * math.cos(to_north) * across)))


def _check(condition: Condition) -> None:
    match condition:
        case Unless(OneOf() | Between() | Near() as inner):
            _check(inner)
        case OneOf(fact, values):
            _check_fact(fact, _FACTS[OneOf])
            if isinstance(values, str):
                raise ConfigError(f"The filter on {fact} has the text {values!r}; give a tuple of values.")
            for value in values:
                _check_value(fact, value)
        case Between(fact, low, high):
            _check_fact(fact, _FACTS[Between])
            _check_bounds(fact, low, high)
        case Near(latitude, longitude, radius_km):
            _check_number("latitude", latitude, low=-90, high=90)
            _check_number("longitude", longitude, low=-180, high=180)
            _check_number("radius", radius_km, low=0, high=math.inf)
        case _:
            raise ConfigError(
                f"{condition!r} is no condition; give OneOf, Between, Near, or Unless around one of them."
            )


def _check_fact(fact: str, allowed: tuple[str, ...]) -> None:
    if fact not in _KNOWN:
        raise ConfigError(f"There is no fact '{fact}' to filter by; known are {', '.join(_KNOWN)}, and `within`.")
    if fact not in allowed:
        raise ConfigError(f"{fact} cannot be compared in this way; this is for {' and '.join(allowed)}.")


def _check_value(fact: str, value: str) -> None:
    if not isinstance(value, str):
        raise ConfigError(f"{fact} is compared with texts, not with {value!r}.")
    if not is_writable(value):
        raise ConfigError(f"{fact} is compared with {value!r}, which holds half a character (a lone surrogate).")
    shape = _SHAPES.get(fact)
    if shape and not shape[0].fullmatch(value):
        raise ConfigError(f"{fact} takes {shape[1]}, not {value!r}.")


def _check_bounds(fact: str, low: float | date | None, high: float | date | None) -> None:
    bounds = [bound for bound in (low, high) if bound is not None]
    for bound in bounds:
        if fact == "day_rate":
            _check_number(fact, bound, low=-math.inf, high=math.inf)
        elif not isinstance(bound, date) or isinstance(bound, datetime):
            raise ConfigError(f"{fact} is compared with dates without a time, not with {bound!r}.")
    if not bounds:
        raise ConfigError(f"The filter on {fact} has no bound; give a lowest or a highest value.")
    if len(bounds) == 2 and bounds[0] > bounds[1]:  # type: ignore[operator]
        raise ConfigError(f"The filter on {fact} goes from {bounds[0]} to {bounds[1]}, which nothing can pass.")


def _check_number(name: str, number: object, *, low: float, high: float) -> None:
    if not isinstance(number, int | float) or isinstance(number, bool) or not math.isfinite(number):
        raise ConfigError(f"The {name} of a filter is a number, not {number!r}.")
    if not low <= number <= high:
        raise ConfigError(f"The {name} of a filter is {number}; it must lie between {low} and {high}.")


def _format(condition: Condition) -> str:
    match condition:
        case Unless(OneOf(fact, (value,))):
            return f"{fact}!={_quoted(value)}"
        case Unless(OneOf(fact, values)):
            return f"{fact} not in ({', '.join(map(_quoted, values))})"
        case Unless(inner):
            return f"not {_format(inner)}"
        case OneOf(fact, (value,)):
            return f"{fact}={_quoted(value)}"
        case OneOf(fact, values):
            return f"{fact} in ({', '.join(map(_quoted, values))})"
        case Between(fact, low, None):
            return f"{fact}>={low}"
        case Between(fact, None, high):
            return f"{fact}<={high}"
        case Between(fact, low, high):
            return f"{fact}={low}" if low == high else f"{fact}={low}..{high}"
        case Near(latitude, longitude, radius_km):
            return f"within {radius_km} km of {latitude},{longitude}"


def _quoted(value: str) -> str:
    return value if _BARE.fullmatch(value) else json.dumps(value, ensure_ascii=False)


class _Parser:
    """Reads one filter from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [(match[1], match.start(1)) for match in _TOKEN.finditer(text)]
        self._next = 0

    def parse(self) -> Where:
        conditions: list[Condition] = []
        while self._next < len(self._tokens):
            if conditions:
                self._expect("and")
            start = self._next
            conditions.append(self._condition())
            self._guarded(start, lambda: check_where(tuple(conditions[-1:])))
        return tuple(conditions)

    def _condition(self) -> Condition:
        negated = False
        while self._accept("not"):
            negated = not negated
        found = self._plain_condition()
        if not negated:
            return found
        return found.condition if isinstance(found, Unless) else Unless(found)

    def _plain_condition(self) -> Condition:
        if self._accept("within"):
            return self._near()
        start = self._next
        fact = self._take("a fact: " + ", ".join(_KNOWN) + ", or `within`")
        self._guarded(start, lambda: _check_fact(fact, _KNOWN))
        if self._accept("not"):
            self._expect("in")
            return Unless(self._one_of(fact))
        if self._accept("in"):
            return self._one_of(fact)
        return self._comparison(fact)

    def _near(self) -> Near:
        radius = self._number("a radius, such as 50")
        self._expect("km")
        self._expect("of")
        latitude = self._number("a latitude")
        self._expect(",")
        return Near(latitude, self._number("a longitude"), radius)

    def _one_of(self, fact: str) -> OneOf:
        self._expect("(")
        values: list[str] = []
        while not self._accept(")"):
            if values:
                self._expect(",")
            values.append(_folded(fact, self._take("a value")))
        return OneOf(fact, tuple(values))  # type: ignore[arg-type] # checked once it is read

    def _comparison(self, fact: str) -> Condition:
        sign = self._take("one of = != <= >= in")
        if sign in ("<", ">"):
            self._fail(f"bounds are included: write {sign}=", place=self._next - 1)
        if sign not in ("=", "!=", "<=", ">="):
            self._fail("one of = != <= >= in was expected", place=self._next - 1)
        start = self._next
        value = self._take("a value")
        if fact in _FACTS[OneOf] and sign in ("=", "!="):
            found: OneOf | Between = OneOf(fact, (_folded(fact, value),))  # type: ignore[arg-type]
        else:
            self._guarded(start - 2, lambda: _check_fact(fact, _FACTS[Between]))
            found = self._between(fact, value, sign=sign, place=start)
        return Unless(found) if sign == "!=" else found

    def _between(self, fact: str, value: str, *, sign: str, place: int) -> Between:
        read: Callable[[str], float | date] = float if fact == "day_rate" else date.fromisoformat
        low, dots, high = value.partition("..") if sign in ("=", "!=") else (value, "", "")
        try:
            first, last = read(low), read(high if dots else low)
        except ValueError:
            kind = "a number, such as 500" if fact == "day_rate" else "a date, such as 2026-12-01"
            self._fail(f"{fact} takes {kind}", place=place)
        low_bound = None if sign == "<=" else first
        return Between(fact, low_bound, None if sign == ">=" else last)  # type: ignore[arg-type]

    def _number(self, what: str) -> float:
        place = self._next
        try:
            return float(self._take(what))
        except ValueError:
            self._fail(f"{what} was expected", place=place)

    def _accept(self, word: str) -> bool:
        found = self._next < len(self._tokens) and self._tokens[self._next][0].lower() == word
        self._next += found
        return found

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            self._fail(f"`{word}` was expected", place=self._next)

    def _take(self, what: str) -> str:
        place = self._next
        token = self._tokens[place][0] if place < len(self._tokens) else ")"
        if token in "(),!\"'":
            self._fail(f"{what} was expected", place=place)
        self._next += 1
        if token[0] == "'":
            return token[1:-1]
        return _unescaped(token) if token[0] == '"' else token

    def _guarded(self, place: int, check: Callable[[], None]) -> None:
        try:
            check()
        except ConfigError as error:
            self._fail(str(error).rstrip("."), place=place)

    def _fail(self, message: str, *, place: int) -> NoReturn:
        start = self._tokens[place][1] if place < len(self._tokens) else len(self._text)
        raise ConfigError(f"In the filter {self._text!r}, at character {start + 1}: {message}.") from None


def _folded(fact: str, value: str) -> str:
    """Countries and languages may be typed in any case."""
    return {"country": value.upper, "languages": value.lower}.get(fact, lambda: value)()


def _unescaped(token: str) -> str:
    try:
        return str(json.loads(token))
    except ValueError:
        return re.sub(r"\\(.)", r"\1", token[1:-1])
