"""The taxonomy as an object, on a release small enough to check by eye."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.artifacts import read_artifact
from metier.domain import Occupation, Skill
from metier.errors import DamagedModel, InputError, ModelError, UnknownModel
from metier.taxonomy.facts import Facts, Group, facts_from_json, facts_to_json
from metier.taxonomy.taxonomy import Taxonomy, label_key

# Rows: 0 python, 1 programming, 2 café, 3 rooted | 4 developer | 5 K, 6 K0613, 7 S, 8 S1, 9 S1.9, 10 2512
FACTS = Facts(
    name="Tiny",
    version="v1",
    languages=("en", "fr"),
    skills=(
        Skill("s:python", "Python", ("Python 3", "🐍"), kind="knowledge"),
        Skill("s:programming", "computer programming", ("coding",), kind="knowledge"),
        Skill("s:café", "run a Café", (), kind="skill"),
        Skill("s:rooted", "rooted", ("coding",), kind=None),
    ),
    occupations=(Occupation("o:developer", "developer", ("coder",), isco="2512"),),
    groups=(
        Group("g:K", "knowledge", code="K"),
        Group("g:0613", "software", code="K0613"),
        Group("g:S", "skills", code="S"),
        Group("g:S1", "communication", code="S1"),
        Group("g:S1.9", "serving", code="S1.9"),
        Group("i:2512", "Software developers", code="2512"),
    ),
    parents=((1,), (6, 5), (9,), (7,), (10,), (), (5,), (), (7,), (8,), ()),
    essential=((0, 1),),
    optional=((2,),),
    translations={"fr": (("Python",), ("programmation", "codage"), (), (), ("développeur",))},
)


@pytest.fixture
def tiny():
    return Taxonomy(FACTS, descriptions={"s:python": "A language."})


def test_concepts_are_skills_then_occupations(tiny):
    assert [c.uri for c in tiny.concepts] == [
        "s:python",
        "s:programming",
        "s:café",
        "s:rooted",
        "o:developer",
    ]


def test_concept_finds_skills_occupations_and_groups(tiny):
    assert tiny.concept("s:café") is FACTS.skills[2]
    assert tiny.concept("o:developer") is FACTS.occupations[0]
    assert tiny.concept("g:S1") is FACTS.groups[3]


def test_unknown_uri_is_an_error_that_names_it(tiny):
    with pytest.raises(InputError, match=r"Tiny v1 has no concept 's:perl'"):
        tiny.concept("s:perl")


def test_parents_keep_their_order(tiny):
    assert [p.uri for p in tiny.parents(FACTS.skills[1])] == ["g:0613", "g:K"]
    assert tiny.parents(FACTS.groups[0]) == ()


def test_group_is_the_first_level_of_the_nearest_group(tiny):
    # python -> programming -> K0613 (first of two); café -> S1.9, cut to S1; rooted -> the root S; developer -> ISCO
    assert [tiny.group(concept) for concept in tiny.concepts] == ["K0613", "K0613", "S1", "S", "2512"]
    assert tiny.group(FACTS.groups[4]) == "S1"


def test_code_is_that_of_the_nearest_group_in_full(tiny):
    assert [tiny.code(concept) for concept in tiny.concepts] == ["K0613", "K0613", "S1.9", "S", "2512"]


def test_group_labels_are_found_by_code(tiny):
    assert tiny.group_label("S1") == "communication"
    assert tiny.isco_label("2512") == "Software developers"
    assert tiny.isco_label("9999") == ""
    with pytest.raises(InputError, match="S9"):
        tiny.group_label("S9")


def test_with_label_ignores_case_white_space_and_the_form_of_accents(tiny):
    decomposed = "run a Cafe\N{COMBINING ACUTE ACCENT}"
    assert tiny.with_label("  PYTHON\t3 ") == (FACTS.skills[0],)
    assert tiny.with_label(decomposed) == (FACTS.skills[2],)
    assert tiny.with_label("🐍") == (FACTS.skills[0],)


def test_with_label_gives_ties_in_order_and_nothing_for_no_label(tiny):
    assert tiny.with_label("coding") == (FACTS.skills[1], FACTS.skills[3])
    assert tiny.with_label("cod") == ()
    assert tiny.with_label("") == ()


def test_a_concept_with_two_labels_that_differ_in_case_is_found_once():
    skill = Skill("s", "Excel", ("excel",))
    taxonomy = Taxonomy(Facts(name="n", version="v", languages=("en",), skills=(skill,), parents=((),)))
    assert taxonomy.with_label("EXCEL") == (skill,)


def test_skills_of_an_occupation(tiny):
    developer = FACTS.occupations[0]
    assert [s.uri for s in tiny.essential_skills(developer)] == ["s:python", "s:programming"]
    assert [s.uri for s in tiny.optional_skills(developer)] == ["s:café"]


def test_labels_in_another_language(tiny):
    assert tiny.label(FACTS.skills[1], "fr") == "programmation"
    assert tiny.all_labels(FACTS.skills[1], "fr") == ("programmation", "codage")
    assert tiny.all_labels(FACTS.skills[0], "en") == ("Python", "Python 3", "🐍")
    assert tiny.label(FACTS.skills[2], "fr") is None
    with pytest.raises(InputError, match=r"built in en, fr, not in 'de'"):
        tiny.label(FACTS.skills[0], "de")


def test_saving_and_loading_changes_nothing_but_the_descriptions(tiny, tmp_path):
    tiny.save(tmp_path / "tiny")
    loaded = Taxonomy.load(tmp_path / "tiny")
    assert loaded.sha256 == tiny.sha256
    assert (loaded.name, loaded.version, loaded.languages) == ("Tiny", "v1", ("en", "fr"))
    assert loaded.concepts == tiny.concepts
    assert loaded.groups == tiny.groups
    for concept in tiny.concepts:
        assert loaded.parents(concept) == tiny.parents(concept)
        assert loaded.group(concept) == tiny.group(concept)
        assert loaded.all_labels(concept, "fr") == tiny.all_labels(concept, "fr")
    assert loaded.essential_skills(FACTS.occupations[0]) == tiny.essential_skills(FACTS.occupations[0])
    assert loaded.optional_skills(FACTS.occupations[0]) == tiny.optional_skills(FACTS.occupations[0])
    assert (tiny.description(FACTS.skills[0]), loaded.description(FACTS.skills[0])) == ("A language.", "")


def test_no_description_reaches_the_disk(tiny, tmp_path):
    tiny.save(tmp_path / "tiny")
    for path in (tmp_path / "tiny").iterdir():
        content = path.read_bytes()
        assert b"A language." not in (gzip.decompress(content) if path.suffix == ".gz" else content)


def test_equal_facts_are_saved_as_equal_bytes(tiny, tmp_path):
    tiny.save(tmp_path / "one")
    Taxonomy.load(tmp_path / "one").save(tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert (tmp_path / "two" / path.name).read_bytes() == path.read_bytes()


def test_extra_files_and_settings_are_kept_and_leave_the_hash_alone(tiny, tmp_path):
    tiny.save(tmp_path / "tiny", extra_files={"vectors.npz": b"123"}, extra_settings={"dim": 3})
    artifact = read_artifact(tmp_path / "tiny", kind="taxonomy")
    assert artifact.path("vectors.npz").read_bytes() == b"123"
    assert artifact.settings["dim"] == 3
    assert artifact.settings["sha256"] == Taxonomy.load(tmp_path / "tiny").sha256 == tiny.sha256


@pytest.mark.parametrize(
    "change",
    [
        {"version": "v2"},
        {"skills": (Skill("s:python", "Pythons"), *FACTS.skills[1:])},
        {"parents": ((), *FACTS.parents[1:])},
        {"essential": ((0,),)},
        {"translations": {}},
    ],
)
def test_the_hash_changes_with_any_fact(tiny, change):
    columns = {name: getattr(FACTS, name) for name in Facts.__slots__}
    assert Taxonomy(Facts(**(columns | change))).sha256 != tiny.sha256


def test_a_changed_facts_file_is_refused(tiny, tmp_path):
    tiny.save(tmp_path / "tiny")
    (tmp_path / "tiny" / "facts.json.gz").write_bytes(gzip.compress(b"{}"))
    with pytest.raises(DamagedModel, match=r"facts\.json\.gz is not the file that was saved"):
        Taxonomy.load(tmp_path / "tiny")


def test_a_folder_of_another_kind_and_no_folder_are_refused(tmp_path):
    with pytest.raises(UnknownModel):
        Taxonomy.load(tmp_path / "none")
    config = {"kind": "tagger", "format": 1, "metier": "0", "sha256": "0", "settings": {}, "files": {}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="is a tagger, and a taxonomy was expected"):
        Taxonomy.load(tmp_path)


def test_only_a_taxonomy_named_esco_carries_its_attribution(tiny, tmp_path):
    attribution = "This service uses the ESCO classification of the European Commission."
    tiny.save(tmp_path / "tiny")
    Taxonomy(Facts(name="ESCO", version="v1.1.1", languages=("en",), skills=())).save(tmp_path / "esco")
    assert attribution not in (tmp_path / "tiny" / "README.md").read_text()
    card = (tmp_path / "esco" / "README.md").read_text()
    assert attribution in card
    assert "2011/833/EU" in card


def test_an_empty_taxonomy_works(tmp_path):
    empty = Taxonomy(Facts(name="None", version="0", languages=("en",), skills=()))
    empty.save(tmp_path / "empty")
    loaded = Taxonomy.load(tmp_path / "empty")
    assert loaded.concepts == loaded.with_label("python") == ()


_LABEL = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1)


@given(st.lists(st.tuples(_LABEL, st.lists(_LABEL), st.sampled_from([None, "skill", "knowledge"]))))
def test_any_labels_survive_the_json_form(rows):
    skills = tuple(
        Skill(f"s{number}", label, tuple(others), kind=kind) for number, (label, others, kind) in enumerate(rows)
    )
    facts = Facts(name="é", version="", languages=("en",), skills=skills, parents=((),) * len(skills))
    assert facts_from_json(facts_to_json(facts)) == facts
    taxonomy = Taxonomy(facts)
    for skill in skills:
        for label in (skill.label, *skill.alternatives):
            assert skill in taxonomy.with_label(f" {label} ")


@given(st.text())
def test_label_key_is_its_own_key(text):
    assert label_key(label_key(text)) == label_key(text)
