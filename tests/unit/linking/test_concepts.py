import numpy as np
import pytest

from metier.artifacts import read_artifact, write_artifact
from metier.domain import Concept
from metier.errors import TaxonomyMismatch
from metier.linking.concepts import ENCODER_KEY, INDEX_FILE, VectorParts, concept_vectors, pack_index, read_index
from metier.linking.lexical import LexicalIndex

CONCEPTS = [Concept("0", "north", ("east", "south")), Concept("1", "east"), Concept("2", "north", ("north",))]
TOWARDS = {"north": (0, 1), "east": (1, 0), "south": (0, -1)}


def encode(texts):
    return np.array([TOWARDS[text] for text in texts], dtype=np.float32)


def test_the_label_alone_is_the_vector_where_nothing_else_counts():
    parts = VectorParts(alternatives=0.0, description=0.0)
    vectors = concept_vectors(CONCEPTS, ["east", "", ""], encode=encode, parts=parts)
    assert vectors.dtype == np.float32
    assert vectors.tolist() == [[0, 1], [1, 0], [0, 1]]


def test_alternatives_count_by_their_mean_and_the_sum_is_of_unit_length():
    parts = VectorParts(alternatives=2.0, description=0.0)
    vectors = concept_vectors(CONCEPTS, ["", "", ""], encode=encode, parts=parts)
    # (0, 1) + 2 * mean((1, 0), (0, -1)) = (0, 1) + (1, -1) = (1, 0)
    assert vectors[0] == pytest.approx([1, 0])
    assert vectors[1] == pytest.approx([1, 0])  # none: the label as it is
    assert vectors[2] == pytest.approx([0, 1])


def test_a_description_counts_where_there_is_one():
    parts = VectorParts(alternatives=0.0, description=0.5)
    vectors = concept_vectors(CONCEPTS, ["east", "", "south"], encode=encode, parts=parts)
    # (0, 1) + 0.5 (1, 0) = (0.5, 1), of length sqrt(1.25)
    assert vectors[0] == pytest.approx(np.array([0.5, 1]) / np.sqrt(1.25))
    assert vectors[1] == pytest.approx([1, 0])
    assert vectors[2] == pytest.approx([0, 1])  # (0, 1) - (0, 0.5)


def test_no_concepts_have_no_vectors():
    parts = VectorParts(alternatives=1.0, description=1.0)
    assert len(concept_vectors([], [], encode=encode, parts=parts)) == 0


def write_taxonomy(folder, vectors, **settings):
    lexical = LexicalIndex.build(CONCEPTS)
    files = {INDEX_FILE: pack_index(vectors, lexical)}
    write_artifact(folder, kind="taxonomy", settings=settings, files=files)
    return read_artifact(folder, kind="taxonomy"), lexical


def test_an_index_is_read_as_it_was_packed(tmp_path):
    vectors = np.random.default_rng(0).normal(size=(3, 48)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    artifact, lexical = write_taxonomy(tmp_path / "esco", vectors, **{ENCODER_KEY: "a" * 64})
    index = read_index(artifact, encoder_sha256="a" * 64)
    # one of 255 steps per row: the largest value of a row is at most 1, half a step at most 1/254
    assert np.abs(index.vectors - vectors).max() < 1 / 254 + 1e-3
    assert (index.vectors * vectors).sum(axis=1).min() > 0.999
    assert np.linalg.norm(index.vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-6)
    assert np.array_equal(index.lexical.cosines("north"), lexical.cosines("north"))


def test_packing_gives_the_same_bytes_twice():
    vectors = np.eye(3, 8, dtype=np.float32)
    lexical = LexicalIndex.build(CONCEPTS)
    assert pack_index(vectors, lexical) == pack_index(vectors, lexical)


def test_an_index_of_nothing_is_packed_and_read(tmp_path):
    files = {INDEX_FILE: pack_index(np.zeros((0, 0), dtype=np.float32), LexicalIndex.build([]))}
    write_artifact(tmp_path / "empty", kind="taxonomy", settings={ENCODER_KEY: "a" * 64}, files=files)
    index = read_index(read_artifact(tmp_path / "empty", kind="taxonomy"), encoder_sha256="a" * 64)
    assert len(index.vectors) == 0


def test_a_row_of_zeros_stays_zeros(tmp_path):
    vectors = np.array([[1, 0], [0, 0], [0, 1]], dtype=np.float32)
    artifact, _ = write_taxonomy(tmp_path / "esco", vectors, **{ENCODER_KEY: "a" * 64})
    assert read_index(artifact, encoder_sha256="a" * 64).vectors.tolist() == [[1, 0], [0, 0], [0, 1]]


def test_the_index_of_another_encoder_is_refused_with_both_hashes(tmp_path):
    artifact, _ = write_taxonomy(tmp_path / "esco", np.eye(3, dtype=np.float32), **{ENCODER_KEY: "a" * 64})
    with pytest.raises(TaxonomyMismatch, match=r"aaaaaaaaaaaa….*bbbbbbbbbbbb….*metier taxonomy build"):
        read_index(artifact, encoder_sha256="b" * 64)


def test_a_taxonomy_without_vectors_is_refused(tmp_path):
    artifact, _ = write_taxonomy(tmp_path / "esco", np.eye(3, dtype=np.float32))
    with pytest.raises(TaxonomyMismatch, match="has no vectors"):
        read_index(artifact, encoder_sha256="b" * 64)
