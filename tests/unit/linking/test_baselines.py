import pytest

from metier.artifacts import read_artifact
from metier.domain import Mention, Skill, Span
from metier.errors import DamagedModel, TaxonomyMismatch
from metier.linking.baselines import LexicalLinker, bi_encoder_alone
from metier.linking.concepts import read_lexical
from metier.linking.lexical import LexicalIndex
from metier.linking.linker import ConceptLinker
from metier.taxonomy.facts import Facts
from metier.taxonomy.taxonomy import Taxonomy

SKILLS = (
    Skill("s0", "manage a team", ("lead people",)),
    Skill("s1", "manage staff"),
    Skill("s2", "écrire du code", ("coder en équipe",)),
    Skill("s3", "C++"),
)


def lexical(**options):
    return LexicalLinker(SKILLS, LexicalIndex.build(SKILLS), version="words@0", **options)


def link(linker, text):
    return linker.link([text], [[Mention(Span(0, len(text)), text, "skill", 1.0)]])[0][0]


def test_lexical_linker_gives_the_skill_that_shares_most_words():
    found = link(lexical(), "manage the whole team")
    assert found.concept == SKILLS[0]
    assert [candidate.concept.uri for candidate in found.candidates] == ["s0", "s1"]  # the others share no word
    assert found.probability == found.candidates[0].probability > found.candidates[1].probability > 0


def test_any_label_of_a_skill_counts_and_the_same_words_have_a_cosine_of_one():
    for text in ("lead people", "People lead", "coder en équipe", "C++"):
        assert link(lexical(), text).probability == pytest.approx(1, abs=1e-3)  # weights are held in sixteen bits


@pytest.mark.parametrize("text", ["", "bake bread", "🙂", "!!!"])
def test_lexical_linker_gives_none_when_no_word_is_known(text):
    found = link(lexical(), text)
    assert (found.concept, found.probability, found.candidates) == (None, 0.0, ())
    assert lexical().rank([text], k=3) == [[]]


def test_exact_linker_gives_none_unless_a_label_has_the_very_words():
    assert link(lexical(exact=True), "Lead PEOPLE").concept == SKILLS[0]
    assert link(lexical(exact=True), "manage the whole team").concept is None
    assert lexical(exact=True).rank(["manage staff", "staff"], k=5)[1] == []


def test_texts_are_ranked_in_order_and_no_deeper_than_asked():
    [tied] = lexical().rank(["manage"], k=5)
    assert [candidate.concept.uri for candidate in tied] == ["s0", "s1"]  # equally near: taxonomy order
    first, second, third = lexical().rank(["manage", "lead a team", ""], k=1)
    assert [candidate.concept.uri for candidate in first] == ["s0"]
    assert [candidate.concept.uri for candidate in second] == ["s0"]
    assert third == []
    assert lexical().rank([], k=5) == lexical().link([], []) == []


def test_an_index_of_other_skills_is_refused():
    with pytest.raises(TaxonomyMismatch, match="has 4 skills, and 1 were given"):
        LexicalLinker(SKILLS[:1], LexicalIndex.build(SKILLS), version="words@0")


def test_lexical_forms_are_read_without_the_encoder(tiny_linker):
    _, taxonomy = tiny_linker
    skills = Taxonomy.load(taxonomy).skills
    linker = LexicalLinker(skills, read_lexical(read_artifact(taxonomy, kind="taxonomy")), version="words@0")
    assert link(linker, "bake bread").concept.label == "bake bread"


def test_a_taxonomy_without_an_index_has_no_lexical_forms(tmp_path):
    facts = Facts(name="Own", version="1", languages=("en",), skills=SKILLS, parents=((),) * len(SKILLS))
    Taxonomy(facts).save(tmp_path / "bare")
    with pytest.raises(DamagedModel, match="vectors"):
        read_lexical(read_artifact(tmp_path / "bare", kind="taxonomy"))


def test_bi_encoder_alone_ranks_by_cosine_and_never_abstains(tiny_linker):
    folder, taxonomy = tiny_linker
    skills = Taxonomy.load(taxonomy).skills
    linker = ConceptLinker.load(folder, skills=skills, taxonomy=taxonomy, threads=1, min_precision=1.0)
    alone = bi_encoder_alone(linker, skills)
    mentions = ["bake bread", "zzz"]
    for text, evidence in zip(mentions, linker.mention_evidence(mentions), strict=True):
        found = link(alone, text)
        by_cosine = [skills[row].uri for row in (-evidence.dense).argsort(kind="stable")]
        assert [candidate.concept.uri for candidate in found.candidates] == by_cosine
        assert found.concept is not None
        assert link(linker, text).concept is None
    assert alone.version == f"bi-encoder of {linker.version}"
