import json
from dataclasses import replace

import numpy as np
import pytest

from metier.data.linking_rows import read_linking
from metier.domain import Candidate, Link, Skill
from metier.evaluation.linking import evaluate_linking, report_linking
from metier.evaluation.linking_outcomes import judge_linking, pool_outcomes


def candidates(labels):
    return [Candidate(Skill(uri=f"u:{label}", label=label), 0.9 - 0.01 * i) for i, label in enumerate(labels)]


class FixedLinker:
    """Ranks the labels it was given by mention text or sentence; abstains on the texts in `nil`."""

    version = "fixed@0"

    def __init__(self, by_text, *, nil=()):
        self.by_text = by_text
        self.nil = nil

    def link(self, texts, mentions):
        return [[self._link(mention) for mention in some] for _, some in zip(texts, mentions, strict=True)]

    def rank(self, texts, *, k):
        return [candidates(self.by_text[text])[:k] for text in texts]

    def _link(self, mention):
        found = tuple(candidates(self.by_text[mention.text]))
        concept = None if mention.text in self.nil else found[0].concept
        return Link(mention, concept, found[0].probability, found)


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(
        "sentence,span,sub_span,label\n"
        "use Java and tact,Java,,Java\n"
        "use Java and tact,tact,,LABEL NOT PRESENT\n"
        "plan and run,plan and run,plan,make plans\n"
        "plan and run,plan and run,run,run things\n"
        "be nice,nice,,UNDERSPECIFIED\n",
        "utf-8",
    )
    return read_linking(path)


LABELS = ["Java", "make plans", "C", "D", "E", "F"]
BY_TEXT = {
    "Java": ["JAVA", "C"],
    "tact": ["C", "D"],
    "plan": ["C", "D", "make plans"],
    "run": ["D"],
    "nice": ["E"],
    "plan and run": ["C", "make  Plans", "D"],
    "use Java and tact": ["Java"],
}


def test_sentence_queries_are_the_sentences_with_a_label(rows):
    figures = evaluate_linking(FixedLinker(BY_TEXT), rows, labels=LABELS).to_dict()["sentence"]
    assert (figures["n"], figures["n_without_label"]) == (2, 1)
    # first right ranks 1 and 2
    assert figures["mrr"] == pytest.approx((1 + 1 / 2) / 2)
    # 1/1 and 0/1; then 1/1 and 1/2 of two answers
    assert figures["rp@1"] == pytest.approx(1 / 2)
    assert figures["rp@5"] == pytest.approx((1 + 1 / 2) / 2)


def test_every_row_counts_and_one_without_a_label_is_wrong(rows):
    figures = evaluate_linking(FixedLinker(BY_TEXT), rows, labels=LABELS).to_dict()["mention"]["all"]
    assert figures["n"] == 5
    # Java at 1, "make plans" at 3, "run things" never, two rows without a label
    assert figures["acc@1"] == pytest.approx(1 / 5)
    assert figures["acc@4"] == figures["acc@32"] == pytest.approx(2 / 5)
    assert figures["mrr"] == pytest.approx((1 + 1 / 3) / 5)


def test_linkable_view_holds_rows_with_a_label(rows):
    figures = evaluate_linking(FixedLinker(BY_TEXT), rows, labels=LABELS).to_dict()["mention"]["linkable"]
    assert figures["n"] == 3
    assert figures["acc@1"] == pytest.approx(1 / 3)
    assert figures["acc@8"] == pytest.approx(2 / 3)


def test_nil_view_counts_abstention_as_an_answer(rows):
    linker = FixedLinker(BY_TEXT, nil={"tact", "plan"})
    figures = evaluate_linking(linker, rows, labels=LABELS).to_dict()["mention"]["nil"]
    # abstained on tact (right) and plan (wrong); nice should have been abstained on
    assert (figures["precision"], figures["recall"], figures["f1"]) == (1 / 2, 1 / 2, 1 / 2)
    # right: Java, tact; plan is wrong at every rank because the linker abstained
    assert figures["acc@1"] == figures["acc@32"] == pytest.approx(2 / 5)


def test_multi_gold_view_takes_any_label_of_the_whole_span(rows):
    figures = evaluate_linking(FixedLinker(BY_TEXT), rows, labels=LABELS).to_dict()["mention"]["multi_gold"]
    # queries: Java, and "plan and run" with two labels, of which one is at rank 2
    assert figures["n"] == 2
    assert figures["acc@1"] == pytest.approx(1 / 2)
    assert figures["acc@4"] == 1
    assert figures["recall@4"] == pytest.approx((1 + 1 / 2) / 2)


def test_probability_of_the_best_candidate_is_judged_over_every_row(rows):
    mention = evaluate_linking(FixedLinker(BY_TEXT), rows, labels=LABELS).to_dict()["mention"]
    # 0.9 for each of five, one right: |1/5 - 0.9|; (0.1^2 + 4 * 0.9^2) / 5
    assert mention["ece"] == pytest.approx(0.7)
    assert mention["brier"] == pytest.approx(0.65)


