from math import exp

import pytest

from metier.data.title_pairs import TitlePair
from metier.domain import TitleSuggestion
from metier.errors import InputError
from metier.evaluation.title_comparison import compare_titles
from metier.evaluation.titles import candidate_titles, evaluate_titles, pairs_sha256


def pair(id, title, description, language="en", source="board_en"):
    return TitlePair(id, title, description, language, source)


PAIRS = [
    pair("1", "Data Engineer", "A data engineer who builds pipelines every day for all our teams"),
    pair("2", "Nurse", "Cares for patients of the ward at night", language="da", source="board_da"),
    pair("3", "Ingénieur Données", "🚀", language="fr", source="board_fr"),
    pair("http://e/1#en0", "baker", "Bakers make bread.", source="esco"),
    pair("http://e/1#en1", "bread baker", "Bakers make bread.", source="esco"),
]


class Scripted:
    """Says what it is told to, by the first word of a description without its title."""

    def __init__(self, answers):
        self.answers = answers
        self.seen = []

    def predict(self, descriptions, *, k):
        self.seen += descriptions
        found = [self.answers.get(description.split()[0], []) for description in descriptions]
        return [[TitleSuggestion(title, 0.5) for title in titles[:k]] for titles in found]


ANSWERS = {
    "A": ["data analyst", "data engineer"],
    "Cares": [],
    "🚀": ["x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "ingénieur"],
    "Bakers": ["baker"],
}


@pytest.fixture(scope="module")
def report():
    return evaluate_titles(Scripted(ANSWERS), PAIRS, masked=False, n_resamples=200)


def test_accuracy_is_the_share_of_items_whose_title_is_among_the_first(report):
    means = report.views["all"].means
    # at 1: baker for pair 4 only; at 5: the data engineer, too
    assert means["accuracy@1"] == pytest.approx(1 / 5)
    assert means["accuracy@5"] == means["accuracy@10"] == pytest.approx(2 / 5)


def test_title_of_the_same_description_is_right_for_any_title(report):
    # "baker" is a title of the description under "bread baker"
    assert report.views["esco"].means["accuracy@1"] == pytest.approx(1 / 2)
    assert report.views["esco"].means["any_title@1"] == 1
    assert report.views["postings"].means["any_title@10"] == pytest.approx(1 / 3)


def test_bleu_is_the_best_among_the_first(report):
    means = report.views["all"].means
    # data analyst 1/2, none 0, x1 0, baker 1, baker for bread baker exp(1 - 2)
    assert means["bleu_1@1"] == pytest.approx((1 / 2 + 0 + 0 + 1 + exp(-1)) / 5)
    # data engineer 1; at 10 ingénieur for ingénieur données exp(1 - 2)
    assert means["bleu_1@5"] == pytest.approx((1 + 0 + 0 + 1 + exp(-1)) / 5)
    assert means["bleu_1@10"] == pytest.approx((1 + 0 + exp(-1) + 1 + exp(-1)) / 5)
    # data analyst: 1-grams 1/2, the 2-gram smoothed to 1/2
    assert means["bleu_4@1"] == pytest.approx((1 / 2 + 0 + 0 + 1 + exp(-1)) / 5)


def test_abstention_counts_as_wrong_and_its_share_is_told(report):
    assert report.views["all"].abstained == pytest.approx(1 / 5)
    danish = report.views["language da"]
    assert danish.abstained == 1
    assert set(danish.means.values()) == {0.0}


def test_postings_and_esco_languages_and_sources_are_told_apart(report):
    sizes = {name: figures.n_items for name, figures in report.views.items()}
    languages = {"language da": 1, "language en": 3, "language fr": 1}
    sources = {"source board_da": 1, "source board_en": 1, "source board_fr": 1}
    assert sizes == {"all": 5, "postings": 3, "esco": 2, **languages, **sources}
    assert report.n_titles == 5


def test_interval_contains_the_mean_and_is_a_point_where_all_items_are_of_one_group(report):
    figures = report.views["all"]
    for measure, interval in figures.intervals.items():
        assert interval.low <= figures.means[measure] <= interval.high
    # both pairs of ESCO are one occupation: every resample draws the same two
    interval = report.views["esco"].intervals["accuracy@1"]
    assert interval.low == interval.high == pytest.approx(1 / 2)


def test_near_duplicate_postings_are_drawn_together():
    text = "we look for a person who likes to work with many kinds of wood in our shop near the river"
    pairs = [pair("1", "carpenter", text), pair("2", "joiner", text + " today")]
    report = evaluate_titles(Scripted({"we": ["joiner"]}), pairs, masked=False, n_resamples=50)
    interval = report.views["all"].intervals["accuracy@1"]
    assert interval.low == interval.high == pytest.approx(1 / 2)


def test_masked_descriptions_lack_their_title():
    seen = {}
    for masked in (True, False):
        predictor = Scripted({})
        evaluate_titles(predictor, PAIRS[:1], masked=masked, n_resamples=10)
        seen[masked] = predictor.seen[-1]
    assert "data engineer" in seen[False]
    assert "engineer" not in seen[True]
    assert len(seen[True]) == len(seen[False])


def test_title_suggested_twice_counts_once():
    answers = {"A": ["X", "x", "Data Engineer"]}  # the second X leaves rank 2 to the engineer
    report = evaluate_titles(Scripted(answers), PAIRS[:1], masked=False, n_resamples=10)
    assert report.views["all"].means["accuracy@5"] == 1
    assert report.points.shape == (1, 12)


def test_no_pairs_are_an_input_error():
    with pytest.raises(InputError, match="no pairs"):
        evaluate_titles(Scripted({}), [], masked=True)


def test_progress_is_told_of_each_description():
    n_told = []
    evaluate_titles(Scripted({}), PAIRS, masked=True, n_resamples=10, progress=lambda: n_told.append(1))
    assert len(n_told) == 5


def test_comparison_is_paired_and_against_the_first():
    always = Scripted({"A": ["data engineer"], "Cares": ["nurse"], "🚀": ["ingénieur données"], "Bakers": ["baker"]})
    found = compare_titles({"good": always, "other": Scripted(ANSWERS)}, PAIRS, n_resamples=200)
    assert list(found.reports) == ["good", "other"]
    assert list(found.differences) == ["other"]
    difference = found.differences["other"]["unmasked"]["postings"]["accuracy@1"]
    assert difference.difference == pytest.approx(1)  # 3 of 3 against 0 of 3
    assert (difference.interval.low, difference.interval.high) == (1, 1)
    # the same on ESCO: no difference, whatever is drawn
    equal = found.differences["other"]["unmasked"]["esco"]["bleu_1@10"]
    assert (equal.difference, equal.p_value) == (0, 1)


def test_comparison_as_json_names_systems_settings_views_and_measures():
    found = compare_titles({"a": Scripted(ANSWERS), "b": Scripted({})}, PAIRS, n_resamples=20).to_dict()
    assert found["systems"]["a"]["masked"]["views"]["postings"]["n_items"] == 3
    assert found["systems"]["b"]["unmasked"]["views"]["all"]["abstained"] == 1
    low, high = found["first_minus"]["b"]["masked"]["all"]["accuracy@10"]["interval"]
    assert low <= found["first_minus"]["b"]["masked"]["all"]["accuracy@10"]["difference"] <= high


def test_candidates_are_the_different_keys_in_order():
    assert candidate_titles([pair("1", "Nurse", "x"), pair("2", "nurse ", "y"), pair("3", "Baker", "z")]) == [
        "baker",
        "nurse",
    ]


def test_hash_of_pairs_changes_with_any_of_them():
    assert pairs_sha256(PAIRS) != pairs_sha256(PAIRS[:-1])
    assert pairs_sha256(PAIRS) == pairs_sha256(list(PAIRS))
