import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.artifacts import write_artifact
from metier.data.text_lists import given_list
from metier.domain import Candidate, Link, Occupation, Skill
from metier.errors import InputError
from metier.pipelines import link as pipeline
from metier.pipelines.link import NOTHING, Meaning, OccupationMeanings, SkillMeanings, link_rows, load_list_linking
from metier.pipelines.link_columns import LinkColumns, kept_names, readable
from metier.taxonomy.facts import Facts, Group
from metier.taxonomy.taxonomy import Taxonomy

SKILLS = (Skill("s0", "SQL"), Skill("s1", "care for wounds"))
NURSE = Occupation("o0", "nurse", isco="2221")
TAXONOMY = Taxonomy(
    Facts(
        name="Own",
        version="1",
        languages=("en", "fr"),
        skills=SKILLS,
        occupations=(NURSE,),
        groups=(
            Group("g0", "information", code="S2"),
            Group("g1", "finding", code="S2.7.1"),
            Group("g2", "Health", code="22"),
        ),
        parents=((4,), (), (), (), (3,), ()),
        translations={"fr": (("SQL", "langage SQL"), (), ("infirmier",))},
    )
)


class EchoLinker:
    """Links each text to a skill of its name, and keeps what it was asked."""

    version = "echo@0"

    def __init__(self):
        self.asked = []

    def link(self, texts, mentions):
        assert [[mention.text] for (mention,) in mentions] == [[text] for text in texts]
        self.asked += texts
        return [[self._link(mention)] for (mention,) in mentions]

    def _link(self, mention):
        found = tuple(Candidate(Skill(mention.text, mention.text), probability) for probability in (0.8, 0.1, 0.05))
        return Link(mention, found[0].concept, 0.8, found)


class FixedRanker:
    version = "fixed@0"
    least_probability = 0.5

    def __init__(self, *ranked):
        self.ranked = list(ranked)

    def rank(self, titles, *, k):
        return [self.ranked[:k] for _ in titles]


@given(st.lists(st.text(max_size=6), max_size=30))
def test_every_text_gets_the_meaning_that_it_has_alone(entries):
    meanings = SkillMeanings(EchoLinker(), n_candidates=2)
    rows = list(given_list(entries).rows)
    found = list(link_rows(rows, meanings=meanings))
    assert [row for row, _ in found] == rows
    for row, meaning in found:
        ((_, alone),) = link_rows([row], meanings=meanings)
        assert meaning == alone


def test_each_different_text_is_looked_up_once_whatever_its_case(monkeypatch):
    monkeypatch.setattr(pipeline, "ROWS_PER_CALL", 3)
    linker = EchoLinker()
    rows = given_list(["SQL", "sql", "Wound  Care", "wound care", "SQL", "APIs", "apis"]).rows
    found = [meaning.concept.uri for _, meaning in link_rows(rows, meanings=SkillMeanings(linker))]
    assert linker.asked == ["sql", "wound care", "APIs", "apis"]  # the plural of an acronym is told by its case
    assert found == ["sql", "sql", "wound care", "wound care", "sql", "APIs", "apis"]


def test_what_was_forgotten_is_looked_up_again(monkeypatch):
    monkeypatch.setattr(pipeline, "ROWS_PER_CALL", 1)
    monkeypatch.setattr(pipeline, "_MOST_REMEMBERED", 1)
    linker = EchoLinker()
    rows = given_list(["a", "b", "a", "c"]).rows
    assert [meaning.concept.uri for _, meaning in link_rows(rows, meanings=SkillMeanings(linker))] == list("abac")
    assert linker.asked == ["a", "b", "a", "c"]


def test_no_row_and_no_text_ask_nothing():
    linker = EchoLinker()
    assert list(link_rows([], meanings=SkillMeanings(linker))) == []
    assert linker.asked == []


def test_only_the_candidates_that_are_asked_for_are_kept():
    [meaning] = SkillMeanings(EchoLinker(), n_candidates=2).of(["sql"])
    assert [candidate.probability for candidate in meaning.candidates] == [0.8, 0.1]
    [meaning] = SkillMeanings(EchoLinker()).of(["sql"])
    assert meaning == Meaning(Skill("sql", "sql"), 0.8)


