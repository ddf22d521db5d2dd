import random
from collections import Counter

import pytest

from metier.domain import Occupation, Skill
from metier.errors import ConfigError
from metier.taxonomy.facts import Facts
from metier.taxonomy.taxonomy import Taxonomy
from metier.training.relation_pairs import GROUPED, LINKED, RANDOM, RelationTexts

SKILLS = tuple(Skill(f"s{n}", f"skill{n}") for n in range(8))
# four occupations in two sub-major groups (25 and 53); skill 7 is everybody's
CODES, NEEDS = ("2511", "2512", "5311", "5312"), ((0, 1, 7), (2, 7), (3, 4, 7), (5, 6, 7))


def taxonomy(language="en", codes=CODES):
    facts = Facts(
        name="Own",
        version="1",
        languages=(language,),
        skills=tuple(Skill(skill.uri, f"{language}-{skill.label}") for skill in SKILLS),
        occupations=tuple(
            Occupation(f"o{n}", f"{language}-job{n}", (f"{language}-post{n}",), isco=code)
            for n, code in enumerate(codes)
        ),
        parents=((),) * (len(SKILLS) + len(codes)),
        essential=tuple(needs[:2] for needs in NEEDS),
        optional=tuple(needs[2:] for needs in NEEDS),
    )
    return Taxonomy(facts, descriptions={"o0": "writes programs"})


def owners(text):
    """The occupations that a text belongs to, read off its name."""
    name = text.split()[0].split("-")[1]
    if name.startswith("skill"):
        return {n for n, needs in enumerate(NEEDS) if int(name.removeprefix("skill")) in needs}
    return {int(name.removeprefix("job").removeprefix("post"))}


def test_every_pair_is_what_its_relation_says():
    texts = RelationTexts([taxonomy("en"), taxonomy("fr")])
    draw = random.Random(1)
    pairs = [texts.draw(draw) for _ in range(600)]
    for pair in pairs:
        assert pair.first != pair.second
        first, second = owners(pair.first), owners(pair.second)
        groups = [{CODES[n][:2] for n in some} for some in (first, second)]
        if pair.relation == LINKED:
            assert first & second
        else:
            assert not first & second
            assert bool(groups[0] & groups[1]) == (pair.relation == GROUPED)
    counts = Counter(pair.relation for pair in pairs)
    assert all(counts[relation] > 120 for relation in (RANDOM, LINKED, GROUPED))


def test_languages_are_drawn_alike_and_cross():
    texts = RelationTexts([taxonomy("en"), taxonomy("fr")])
    draw = random.Random(2)
    pairs = [texts.draw(draw) for _ in range(400)]
    languages = Counter((pair.first[:2], pair.second[:2]) for pair in pairs)
    assert all(languages[a, b] > 60 for a in ("en", "fr") for b in ("en", "fr"))  # 100 each expected


def test_descriptions_stand_behind_labels():
    draw = random.Random(3)
    drawn = RelationTexts([taxonomy()])
    seen = {text for pair in (drawn.draw(draw) for _ in range(300)) for text in (pair.first, pair.second)}
    assert {"en-job0 writes programs", "en-post0 writes programs", "en-job1"} <= seen


@pytest.mark.parametrize("codes", [("2511", "2512", "2513", "2514"), ("2511", "3511", "4511", "5311")])
def test_groups_that_allow_no_pairs_are_refused(codes):
    with pytest.raises(ConfigError, match="two ISCO groups, and two of one group"):
        RelationTexts([taxonomy(codes=codes)])
