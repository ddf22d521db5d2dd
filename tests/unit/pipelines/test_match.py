"""People for projects: retrieval, ranking, reasons."""

import numpy as np
import pytest

from metier.domain import Between, Facts, Hit, Match, Profile, Project
from metier.errors import InputError
from metier.matching.skill_cover import SkillCover
from metier.pipelines.match import Matcher, encode_asked, match_profiles
from metier.pipelines.match_page import render_matches, write_matches

WORDS = ("react", "sql", "nurse")


class WordEncoder:
    """Counts three words."""

    version, dim = "words@0", 3

    def encode_profiles(self, documents):
        counts = np.array(
            [[" ".join(one.sections.values()).lower().count(word) for word in WORDS] for one in documents],
            dtype=np.float32,
        ).reshape(len(documents), 3)
        lengths = np.linalg.norm(counts, axis=1, keepdims=True)
        return np.divide(counts, lengths, out=np.zeros_like(counts), where=lengths > 0)

    encode_projects = encode_profiles


class SectionWordEncoder(WordEncoder):
    def sections(self, document):
        of = {
            name: self.encode_profiles([Profile("x", sections={name: text})])[0]
            for name, text in document.sections.items()
        }
        return {name: vector for name, vector in of.items() if vector.any()}


class RateRanker:
    """Prefers who costs least: the margin is the fifth feature."""

    version = "rate@0"

    def probabilities(self, features):
        return 1 / (1 + np.exp(-features[:, 4] / 100))


def person(id, text, **more):
    facts = Facts(day_rate=more.pop("day_rate", None))
    return Profile(id, sections={"title": text}, facts=facts, **more)


PEOPLE = [
    person("both", "React and SQL", day_rate=600.0, skills=("SQL",)),
    person("react", "react", day_rate=300.0, skills=("ReactJS",)),
    person("nurse", "nurse", day_rate=200.0),
    person("silent", ""),
    person("emoji", "🙂"),
]
PROJECT = Project("w", sections={"title": "React"}, skills=("React", "SQL"), facts=Facts(day_rate=500.0))


def matcher(people=PEOPLE, *, encoder=None, **more):
    return match_profiles(people, encoder=encoder or WordEncoder(), cover=SkillCover(), **more)


def test_matches_come_by_falling_similarity_with_their_skills():
    [found] = matcher().match([PROJECT], k=2)
    assert [(one.profile_id, one.shared, one.missing, one.probability, one.section) for one in found] == [
        ("react", ("React",), ("SQL",), None, None),
        ("both", ("SQL",), ("React",), None, None),
    ]
    # (1,0,0) . (1,1,0)/sqrt(2) = 0.7071
    assert [one.similarity for one in found] == pytest.approx([1.0, 0.7071], abs=1e-4)


def test_who_has_no_word_is_never_found():
    [found] = matcher().match([PROJECT], k=10)
    assert [one.profile_id for one in found] == ["react", "both", "nurse"]


def test_the_filter_holds_for_every_match():
    [found] = matcher().match([PROJECT], k=10, where=(Between("day_rate", None, 300),))
    assert [one.profile_id for one in found] == ["react", "nurse"]


def test_a_ranker_orders_more_hits_than_are_asked_for():
    [found] = matcher(ranker=None).match([PROJECT], k=1)
    assert found[0].profile_id == "react"
    ranked = Matcher(**{**_parts(matcher()), "ranker": RateRanker()})
    [found] = ranked.match([PROJECT], k=1)
    # margins: react 200, both -100, nurse 300; 1 / (1 + e^-3) = 0.9526
    assert found[0].profile_id == "nurse"
    assert found[0].probability == pytest.approx(0.9526, abs=1e-4)


def _parts(made):
    return {name: getattr(made, name) for name in Matcher.__dataclass_fields__}


def test_the_section_that_speaks_is_named_for_the_first_matches_only():
    people = [Profile("a", sections={"title": "nurse", "skills": "react"}), person("b", "react sql")]
    [found] = matcher(people, encoder=SectionWordEncoder()).match([PROJECT], k=2, n_explained=1)
    # both have the cosine 0.7071; ties are by id
    assert [(one.profile_id, one.section) for one in found] == [("a", "skills"), ("b", None)]


class QueryWordEncoder(WordEncoder):
    """Reads every short query as SQL."""

    reads_queries = True

    def encode_queries(self, texts):
        return np.tile(np.array([0, 1, 0], dtype=np.float32), (len(texts), 1))


def test_a_project_of_a_title_alone_is_a_short_query_where_the_encoder_reads_them():
    query = Project("q", sections={"title": "React"})
    encoder = QueryWordEncoder()
    assert encode_asked(encoder, [PROJECT, query]).tolist() == [[1, 0, 0], [0, 1, 0]]  # PROJECT has skills too
    assert encode_asked(encoder, [PROJECT]).tolist() == [[1, 0, 0]]
    encoder.reads_queries = False
    assert encode_asked(encoder, [query]).tolist() == [[1, 0, 0]]
    assert encode_asked(WordEncoder(), [query]).tolist() == [[1, 0, 0]]


def test_several_projects_keep_their_order_and_none_gives_none():
    projects = [PROJECT, Project("n", sections={"title": "nurse"})]
    found = matcher().match(projects, k=1)
    assert [[one.profile_id for one in some] for some in found] == [["react"], ["nurse"]]
    assert matcher().match([], k=1) == []
    assert matcher([]).match([PROJECT], k=1) == [[]]


def test_a_project_without_a_text_is_refused():
    with pytest.raises(InputError, match="The project 'x' has no text to compare; give it a title"):
        matcher().match([Project("x", sections={"title": " "})], k=1)


def test_who_is_in_the_index_and_no_longer_known_is_left_out():
    class Finder:
        def retrieve(self, projects, *, k, where=()):
            return [[Hit("gone", 0.9), Hit("react", 0.8)] for _ in projects]

    made = Matcher(
        finder=Finder(), profiles_of=lambda ids: [one for one in PEOPLE if one.id in ids], cover=SkillCover()
    )
    [found] = made.match([PROJECT], k=5)
    assert [one.profile_id for one in found] == ["react"]


MATCH = Match(
    "w", "react", probability=0.25, similarity=0.9, shared=("<b>React</b>",), missing=("SQL",), section="title"
)


def test_a_page_shows_every_match_and_escapes_it(tmp_path):
    people = {"react": person("react", "<script>alert(1)</script> é 🙂")}
    project = Project("<w>", sections={"title": "", "mission": "Relaunch & more"})
    write_matches(tmp_path / "page.html", [project, PROJECT], matches=[[MATCH], []], people=people)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<b>React" not in page
    for part in ("Relaunch &amp; more", "&lt;w&gt;", "é 🙂", "0.25", "0.90", '<li class="missing">SQL</li>', "Nobody"):
        assert part in page


def test_a_page_names_who_is_not_known_by_the_id_and_no_probability_by_a_dash():
    match = Match("w", "p9", probability=None, similarity=0.5)
    page = render_matches([PROJECT], matches=[[match]], people={})
    assert '<span class="person">p9</span>' in page
    assert "<td>–</td>" in page
