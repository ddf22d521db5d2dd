import json

import pytest

from metier.data.linking_rows import read_linking
from metier.domain import Candidate, Link, Skill
from metier.evaluation.linking import evaluate_linking


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
