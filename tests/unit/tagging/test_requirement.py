"""Hand-written cases: mentions are marked [[like this]] in the text of a posting."""

import re

import pytest

from metier.domain import Mention, Span
from metier.tagging.requirement import read_requirements
from metier.text.sections import sections
from metier.text.sentences import sentences
from metier.text.words import words


def _read(marked: str) -> list[Mention]:
    """Strip the marks, and read the posting."""
    pieces, mentions, length = [], [], 0
    for part in re.split(r"(\[\[.*?\]\])", marked):
        body = part[2:-2] if part.startswith("[[") else part
        if part.startswith("[["):
            mentions.append(Mention(Span(length, length + len(body)), body, "knowledge", 0.9))
        pieces.append(body)
        length += len(body)
    text = "".join(pieces)
    read = read_requirements(text, mentions, sections=sections(text), sentences=sentences(text))
    assert [mention.span for mention in read] == [mention.span for mention in mentions]
    return read


R, P, N, U = "required", "preferred", "negated", "unspecified"

_REQUIREMENT_CASES = [
    # the two cases that existing tools are known to miss
    ("[[CISSP]] required; [[PMP]] preferred", [R, P]),
    ("[[CISSP]] required, [[PMP]] preferred.", [R, P]),
    ("[[Java]], [[Python]] required, [[Kotlin]] preferred", [R, R, P]),
    ("Required [[Java]], preferred [[Kotlin]]", [R, P]),
    ("[[Java]] is required and [[Kotlin]] preferred.", [R, P]),
    ("Must have [[Java]] and [[SQL]], nice to have [[Kotlin]] and [[Go]].", [R, R, P, P]),
    ("[[Python]] (required), [[Rust]] (nice to have), [[Go]]", [R, P, U]),
    ("[[Python]] (preferred) and [[Rust]]", [P, U]),
    ("You must have [[C++]] but [[C#]] is optional.", [R, P]),
    # wishes
    ("[[Docker]] is a plus.", [P]),
    ("[[Docker]] and [[Kubernetes]] are a plus", [P, P]),
    ("Experience with [[Terraform]] would be an advantage.", [P]),
    ("Experience with [[Terraform]] would be a big plus!", [P]),
    ("Ideally you know [[Scala]].", [P]),
    ("Cloud experience, ideally [[AWS]]", [P]),
    ("Experience with [[SQL]] databases, preferably [[PostgreSQL]].", [U, P]),
    ("[[Kafka]] desirable", [P]),
    ("Desirable: [[Kafka]], [[Spark]]", [P, P]),
    ("Bonus points for [[GraphQL]].", [P]),
    ("Bonus: [[GraphQL]]", [P]),
    ("We would love experience in [[Elixir]].", [P]),
    ("[[French]] is beneficial", [P]),
    ("[[German]] is an asset.", [P]),
    ("[[Go]] would be nice to have.", [P]),
    # needs
    ("[[German]] is mandatory.", [R]),
    ("Strong [[communication skills]] are essential.", [R]),
    ("[[Driving licence]] is a must.", [R]),
    ("We require [[Excel]].", [R]),
    ("The job requires [[Excel]].", [R]),
    ("You must be fluent in [[English]].", [R]),
    ("You have experience with [[R&D]].", [R]),
    ("Proficient in [[Node.js]] and [[.NET]].", [R, R]),
    ("You will need [[SAP]].", [R]),
    # not needed
    ("No experience with [[Java]] required.", [N]),
    ("No [[degree]] necessary.", [N]),
    ("[[Java]] is not required.", [N]),
    ("[[Java]] isn't required.", [N]),
    ("[[Spanish]] is not necessary, [[English]] is a must.", [N, R]),
    ("You do not need to know [[COBOL]].", [N]),
    ("You can do this without [[Java]] or [[Python]].", [N, U]),
    ("Without any prior knowledge of [[Excel]] you can start.", [N]),
    ("[[Go]] is not required but would be a plus.", [P]),
    ("Not only [[Java]] is required.", [R]),
    # nothing said, or said of something else
    ("We use [[Java]].", [U]),
    ("You will write [[Python]] every day, plus [[SQL]].", [U, U]),
    ("Adjust [[reports]] as required.", [U]),
    ("Ability to [[work without supervision]].", [U]),
    ("[[Java]] is required. We use [[Go]].", [R, U]),
    ("[[Java]] is required\n[[Go]] is used here", [R, U]),
    # headings
    ("Requirements:\n- [[Java]]\n- [[SQL]]", [R, R]),
    ("Nice to have\n- [[Kotlin]]", [P]),
    ("Preferred Qualifications\n• [[AWS]]", [P]),
    ("Minimum qualifications:\n• [[AWS]]\nPreferred qualifications:\n• [[GCP]]", [R, P]),
    ("Must have:\n[[C]]\nNice to have:\n[[R]]\nWhat we offer:\n[[training]]", [R, P, U]),
    ("Requirements:\n- [[Java]]\n- [[Kotlin]] is a plus", [R, P]),
    ("Nice to have:\n- [[Java]] is required\n- You have used [[Go]]", [R, P]),
    ("Requirements: [[Java]], [[SQL]]", [R, R]),
    ("Your tasks:\n- [[plan projects]]", [U]),
    ("Required and preferred skills:\n- [[Java]]", [U]),
    ("**Preferred**\n* [[Rust]]", [P]),
    ("About us\nWe build [[software]].", [U]),
    # German and French
    ("[[Java]] zwingend erforderlich, [[Scala]] von Vorteil", [R, P]),
    ("Idealerweise kennst du [[Docker]].", [P]),
    ("[[SAP]] ist nicht erforderlich.", [N]),
    ("Anforderungen:\n- [[Python]]\n- [[Go]] wünschenswert", [R, P]),
    ("[[Java]] exigé, [[Kotlin]] apprécié", [R, P]),
    ("La maîtrise de [[Docker]] serait un plus.", [P]),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "expected"), _REQUIREMENT_CASES)
