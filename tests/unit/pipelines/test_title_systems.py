import numpy as np
import pytest

from metier.artifacts import write_artifact
from metier.data.title_pairs import TitlePair
from metier.errors import ConfigError, UnknownModel
from metier.pipelines.title_systems import (
    KINDS,
    RandomTitles,
    SystemName,
    TitleTask,
    build_space,
    build_system,
    parse_system,
    system_version,
)
from metier.titles.word_vectors import WordVectors

TRAIN = [
    TitlePair("1", "Baker", "bread and dough", "en", "board_en"),
    TitlePair("2", "Nurse", "patients and wards", "en", "board_en"),
]
TASK = TitleTask(titles=["baker", "nurse", "pilot"], train=TRAIN)


@pytest.fixture
def words_folder(tmp_path):
    """A job2vec folder with word vectors only."""

    def write(**settings):
        vectors = WordVectors.from_floats(
            ["bread", "baker", "patients", "nurse"], np.array([(1, 0), (1, 0.1), (0, 1), (0.1, 1)], dtype=np.float32)
        )
        folder = tmp_path / "model"
        write_artifact(folder, kind="titles", settings=settings, files={"words.npz": vectors.to_bytes()})
        return folder

    return write


def test_system_is_parsed_into_name_kind_and_folder():
    parsed = parse_system("joaps=job2vec:runs/a=b:c")
    assert (parsed.name, parsed.kind, str(parsed.folder)) == ("joaps", "job2vec", "runs/a=b:c")
    assert parse_system("random") == SystemName("random", "random", None)
    assert parse_system("floor=random") == SystemName("floor", "random", None)


@pytest.mark.parametrize(("text", "message"), [("x=lstm:f", "no kind of title system 'lstm'"), ("", "no kind")])
def test_unknown_kind_is_a_config_error_that_lists_the_kinds(text, message):
    with pytest.raises(ConfigError, match=message) as caught:
        parse_system(text)
    assert all(kind in str(caught.value) for kind in KINDS)


def test_folder_that_is_left_out_is_a_config_error():
    with pytest.raises(ConfigError, match="names no folder"):
        parse_system("joaps=job2vec")


def test_random_titles_are_different_and_the_seed_decides():
    titles = [f"title {number}" for number in range(40)]
    drawn = RandomTitles(titles, seed=1).predict(["a", "b", "a"], k=10)
    assert drawn[0] == drawn[2] != drawn[1]
    assert len({suggestion.title for suggestion in drawn[0]}) == 10
    assert RandomTitles(titles, seed=2).predict(["a"], k=10)[0] != drawn[0]
    assert len(RandomTitles(titles[:3], seed=1).predict(["a"], k=10)[0]) == 3
    assert RandomTitles([], seed=1).predict(["a"], k=10) == [[]]


def test_tf_idf_suggests_the_title_of_the_nearest_training_description():
    system = build_system(parse_system("tf-idf"), TASK)
    assert [suggestion.title for suggestion in system.predict(["dough bread"], k=1)[0]] == ["baker"]
    nothing, _ = system.predict(["🚀", "wards"], k=3)
    assert nothing == []


def test_word_sum_takes_the_vectors_of_a_job2vec_folder(words_folder):
    system = build_system(parse_system(f"sum=word-sum:{words_folder()}"), TASK)
    found = system.predict(["Patients!", "bread"], k=1)
    assert [suggestions[0].title for suggestions in found] == ["nurse", "baker"]


def test_model_that_was_trained_on_all_pairs_is_refused(words_folder):
    name = parse_system(f"sum=word-sum:{words_folder(training={'all_pairs': True})}")
    with pytest.raises(ConfigError, match="trained on dev and test"):
        build_system(name, TASK)


def test_model_of_other_languages_is_refused(words_folder):
    name = parse_system(f"sum=word-sum:{words_folder(languages=['en', 'fr'])}")
    with pytest.raises(ConfigError, match="en, fr, and these are in en;"):
        build_system(name, TitleTask(titles=["baker"], train=TRAIN, languages=["en"]))
    build_system(name, TitleTask(titles=["baker"], train=TRAIN, languages=["fr", "en"]))


def test_folder_that_is_not_there_is_unknown(tmp_path):
    with pytest.raises(UnknownModel):
        build_system(parse_system(f"sum=word-sum:{tmp_path / 'none'}"), TASK)


def test_systems_without_title_vectors_have_no_space():
    with pytest.raises(ConfigError, match="no title vectors"):
        build_space(parse_system("tf-idf"))


def test_version_names_the_system_and_its_content(words_folder):
    assert system_version(parse_system("random")) == "random=random"
    folder = words_folder()
    assert system_version(parse_system(f"sum=word-sum:{folder}")).startswith("sum=word-sum:model@")
