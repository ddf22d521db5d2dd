import time

import numpy as np
import pytest
from matching_fakes import PROFILES, PROJECTS, WordEncoder

from metier.artifacts import write_artifact
from metier.domain import Facts, Profile, Project
from metier.errors import ModelError
from metier.matching.dense import DenseRetriever
from metier.matching.section_mean import SectionMean
from metier.matching.whole_document import WholeDocument


@pytest.fixture
def encoder_folder(tiny_runtime, tmp_path):
    files = {
        str(path.relative_to(tiny_runtime)): path.read_bytes() for path in tiny_runtime.rglob("*") if path.is_file()
    }
    write_artifact(tmp_path / "tiny", kind="encoder", settings={"encoder_sha256": "e" * 64}, files=files)
    return tmp_path / "tiny"


def _mean(encoder=None):
    return SectionMean(encoder or WordEncoder(), version="words@0")


def test_a_document_is_the_mean_of_its_sections():
    profile = Profile("a", {"title": "x y", "description": "", "family": "z z"}, facts=Facts(category="x"))
    sections = _mean().sections(profile)
    assert list(sections) == ["title", "family", "category"]  # without description and skills, which say nothing
    mean = sum(sections.values()) / 3
    np.testing.assert_allclose(_mean().encode_profiles([profile])[0], mean / np.linalg.norm(mean), atol=1e-6)


def test_a_whole_document_is_its_joined_text():
    project = Project("p", {"title": "x y", "mission": "z"}, ("s",), ("t",))
    found = WholeDocument(WordEncoder(), version="words@0").encode_projects([project])
    np.testing.assert_array_equal(found, WordEncoder().encode(["z x y s t"]))


@pytest.mark.parametrize("kind", [SectionMean, WholeDocument])
def test_rows_have_unit_length_or_are_zero(kind):
    encoder = kind(WordEncoder(), version="words@0")
    for vectors in (encoder.encode_profiles(PROFILES), encoder.encode_profiles([]), encoder.encode_projects(PROJECTS)):
        assert vectors.dtype == np.float32
        assert vectors.shape[1] == encoder.dim
        lengths = np.linalg.norm(vectors, axis=1)
        assert ((abs(lengths - 1) < 1e-5) | (lengths == 0)).all()
    assert not encoder.encode_profiles([Profile("nobody")]).any()


def test_versions_tell_encoder_and_way_apart():
    assert _mean().version == "section-mean+words@0"
    assert WholeDocument(WordEncoder(), version="words@0").version == "whole-document+words@0"


@pytest.mark.parametrize("kind", [SectionMean, WholeDocument])
def test_an_encoder_folder_is_read(kind, encoder_folder):
    encoder = kind.load(encoder_folder, threads=1)
    assert encoder.dim == 32
    assert "+tiny@" in encoder.version
    vectors = encoder.encode_profiles([Profile("a", {"title": "ab cd"}), Profile("b", {"title": "ab cd"}), PROFILES[1]])
    assert np.linalg.norm(vectors[0]) == pytest.approx(1)
    assert (vectors[0] == vectors[1]).all()
    assert not vectors[2].any()


def test_a_folder_of_another_kind_is_refused(tmp_path):
    write_artifact(tmp_path / "other", kind="tagger", settings={}, files={})
    with pytest.raises(ModelError, match="is a tagger"):
        SectionMean.load(tmp_path / "other")


def test_a_batch_changes_nothing_with_a_real_network(encoder_folder):
    encoder = SectionMean.load(encoder_folder, threads=1)
    together = encoder.encode_profiles(PROFILES)
    for profile, vector in zip(PROFILES, together, strict=True):
        np.testing.assert_allclose(encoder.encode_profiles([profile])[0], vector, atol=1e-6)


def test_two_hundred_thousand_words_take_seconds(encoder_folder):
    encoder = SectionMean.load(encoder_folder, threads=1)
    began = time.monotonic()
    vectors = encoder.encode_profiles([Profile("long", {"description": "python sql " * 100_000})])
    assert np.linalg.norm(vectors[0]) == pytest.approx(1)
    assert time.monotonic() - began < 30


class _Index:
    """Remembers what it was asked."""

    def search(self, queries, *, k, where=()):
        self.asked = queries, k, where
        return [["found"]]


def test_an_index_answers_in_place_of_the_comparison():
    index = _Index()
    retriever = DenseRetriever(_mean(), PROFILES, index=index)
    assert retriever.retrieve(PROJECTS[:1], k=7, where=("w",)) == [["found"]]
    queries, k, where = index.asked
    np.testing.assert_array_equal(queries, _mean().encode_projects(PROJECTS[:1]))
    assert (k, where) == (7, ("w",))