def test_requirement_follows_the_nearest_cue_then_the_heading(marked, expected):
    assert [mention.requirement for mention in _read(marked)] == expected


_EITHER_CASES = [
    ("either [[Java]] or [[Kotlin]]", [1, 1]),
    ("[[Java]] or [[Kotlin]]", [1, 1]),
    ("[[Java]], [[Python]] or [[Go]]", [1, 1, 1]),
    ("[[Java]], [[Python]], or [[Go]]", [1, 1, 1]),
    ("one of [[Java]], [[Python]] and [[Go]]", [1, 1, 1]),
    ("at least one of the following languages: [[Java]], [[C#]], [[Go]]", [1, 1, 1]),
    ("[[Java]]/[[Kotlin]]", [1, 1]),
    ("[[Java]]/[[Kotlin]], [[SQL]]", [1, 1, None]),
    ("[[Java]] and [[Kotlin]]", [None, None]),
    ("[[Java]], [[Python]], [[Go]]", [None, None, None]),
    ("[[SQL]] and [[Java]] or [[Kotlin]]", [None, 1, 1]),
    ("[[Java]] or [[Kotlin]]; [[AWS]] or [[GCP]]", [1, 1, 2, 2]),
    ("[[Java]] and/or [[Kotlin]]", [1, 1]),
    ("Experience with [[Java]] or knowledge of [[Kotlin]]", [1, 1]),
    ("[[Java]]. Or [[Kotlin]]", [None, None]),
    ("[[Java]] oder [[Kotlin]]", [1, 1]),
    ("[[Java]]", [None]),
    ("", []),
]


@pytest.mark.parametrize(("marked", "expected"), _EITHER_CASES)
def test_alternatives_carry_the_same_number(marked, expected):
    assert [mention.either for mention in _read(marked)] == expected


