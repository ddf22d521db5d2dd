import numpy as np
import pytest

from metier.evaluation.languages import evaluate_languages
from metier.taxonomy.parallel import ParallelText

VECTORS = {
    "pain": [1.0, 0.0],
    "acier": [0.6, 0.8],
    "brød": [0.0, 1.0],
    "": [0.0, 0.0],
}


class Known:
    def encode(self, texts):
        return np.array([VECTORS[text] for text in texts], dtype=np.float32)


def _label(text, language, concept):
    return ParallelText(text, language, concept, "label")


def test_ranks_are_counted_by_hand_in_each_language():
    concepts = np.array([[1, 0], [0, 1], [0.8, 0.6]], dtype=np.float32)
    labels = [_label("pain", "fr", 10), _label("brød", "da", 10), _label("acier", "fr", 12)]
    found = evaluate_languages(Known(), labels, concepts, rows=[10, 11, 12])
    # pain: cosine 1 to its concept, rank 1; acier: 0.96 to its own, 0.8 and 0.6 to the others, rank 1; brød: 0, rank 3
    assert found["fr"].figures == {"acc@1": 1.0, "acc@10": 1.0, "mrr": 1.0}
    assert found["da"].figures == pytest.approx({"acc@1": 0.0, "acc@10": 1.0, "mrr": 1 / 3})
    assert [figures.n for figures in found.values()] == [2, 1]
    assert list(found) == ["fr", "da"]


def test_ties_and_texts_without_a_word_find_nothing():
    concepts = np.eye(2, dtype=np.float32)[[0, 0]]
    found = evaluate_languages(Known(), [_label("pain", "fr", 0), _label("", "el", 1)], concepts, rows=[0, 1])
    assert found["fr"].figures["mrr"] == 0.5
    assert found["el"].figures["mrr"] == 0.5


def test_intervals_hold_the_figure_and_are_plain_json():
    labels = [_label("pain", "fr", 0), _label("acier", "fr", 0)]
    values = evaluate_languages(Known(), labels, np.eye(2, dtype=np.float32), rows=[0, 1])["fr"].to_dict()
    low, high = values["intervals"]["acc@1"]
    assert low <= values["acc@1"] == 0.5 <= high


def test_no_labels_give_no_language():
    assert evaluate_languages(Known(), [], np.eye(2, dtype=np.float32), rows=[0, 1]) == {}
