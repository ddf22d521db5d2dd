"""Release folders in their variants, written here; none of ESCO's own text."""

import csv
import gzip
import io

import pytest

from metier.errors import InputError, MissingColumn
from metier.taxonomy.esco import read_esco

_HIERARCHY_HEADER = ",".join(
    [
        *(f"Level {level} {what}" for level in range(4) for what in ("URI", "preferred term")),
        "Description",
        "Scope note",
        *(f"Level {level} code" for level in range(4)),
    ]
)
FILES = {
    "skills_en": """conceptType,conceptUri,skillType,preferredLabel,altLabels,hiddenLabels,description
KnowledgeSkillCompetence,e/skill/1,knowledge,Rust ,"Rust
rust  language
rust  language

Rustlang",oxide,"Made up,
in two lines."
KnowledgeSkillCompetence,e/skill/2,skill/competence,brew café,,,
KnowledgeSkillCompetence,e/skill/3,,dream,,,
""",
    "occupations_en": """conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,description,code
Occupation,e/occupation/1,2512,rustacean,crab,Writes.,2512.1
Occupation,e/occupation/2,C5132,barista,,,5132.1
""",
    "skillGroups_en": """conceptType,conceptUri,preferredLabel,altLabels,description,code
SkillGroup,e/skill/T,transversal,,,T
SkillGroup,e/isced-f/06,computing,,,
SkillGroup,e/isced-f/0613,software,,,0613
""",
    "skillsHierarchy_en": _HIERARCHY_HEADER
    + """
e/skill/T,transversal,,,,,,,,,T
e/skill/S,skills,e/skill/S3,serving,e/skill/S3.1,serving drinks,,,,,S,S3,S3.1
""",
    "broaderRelationsSkillPillar": """conceptType,conceptUri,broaderType,broaderUri
SkillGroup,e/isced-f/0613,SkillGroup,e/isced-f/06
SkillGroup,e/skill/S3.1,SkillGroup,e/skill/S3
KnowledgeSkillCompetence,e/skill/1,SkillGroup,e/isced-f/0613
KnowledgeSkillCompetence,e/skill/2,SkillGroup,e/skill/S3.1
KnowledgeSkillCompetence,e/skill/3,SkillGroup,e/skill/T
KnowledgeSkillCompetence,e/skill/3,KnowledgeSkillCompetence,e/skill/gone
""",
    "broaderRelationsOccPillar": """conceptType,conceptUri,broaderType,broaderUri
Occupation,e/occupation/1,ISCOGroup,e/isco/C2512
""",
    "ISCOGroups_en": """conceptType,conceptUri,code,preferredLabel,description
ISCOGroup,e/isco/C2512,2512,Software developers,
""",
    "occupationSkillRelations": """occupationUri,relationType,skillType,skillUri
e/occupation/1,essential,knowledge,e/skill/1
e/occupation/1,optional,skill/competence,e/skill/3
e/occupation/1,optional,skill/competence,e/skill/2
e/occupation/gone,essential,knowledge,e/skill/1
""",
}


def write(folder, files, *, gz=False, bom=False):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        content = text.encode("utf-8-sig" if bom else "utf-8")
        path = folder / (f"{name}.csv.gz" if gz else f"{name}.csv")
        path.write_bytes(gzip.compress(content) if gz else content)
    return folder


def as_v12(name, text):
    """As v1.2 packages are: language in the name, label columns between the URI columns."""
    rows = list(csv.reader(io.StringIO(text)))
    if "Relations" not in name:
        return name, text
    out = io.StringIO()
    csv.writer(out).writerows(
        [[*row[:2], f"label {n}" if n else "conceptLabel", *row[2:]] for n, row in enumerate(rows)]
    )
    return f"{name}_en", out.getvalue()


@pytest.fixture
def release(tmp_path):
    return write(tmp_path / "ESCO dataset - v1.1.1 - classification - en - csv", FILES)