_YEARS_CASES = [
    ("5+ years of [[Python]]", [5]),
    ("5+ years of [[Python]] and 3 years of [[Java]]", [5, 3]),
    ("at least three years' experience in [[Java]]", [3]),
    ("8-10 years of experience with [[C++]]", [8]),
    ("8 to 10 years of [[C]]", [8]),
    ("minimum 2 years of [[sales]]", [2]),
    ("8-10+ yrs [[software engineering]] incl. 2 yrs [[AI]]", [8, 2]),
    ("[[Python]] (5 years), [[Java]] (3 years)", [5, 3]),
    ("[[Python]]: 5+ years", [5]),
    ("[[Python]]: 5+ years, [[Java]]: 2 years", [5, 2]),
    ("[[Python]] - at least 4 years", [4]),
    ("two (2) years of [[nursing]]", [2]),
    ("1.5 years of [[nursing]]", [1.5]),
    ("18 months of [[nursing]]", [1.5]),  # 18 / 12
    ("5 years of [[Java]] or [[Kotlin]]", [5, 5]),
    ("5 years of experience; [[SQL]]", [None]),
    ("5 years of experience, [[SQL]]", [None]),
    ("5 years of experience and good knowledge of [[SQL]]", [None]),
    ("Founded 20 years ago, we use [[Java]]", [None]),
    ("For over 30 years we have built [[software]]", [None]),
    ("We have 15 years of experience in [[consulting]]", [None]),
    ("You have 15 years of experience in [[consulting]]", [15]),
    ("a 4-year degree in [[mathematics]]", [None]),
    ("18 years old or more, knows [[Excel]]", [None]),
    ("[[Java]]", [None]),
    ("3 Jahre Erfahrung in [[Java]]", [3]),
    ("5 ans d'expérience en [[Java]]", [5]),
]


@pytest.mark.parametrize(("marked", "expected"), _YEARS_CASES)
def test_years_go_to_what_they_belong_to(marked, expected):
    assert [mention.years for mention in _read(marked)] == expected


@pytest.mark.parametrize(
    "name",
    "C C++ C# R Go .NET Node.js CI/CD R&D F# ASP.NET Objective-C T-SQL Vue.js UI/UX TCP/IP C++17 Web3 3D".split(),  # noqa: SIM905
)
def test_technology_name_is_one_word_and_keeps_its_requirement(name):
    marked = f"You know SQL, and [[{name}]], [[{name}]] is required."
    first, second = _read(marked)
    text = marked.replace("[[", "").replace("]]", "")
    assert {first.span, second.span} <= set(words(text))
    assert (first.text, second.requirement) == (name, R)


def test_adjacent_mentions_stay_apart():
    java, spring = _read("Requirements:\n[[Java]] [[Spring Boot]] required")
    assert (java.span, spring.span) == (Span(14, 18), Span(19, 30))
    assert (java.requirement, spring.requirement) == (R, R)


def test_nested_mentions_share_what_is_said_of_them():
    # "develop in Java" is a skill, and "Java" inside it is knowledge.
    text = "You must develop in Java or Kotlin."
    outer = Mention(Span(9, 23), "develop in Java", "skill", 0.9)
    inner = Mention(Span(20, 24), "Java", "knowledge", 0.9)
    other = Mention(Span(28, 34), "Kotlin", "knowledge", 0.9)
    read = read_requirements(text, [outer, inner, other], sections=sections(text), sentences=sentences(text))
    assert [mention.requirement for mention in read] == [R, R, R]
    assert [mention.either for mention in read] == [None, 1, 1]


def test_section_kind_is_filled():
    company, requirement = _read("About us\nWe make [[chips]].\n\nRequirements\n[[VHDL]]")
    assert (company.section, requirement.section) == ("company", "requirements")


def test_text_without_sections_leaves_everything_unspecified():
    mention = Mention(Span(0, 4), "Java", "knowledge", 0.9)
    assert read_requirements("Java", [mention], sections=[], sentences=[]) == [mention]


def test_a_long_text_without_full_stops_is_read_whole():
    text = "must have Java nice to have Go 5 years of " * 2_500
    mentions = [Mention(Span(m.start(), m.end()), m[0], "knowledge", 0.9) for m in re.finditer("Java|Go", text)]
    read = read_requirements(text, mentions, sections=sections(text), sentences=sentences(text))
    assert len(read) == 5_000
    # a mention beside the edge of a stretch of 2,000 characters may lose its cue: 2 of 95
    said = sum(mention.requirement == {"Java": R, "Go": P}[mention.text] for mention in read)
    assert said > 0.95 * len(read)