def test_an_improbable_occupation_is_a_candidate_only():
    best = Candidate(NURSE, 0.4)
    assert OccupationMeanings(FixedRanker(best), n_candidates=1).of(["x"]) == [Meaning(None, 0.4, (best,))]
    assert OccupationMeanings(FixedRanker(Candidate(NURSE, 0.5))).of(["x"]) == [Meaning(NURSE, 0.5)]
    assert OccupationMeanings(FixedRanker()).of(["x"]) == [Meaning(None, 0.0)]
    assert OccupationMeanings(FixedRanker()).key("Senior Nurse (m/f/d)") == "Nurse"


def test_columns_of_a_skill():
    shown = LinkColumns(taxonomy=TAXONOMY)
    assert shown(Meaning(SKILLS[0], 0.123456)) == {
        "uri": "s0",
        "label": "SQL",
        "code": "S2.7.1",
        "group": "S2",
        "group_label": "information",
        "probability": 0.1235,
    }
    assert shown(Meaning(SKILLS[1], 1.0)) == {
        "uri": "s1",
        "label": "care for wounds",
        **dict.fromkeys(["code", "group", "group_label"]),  # nothing stands above it
        "probability": 1.0,
    }
    assert shown(NOTHING) == dict.fromkeys(shown.types)


@pytest.mark.parametrize(("level", "group", "label"), [(None, "2221", None), (1, "2", None), (2, "22", "Health")])
def test_occupations_are_rolled_up(level, group, label):
    row = LinkColumns(taxonomy=TAXONOMY, isco_level=level)(Meaning(NURSE, 0.5))
    assert (row["code"], row["group"], row["group_label"]) == ("2221", group, label)


def test_every_row_has_the_columns_that_were_told():
    for language in (None, "fr"):
        for n_candidates in (0, 2):
            shown = LinkColumns(taxonomy=TAXONOMY, label_language=language, n_candidates=n_candidates)
            for meaning in (NOTHING, Meaning(SKILLS[0], 0.5, (Candidate(SKILLS[1], 0.5),))):
                assert list(shown(meaning)) == list(shown.types)


def test_labels_are_in_the_language_or_say_in_which():
    shown = LinkColumns(taxonomy=TAXONOMY, label_language="fr", n_candidates=1)
    nurse, wounds = shown(Meaning(NURSE, 0.5)), shown(Meaning(SKILLS[1], 0.5, (Candidate(SKILLS[1], 0.5),)))
    assert (nurse["label"], nurse["label_language"]) == ("infirmier", "fr")
    assert (wounds["label"], wounds["label_language"]) == ("care for wounds", "en")
    assert readable(wounds["candidates"], language="fr") == "care for wounds [en] (0.50)"
    with pytest.raises(InputError, match="was built in en, fr, not in 'de'"):
        LinkColumns(taxonomy=TAXONOMY, label_language="de")


def test_candidates_for_people():
    found = [{"label": "SQL", "probability": 0.814}, {"label": "Java", "probability": 0.05}]
    assert readable(found, language=None) == "SQL (0.81); Java (0.05)"
    assert readable([], language="fr") == ""


@given(st.lists(st.sampled_from(["label", "LABEL", "input_label", "id", ""]), unique=True))
def test_no_column_is_lost(given_names):
    names = kept_names(given_names, ["label", "uri"])
    assert list(names) == given_names
    assert len({name.casefold() for name in names.values()} - {"label", "uri"}) == len(given_names)


def test_a_linker_says_which_languages_it_reads(tiny_linker, tmp_path):
    linker, taxonomy = tiny_linker
    with pytest.raises(InputError, match=r"reads en, not 'fr'; name one"):
        load_list_linking(linker=linker, taxonomy=taxonomy, language="fr")
    config = json.loads((linker / "config.json").read_text())
    files = {str(path.relative_to(linker)): path.read_bytes() for path in linker.rglob("*") if path.is_file()}
    settings = {**config["settings"], "languages": ["en", "fr"]}
    write_artifact(tmp_path / "both", kind="linker", settings=settings, files=files)
    linking = load_list_linking(linker=tmp_path / "both", taxonomy=taxonomy, language="fr", n_candidates=1)
    ((_, meaning),) = link_rows(given_list(["SQL"]).rows, meanings=linking.meanings)
    assert meaning.candidates[0].concept.label == "SQL"


@pytest.mark.models
@pytest.mark.slow
def test_case_changes_nothing_that_the_shipped_linker_says():
    meanings = load_list_linking(n_candidates=3).meanings
    written = ["Project Planning", "SQL", "REST API", "Team.Work", "CI/CD", "ÉCRIRE", "C++/C#", "Straße", "ÇA VA"]
    assert meanings.of(written) == meanings.of([text.lower() for text in written])
