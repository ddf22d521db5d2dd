import json

import pytest

from metier.data.skillspan import TaggedSentence
from metier.errors import InputError
from metier.evaluation.agreement import agreement_to_dict, measure_agreement


def sentence(skill, knowledge=None):
    return TaggedSentence(
        tuple("abcdef"[: len(skill or knowledge)]), skill and tuple(skill), knowledge and tuple(knowledge)
    )


def test_annotators_of_one_mind_have_one_everywhere():
    same = [sentence("BIO", "OOB"), sentence("OBB", "BOO")]
    found = measure_agreement({"a": same, "b": same, "c": same})
    for layer in found.values():
        assert layer.tags.fleiss_kappa == pytest.approx(1)
        assert layer.inside.krippendorff_alpha == pytest.approx(1)
        assert (layer.mean_strict_f1, layer.mean_loose_f1, layer.n_words) == (1, 1, 6)
    assert [len(layer.pairs) for layer in found.values()] == [3, 3]


def test_spans_are_compared_strictly_and_loosely():
    # a has words 0-1 and 3; b has 0 and 3: one of two spans is the same, both touch
    found = measure_agreement({"a": [sentence("BIOB")], "b": [sentence("BOOB")]})
    [pair] = found["skill"].pairs
    assert (pair.annotators, pair.n_spans) == (("a", "b"), (2, 2))
    assert (pair.strict_f1, pair.loose_f1) == (pytest.approx(1 / 2), pytest.approx(1))
    assert "knowledge" not in found


def test_tags_tell_apart_what_inside_does_not():
    # B I and B B cover the same words
    found = measure_agreement({"a": [sentence("BIO")], "b": [sentence("BBO")]})["skill"]
    assert found.inside.fleiss_kappa == pytest.approx(1)
    assert found.tags.fleiss_kappa < 1


def test_sentence_that_one_left_out_counts_for_the_others_only():
    two = [sentence("BO"), sentence("OB")]
    found = measure_agreement({"a": two, "b": two, "c": [sentence("BO"), sentence(None, "OO")]})["skill"]
    assert (found.n_words, found.n_words_by_all) == (4, 2)
    assert found.tags.krippendorff_alpha == pytest.approx(1)
    assert [pair.n_spans for pair in found.pairs] == [(2, 2), (1, 1), (1, 1)]


def test_layer_of_one_annotator_is_not_compared():
    assert measure_agreement({"a": [sentence("BO")], "b": [sentence(None, "BO")]}) == {}


def test_what_is_not_defined_is_none_and_stays_so_in_json():
    found = measure_agreement({"a": [sentence("OO")], "b": [sentence("OO")]})
    figures = agreement_to_dict(found)["skill"]
    assert json.loads(json.dumps(figures, allow_nan=False))["tags"] == {
        "fleiss_kappa": None,
        "krippendorff_alpha": None,
    }
    assert (figures["mean_strict_f1"], figures["pairs"][0]["loose_f1"]) == (None, None)


def test_pair_without_a_span_does_not_pull_the_mean():
    some, none = [sentence("BO")], [sentence("OO")]
    found = measure_agreement({"a": some, "b": none, "c": none})["skill"]
    # a-b 0, a-c 0, b-c not defined
    assert ([pair.strict_f1 for pair in found.pairs], found.mean_strict_f1) == ([0, 0, None], 0)


def test_no_sentences_give_no_layer():
    assert measure_agreement({"a": [], "b": []}) == {}


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (
            [TaggedSentence(("a", "b"), ("O", "O"), None), TaggedSentence(("x",), ("O",), None)],
            "row 2, word 1: 'a' and 'x'",
        ),
        ([TaggedSentence(("a",), ("O",), None)], "row 1, word 2: 'b' and the end"),
        ([TaggedSentence(("a", "b"), ("O", "O"), None)], "one has 2 rows and two has 1"),
    ],
)
def test_different_sentences_are_refused_by_the_first_row(other, expected):
    one = [sentence("OO"), sentence("O")]
    with pytest.raises(InputError, match=expected):
        measure_agreement({"one": one, "two": other})