def test_a_row_without_a_label_is_a_risk_whenever_a_concept_is_given(rows):
    class Sure(FixedLinker):
        def _link(self, mention):
            link = super()._link(mention)
            probability = {"Java": 0.8, "tact": 0.9, "plan": 0.2, "run": 0.5, "nice": 0.2}.get(mention.text, 0.0)
            return Link(mention, link.concept, probability, link.candidates)

    found = evaluate_linking(Sure(BY_TEXT, nil={"plan", "nice"}), rows, labels=LABELS).to_dict()["mention"][
        "abstention"
    ]
    # from the surest: tact (no label, wrong), Java (right), run (wrong), plan and nice together (both wrong)
    assert found["points"] == [[0.9, 0.2, 1.0], [0.8, 0.4, 0.5], [0.5, 0.6, 0.6667], [0.2, 1.0, 0.8]]
    assert found["aurc"] == pytest.approx((1 + 1 / 2 + 2 / 3 + 4 / 5 + 4 / 5) / 5)
    # at best Java comes first: 0, 1/2, 2/3, 3/4, 4/5
    assert found["excess_aurc"] == pytest.approx((1 + 4 / 5 - 0 - 3 / 4) / 5)
    assert found["aurc_interval"][0] < found["aurc"] < found["aurc_interval"][1]
    # tact, Java and run are given a concept, one is right; three rows have a label
    assert found["coverage"] == 3 / 5
    assert found["links"] == pytest.approx({"precision": 1 / 3, "recall": 1 / 3, "f1": 1 / 3})


def test_a_curve_in_json_has_a_hundred_points_at_most(rows):
    class Steady(FixedLinker):
        def _link(self, mention):
            return Link(mention, None, int(mention.text) / 1000, ())

    many = [replace(rows[1], text=str(number)) for number in range(300)]
    found = evaluate_linking(Steady({**BY_TEXT}), many, labels=LABELS, n_resamples=2).to_dict()["mention"]["abstention"]
    assert len(found["points"]) == 100
    assert (found["points"][0][0], found["points"][-1]) == (0.299, [0.0, 1.0, 1.0])


def test_equal_queries_are_linked_once(rows):
    asked = []

    class Counting(FixedLinker):
        def link(self, texts, mentions):
            asked.extend(mention.text for some in mentions for mention in some)
            return super().link(texts, mentions)

    judge_linking(Counting(BY_TEXT), [*rows, rows[0]], labels=LABELS)
    # Java is a row twice and a whole span; "plan and run" is only a whole span, and those without a label are none
    assert asked == ["Java", "tact", "plan", "run", "nice", "plan and run"]


def test_pooled_outcomes_are_those_of_all_rows_together(rows):
    linker = FixedLinker(BY_TEXT, nil={"tact"})
    apart = [judge_linking(linker, some, labels=LABELS) for some in (rows[:2], rows[2:], [])]
    together = judge_linking(linker, rows, labels=LABELS)
    pooled = pool_outcomes(apart)
    assert report_linking(pooled).to_dict() == report_linking(together).to_dict()
    assert np.array_equal(pooled.probabilities, together.probabilities)
    assert pool_outcomes([together, together]).unknown_labels == together.unknown_labels


def test_labels_that_no_concept_has_are_listed_and_wrong(rows):
    report = evaluate_linking(FixedLinker(BY_TEXT), rows, labels=LABELS)
    assert report.unknown_labels == ("run things",)
    assert evaluate_linking(FixedLinker(BY_TEXT), rows, labels=[*LABELS, "RUN  things"]).unknown_labels == ()


def test_linker_without_candidates_and_no_rows_score_zero(rows):
    class Silent(FixedLinker):
        def link(self, texts, mentions):
            return [[Link(mention, None, 0.0) for mention in some] for some in mentions]

        def rank(self, texts, *, k):
            return [[] for _ in texts]

    figures = evaluate_linking(Silent({}), rows, labels=LABELS).to_dict()
    assert figures["sentence"]["mrr"] == 0
    assert figures["mention"]["all"]["acc@32"] == 0
    assert figures["mention"]["nil"]["acc@1"] == pytest.approx(2 / 5)
    empty = evaluate_linking(Silent({}), [], labels=LABELS).to_dict()
    assert empty["sentence"]["n"] == empty["mention"]["all"]["n"] == 0


def test_figures_are_plain_json_with_an_interval_each(rows):
    figures = json.loads(json.dumps(evaluate_linking(FixedLinker(BY_TEXT), rows, labels=LABELS).to_dict()))
    for view in (figures["sentence"], *(figures["mention"][name] for name in ("all", "linkable", "nil"))):
        assert all(low <= view[name] <= high for name, (low, high) in view["intervals"].items())
