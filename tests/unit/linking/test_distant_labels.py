import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.domain import Occupation, Skill
from metier.errors import InputError, ServiceError
from metier.linking.distant_labels import choose, distant_label
from metier.linking.label_search import LabelSearch
from metier.taxonomy.concept_search import FoundConcept
from metier.taxonomy.facts import Facts, Group
from metier.taxonomy.taxonomy import Taxonomy


def concept(title, kind="skill", group="S1"):
    return FoundConcept(f"u:{title}", title, kind, group)


class FakeSearch:
    """Finds the same for every text."""

    def __init__(self, *found):
        self.found = list(found)
        self.asked = []

    def search(self, text, *, language, limit):
        self.asked.append((text, language, limit))
        return self.found


def label(span, *found, kind="skill"):
    return distant_label(span, kind=kind, search=FakeSearch(*found), language="en")


def test_nothing_found_is_k99_without_a_concept():
    assert (label("2LOD").code, label("2LOD").concept) == ("K99", None)


def test_the_first_title_that_contains_the_span_is_taken():
    found = label("Team", concept("tear"), concept("lead a TEAM", group="S4"), concept("team", group="S8"))
    assert (found.code, found.contains) == ("S4", True)


def test_else_the_title_that_is_the_fewest_edits_away_and_of_ties_the_first():
    # "teams" -> "tear": 2 edits, "tea mx": 3, "beams": 1, "reams": 1
    found = label("teams", concept("tear"), concept("beams", group="S2"), concept("reams", group="S3"))
    assert (found.code, found.contains) == ("S2", False)


def test_a_kind_is_kept_to_where_it_was_found():
    both = [concept("sql", kind="skill", group="S5"), concept("sql language", kind="knowledge", group="K06")]
    assert label("sql", *both, kind="knowledge").code == "K06"
    assert label("sql", *both, kind="skill").code == "S5"
    assert label("sql", *both, kind=None).code == "S5"
    assert label("sql", both[0], kind="knowledge").code == "S5"  # none of its kind: any


def test_0000_is_passed_over_unless_there_is_nothing_else():
    nothing = concept("cook", group="0000")
    assert label("cook", nothing, concept("cook meals", group="S6")).code == "S6"
    assert label("cook", nothing).code == "0000"


def test_a_concept_without_a_group_gives_k99():
    found = label("cook", concept("cook", group=""))
    assert (found.code, found.concept.title) == ("K99", "cook")


def test_punctuation_at_the_end_is_no_part_of_the_span():
    search = FakeSearch(concept("bake bread"))
    assert distant_label("Bake ( bread ).,;:", kind=None, search=search, language="da").code == "S1"
    assert search.asked == [("Bake ( bread", "da", 100)]


@pytest.mark.parametrize("span", ["", " ", "...", "( )", "👍", "—"])
def test_a_span_without_a_letter_or_digit_is_not_looked_up(span):
    search = FakeSearch(concept("bake bread"))
    assert distant_label(span, kind="skill", search=search, language="en").code == "K99"
    assert search.asked == []


def test_a_failed_search_is_an_error_and_no_label():
    class Broken:
        def search(self, text, *, language, limit):
            raise ServiceError("down")

    with pytest.raises(ServiceError):
        distant_label("bread", kind="skill", search=Broken(), language="en")


CONCEPTS = st.builds(
    concept,
    st.text("abc ", min_size=1, max_size=6),
    kind=st.sampled_from(["skill", "knowledge", None]),
    group=st.sampled_from(["S1", "K06", "0000", ""]),
)


@given(st.text("abc .", max_size=6), st.lists(CONCEPTS, max_size=6), st.sampled_from(["skill", "knowledge", None]))
def test_the_concept_is_one_of_the_found_and_gives_the_code(span, found, kind):
    chosen = choose(span, found, kind=kind)
    assert (chosen.concept in found) if found else chosen.concept is None
    assert chosen.code == ((chosen.concept.group or "K99") if chosen.concept else "K99")


TAXONOMY = Taxonomy(
    Facts(
        name="Own",
        version="1",
        languages=("en", "fr", "da"),
        skills=(
            Skill("s0", "bake bread", ("prepare loaves",), kind="skill"),
            Skill("s1", "bakery products", (), kind="knowledge"),
            Skill("s2", "manage a team", ("team leading",), kind="skill"),
        ),
        occupations=(Occupation("o0", "baker", isco="7512"),),
        groups=(Group("g0", "food", code="S6.1"), Group("g1", "trade", code="K0416"), Group("g2", "self", code="T3")),
        parents=((4,), (5,), (6,), (), (), (), ()),
        translations={
            "fr": (("cuire le pain",), (), ("diriger une équipe",), ("boulanger",)),
            "da": ((), (), (), ("bager",)),
        },
    )
)


def test_labels_are_searched_by_stems_and_alternatives():
    search = LabelSearch(TAXONOMY)
    found = search.search("Baking the loaf and loaves", language="en", limit=100)
    assert [(one.title, one.kind, one.group) for one in found] == [("bake bread", "skill", "S6")]


def test_groups_are_the_classes_of_kompetencer():
    search = LabelSearch(TAXONOMY)
    assert [one.group for one in search.search("product", language="en", limit=9)] == ["K04"]
    assert [one.group for one in search.search("team", language="en", limit=9)] == ["A1"]


def test_another_language_is_searched_by_its_own_labels():
    found = LabelSearch(TAXONOMY).search("équipe", language="fr", limit=9)
    assert [(one.uri, one.title) for one in found] == [("s2", "diriger une équipe")]


def test_the_limit_and_a_text_that_nothing_shares():
    search = LabelSearch(TAXONOMY)
    assert len(search.search("bake bakery team", language="en", limit=2)) == 2
    assert search.search("the quantum 👍", language="en", limit=9) == []
    assert search.search("", language="en", limit=9) == []


@pytest.mark.parametrize("language", ["da", "xx"])
def test_a_language_without_labels_of_skills_is_refused(language):
    with pytest.raises(InputError, match=f"no labels of skills in '{language}'"):
        LabelSearch(TAXONOMY).search("bage", language=language, limit=9)


def test_an_empty_taxonomy_has_nothing_to_search():
    empty = Taxonomy(Facts(name="None", version="1", languages=("en",), skills=()))
    with pytest.raises(InputError, match="no labels"):
        LabelSearch(empty).search("bread", language="en", limit=9)
