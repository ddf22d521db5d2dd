import gzip

import pytest

from metier.domain import Occupation, Skill
from metier.errors import InputError, MissingColumn
from metier.taxonomy.facts import Facts
from metier.taxonomy.parallel import ParallelText, parallel_split, read_parallel, release_languages
from metier.taxonomy.taxonomy import Taxonomy

FACTS = Facts(
    name="Own",
    version="1",
    languages=("en",),
    skills=(Skill("s1", "bake bread"), Skill("s2", "Rust")),
    occupations=(Occupation("o1", "baker", isco="7512"),),
    parents=((), (), ()),
)


@pytest.fixture
def release(tmp_path):
    skills = "conceptUri,preferredLabel,altLabels,description\ns2,Rust,,-\n"
    skills += 's1, cuire  du pain ,"boulanger\n\nà la 🙂",Cuire.\n'
    (tmp_path / "skills_fr.csv").write_text(f"{skills}gone,partir,,Parti.\n", encoding="utf-8")
    with gzip.open(tmp_path / "occupations_fr.csv.gz", "wt", encoding="utf-8") as stream:
        stream.write("conceptUri,preferredLabel\no1,boulanger\n")
    (tmp_path / "occupations_el.csv").write_text("conceptUri,preferredLabel\no1,αρτοποιός\no1,\n", encoding="utf-8")
    return tmp_path


def test_texts_come_by_language_and_file_with_the_row_of_their_concept(release):
    assert read_parallel(release, Taxonomy(FACTS), languages=["fr", "el", "sv"]) == [
        ParallelText("Rust", "fr", 1, "label"),
        ParallelText("cuire du pain", "fr", 0, "label"),
        ParallelText("boulanger", "fr", 0, "alternative"),
        ParallelText("à la 🙂", "fr", 0, "alternative"),
        ParallelText("Cuire.", "fr", 0, "description"),
        ParallelText("boulanger", "fr", 2, "label"),
        ParallelText("αρτοποιός", "el", 2, "label"),
    ]


def test_languages_are_those_of_the_files(release):
    assert release_languages(release) == ["el", "fr"]


def test_a_folder_without_a_release_is_refused(tmp_path):
    with pytest.raises(InputError, match="has no skills_XX"):
        release_languages(tmp_path)


def test_a_file_without_labels_is_refused(tmp_path):
    (tmp_path / "skills_fr.csv").write_text("conceptUri\ns1\n")
    with pytest.raises(MissingColumn, match="preferredLabel"):
        read_parallel(tmp_path, Taxonomy(FACTS), languages=["fr"])


def test_a_tenth_of_the_concepts_is_test_and_a_fiftieth_dev():
    splits = [parallel_split(f"http://example.org/{number}") for number in range(20_000)]
    # of 20,000 draws, five standard deviations are 212 and 99
    assert splits.count("test") == pytest.approx(2_000, abs=212)
    assert splits.count("dev") == pytest.approx(400, abs=99)
    assert parallel_split("http://example.org/7") == splits[7]