def test_concepts_come_in_file_order_with_their_facts(release):
    taxonomy = read_esco(release)
    assert [skill.label for skill in taxonomy.skills] == ["Rust", "brew café", "dream"]
    assert [skill.kind for skill in taxonomy.skills] == ["knowledge", "skill", None]
    assert [(job.label, job.isco) for job in taxonomy.occupations] == [("rustacean", "2512"), ("barista", "5132")]
    assert (taxonomy.name, taxonomy.version, taxonomy.languages) == ("ESCO", "v1.1.1", ("en",))


def test_alternatives_lose_repeats_white_space_and_the_label_itself(release):
    assert read_esco(release).skills[0].alternatives == ("rust language", "Rustlang")


def test_hidden_labels_are_no_labels(release):
    assert read_esco(release).with_label("oxide") == ()


def test_descriptions_are_at_hand_after_reading(release):
    taxonomy = read_esco(release)
    assert taxonomy.description(taxonomy.skills[0]) == "Made up,\nin two lines."
    assert taxonomy.description(taxonomy.skills[1]) == ""
    assert taxonomy.description(taxonomy.occupations[0]) == "Writes."


def test_groups_come_from_both_files_and_ragged_rows_are_read(release):
    taxonomy = read_esco(release)
    # S, S3 and S3.1 stand in the hierarchy only; the ISCED-F code is the end of the URI, whatever the code column says
    codes = ["T", "K06", "K0613", "S", "S3", "S3.1", "2512"]
    assert [group.code for group in taxonomy.groups] == codes
    assert [taxonomy.group(skill) for skill in taxonomy.skills] == ["K0613", "S3", "T"]
    assert taxonomy.group_label("S3") == "serving"
    assert taxonomy.isco_label("2512") == "Software developers"


def test_relations_resolve_in_release_order(release):
    taxonomy = read_esco(release)
    rustacean, barista = taxonomy.occupations
    assert [skill.uri for skill in taxonomy.essential_skills(rustacean)] == ["e/skill/1"]
    assert [skill.uri for skill in taxonomy.optional_skills(rustacean)] == ["e/skill/2", "e/skill/3"]
    assert taxonomy.essential_skills(barista) == ()
    assert [parent.uri for parent in taxonomy.parents(rustacean)] == ["e/isco/C2512"]


def test_relations_of_unknown_concepts_are_counted_in_the_notes(release):
    # broader: 6 rows + 1 row, one to e/skill/gone; occupation-skill: 4 rows, one from e/occupation/gone
    assert set(read_esco(release).notes) == {
        "1 of 7 broader relations name something that is not defined; left out.",
        "1 of 4 occupation-skill relations name something that is not defined; left out.",
    }


@pytest.mark.parametrize("gz", [False, True])
@pytest.mark.parametrize("bom", [False, True])
@pytest.mark.parametrize("v12", [False, True])
def test_every_variant_of_the_files_gives_the_same_facts(release, tmp_path, gz, bom, v12):
    files = dict(as_v12(name, text) for name, text in FILES.items()) if v12 else FILES
    other = write(tmp_path / "other", files, gz=gz, bom=bom)
    assert read_esco(other, version="v1.1.1").sha256 == read_esco(release).sha256


def test_version_is_the_argument_else_the_name_else_unknown(release, tmp_path):
    assert read_esco(release, version="v9").version == "v9"
    assert read_esco(write(tmp_path / "esco", FILES)).version == "unknown"
    assert read_esco(write(tmp_path / "ESCO_1.2.0", FILES)).version == "v1.2.0"


def test_official_files_in_another_language_are_read_alone(tmp_path):
    files = {name.replace("_en", "_fi"): text for name, text in FILES.items()}
    files["skills_fi"] = files["skills_fi"].replace("dream", "uneksia 🌙")
    taxonomy = read_esco(write(tmp_path / "fi", files), language="fi")
    assert taxonomy.languages == ("fi",)
    assert taxonomy.skills[2].label == "uneksia 🌙"
    assert taxonomy.skills[0].kind == "knowledge"


