import random

from hypothesis import given
from hypothesis import strategies as st

from metier.domain import Skill
from metier.training.linker_pairs import Pair, composed_pair, label_pairs, sentence_pairs

SKILLS = (
    Skill("0", "manage teams", ("lead teams", "Leadership"), kind="skill"),
    Skill("1", "Python {}", ("snake",), kind="knowledge"),
    Skill("2", "leadership", ("leadership", "LEADERSHIP"), kind="knowledge"),
    Skill("3", "drive", (), kind="skill"),
)


def test_an_alternative_that_skills_share_is_right_for_each():
    pairs = label_pairs(SKILLS, ["", "a language", "", ""])
    assert pairs["alternative"][:2] == [
        Pair("lead teams", None, 0, frozenset({0})),
        Pair("Leadership", None, 0, frozenset({0, 2})),
    ]
    assert len(pairs["alternative"]) == 5
    assert pairs["description"] == [Pair("a language", None, 1, frozenset({1}))]


def test_a_sentence_is_paired_with_each_of_its_skills():
    pairs = sentence_pairs([("lead and drive", [0, 3]), ("nothing", []), ("drive", [3])])
    assert pairs == [
        Pair("lead and drive", None, 0, frozenset({0, 3})),
        Pair("lead and drive", None, 3, frozenset({0, 3})),
        Pair("drive", None, 3, frozenset({3})),
    ]


@given(st.integers(0, 10_000))
def test_the_span_of_a_composed_sentence_holds_a_label_of_its_skill(seed):
    pair = composed_pair(SKILLS, random.Random(seed))
    skill = SKILLS[pair.skill]
    assert pair.text[slice(*pair.span)] in (skill.label, *skill.alternatives)
    assert pair.also == {pair.skill}


def test_composed_sentences_name_one_to_four_skills_of_one_kind_and_any_of_them_may_be_asked():
    draw = random.Random(1)
    pairs = [composed_pair(SKILLS, draw) for _ in range(400)]
    assert {pair.skill for pair in pairs} == {0, 1, 2, 3}
    assert any(pair.span[0] > 40 for pair in pairs)
    again = random.Random(1)
    assert [composed_pair(SKILLS, again) for _ in range(400)] == pairs