def test_official_rows_without_a_label_are_left_out_and_counted(tmp_path):
    files = FILES | {"skills_en": FILES["skills_en"].replace("dream", " ")}
    taxonomy = read_esco(write(tmp_path / "esco", files))
    assert len(taxonomy.skills) == 2
    assert "1 of 3 skills have no label; left out." in taxonomy.notes


ADAPTED = """conceptUri,preferredLabel,altLabels,description,source
e/skill/2,keittää kahvia,"keittää  kahvia
kahvinkeitto",,v1
e/skill/new,tuntematon,,,v1
"""


def test_a_file_of_labels_alone_is_joined_to_the_english_one(release):
    write(release, {"skills_fi": ADAPTED}, gz=True)
    taxonomy = read_esco(release, language="fi")
    assert [skill.label for skill in taxonomy.skills] == ["Rust", "keittää kahvia", "dream"]
    assert taxonomy.skills[1].alternatives == ("kahvinkeitto",)
    assert [skill.kind for skill in taxonomy.skills] == ["knowledge", "skill", None]
    assert taxonomy.group(taxonomy.skills[1]) == "S3"
    # 2 of the 3 English skills have no Finnish row; 1 Finnish row is of a skill that the English file lacks
    assert any(note.startswith("2 of 3 skills have no label in 'fi'") and "1 that" in note for note in taxonomy.notes)
    assert any(note.startswith("occupations, skillGroups") for note in taxonomy.notes)


def test_other_languages_are_kept_beside_the_first(release):
    write(release, {"skills_fi": ADAPTED})
    taxonomy = read_esco(release, other_languages=["fi", "en", "fi"])
    assert taxonomy.languages == ("en", "fi")
    assert taxonomy.all_labels(taxonomy.skills[1], "fi") == ("keittää kahvia", "kahvinkeitto")
    assert taxonomy.label(taxonomy.skills[0], "fi") is None
    assert taxonomy.label(taxonomy.occupations[0], "fi") is None


def test_another_language_without_any_file_is_an_error(release):
    with pytest.raises(InputError, match=r"no labels in 'xx'; expected skills_xx\.csv"):
        read_esco(release, other_languages=["xx"])


def test_a_missing_essential_file_is_named_with_all_that_are_expected(release):
    (release / "skillGroups_en.csv").unlink()
    with pytest.raises(InputError, match=r"lacks skillGroups_en\.csv; .*skills, occupations, skillGroups"):
        read_esco(release)


def test_an_empty_folder_or_language_names_the_skills_file(release, tmp_path):
    with pytest.raises(InputError, match=r"skills_en\.csv, occupations_en\.csv"):
        read_esco(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"lacks skills_xx\.csv"):
        read_esco(release, language="xx")


def test_a_missing_optional_file_is_noted(release):
    (release / "ISCOGroups_en.csv").unlink()
    taxonomy = read_esco(release)
    assert "the release has no ISCOGroups; what they state is left out." in taxonomy.notes
    assert taxonomy.isco_label("2512") == ""


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (
            b"conceptUri,label\na,b\n",
            MissingColumn,
            r"lacks the column preferredLabel; its columns are conceptUri, label",
        ),
        (b"", MissingColumn, "its columns are none"),
        ("conceptUri,preferredLabel\na,café\n".encode("latin-1"), InputError, "is not UTF-8"),
        (b'conceptUri,preferredLabel\na,"' + b"b" * 200_000 + b'"\n', InputError, "line 2, is not CSV"),
    ],
)
def test_an_unreadable_file_is_named(release, content, error, message):
    (release / "skills_en.csv").write_bytes(content)
    with pytest.raises(error, match=message) as caught:
        read_esco(release)
    assert "skills_en.csv" in str(caught.value)


@pytest.mark.parametrize("content", [b"plain", gzip.compress(b"conceptUri" * 99)[:-9]])
def test_a_damaged_gzip_file_is_named(release, content):
    (release / "skills_en.csv").unlink()
    (release / "skills_en.csv.gz").write_bytes(content)
    with pytest.raises(InputError, match=r"skills_en\.csv\.gz cannot be read"):
        read_esco(release)
