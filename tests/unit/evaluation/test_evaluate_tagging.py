import json

import pytest

from metier.data.skillspan import TaggedSentence
from metier.domain import Mention, Span
from metier.evaluation.tagging import evaluate_tagging


class FixedTagger:
    """Gives the mentions it was made with: (start, end, kind, probability) by text."""

    version = "fixed@0"

    def __init__(self, by_text):
        self.by_text = by_text
        self.seen = []

    def tag(self, texts, *, words=None):
        self.seen.append((list(texts), words))
        return [
            [Mention(Span(s, e), text[s:e], kind, p) for s, e, kind, p in self.by_text.get(text, [])] for text in texts
        ]


def sentence(text, skill=None, knowledge=None):
    def layer(tags):
        return None if tags is None else tuple(tags.split())

    return TaggedSentence(tuple(text.split()), layer(skill), layer(knowledge))


def test_tagger_reads_words_joined_by_single_spaces_and_is_told_where_they_are():
    tagger = FixedTagger({})
    evaluate_tagging(tagger, [sentence("Écrire du C++", "O O O"), sentence("🙂 ok", "O O")])
    [(texts, words)] = tagger.seen
    assert texts == ["Écrire du C++", "🙂 ok"]
    assert [[text[w.start : w.end] for w in spans] for text, spans in zip(texts, words, strict=True)] == [
        ["Écrire", "du", "C++"],
        ["🙂", "ok"],
    ]


def test_layers_are_scored_apart_and_pooled_by_adding_counts():
    sentences = [sentence("run fast tests in Java", "B I I O O", "O O B O B")]
    tagger = FixedTagger(
        # skill exact; knowledge "Java" exact, "in" wrong; a skill over "Java" wrong
        {
            "run fast tests in Java": [
                (0, 14, "skill", 0.9),
                (18, 22, "knowledge", 0.9),
                (15, 17, "knowledge", 0.2),
                (18, 22, "skill", 0.1),
            ]
        }
    )
    figures = evaluate_tagging(tagger, sentences).to_dict()
    assert figures["skill"]["precision"] == pytest.approx(1 / 2)
    assert figures["skill"]["recall"] == 1
    assert figures["knowledge"]["precision"] == pytest.approx(1 / 2)
    assert figures["knowledge"]["recall"] == pytest.approx(1 / 2)
    # pooled: 2 right of 4 predicted, of 3 gold: 2 * 2 / (4 + 3)
    assert figures["pooled"]["f1"] == pytest.approx(4 / 7)
    assert figures["pooled"]["n_predicted"] == 4
    # 15 bins, each probability alone but the two 0.9: (|2 - 1.8| + 0.2 + 0.1) / 4
    assert figures["ece"] == pytest.approx(0.125)
    # (2 * 0.1^2 + 0.2^2 + 0.1^2) / 4
    assert figures["brier"] == pytest.approx(0.0175)


def test_mention_covers_every_word_that_it_overlaps():
    # "un fast tes" touches the first three words
    tagger = FixedTagger({"run fast tests now": [(1, 12, "skill", 1.0)]})
    report = evaluate_tagging(tagger, [sentence("run fast tests now", "B I I O")])
    assert report.layers["skill"].strict.f1 == 1


def test_mention_over_no_word_is_a_wrong_one():
    tagger = FixedTagger({"run now": [(3, 4, "skill", 1.0)]})
    assert evaluate_tagging(tagger, [sentence("run now", "B O")]).layers["skill"].n_predicted == 1


def test_file_with_one_layer_scores_it_alone():
    tagger = FixedTagger({"use Java": [(4, 8, "knowledge", 0.5), (0, 8, "skill", 1.0)]})
    figures = evaluate_tagging(tagger, [sentence("use Java", "B I")]).to_dict()
    assert "knowledge" not in figures
    assert figures["pooled"] == figures["skill"]
    assert figures["skill"]["f1"] == 1
    assert figures["n_mentions"] == 1  # the knowledge mention is not judged


def test_sentence_without_a_layer_is_left_out_of_it_only():
    tagger = FixedTagger({"use Java": [(4, 8, "knowledge", 0.5)]})
    sentences = [sentence("use Java", "O O"), sentence("use Java", "O O", "O B")]
    report = evaluate_tagging(tagger, sentences)
    assert report.layers["knowledge"].strict.precision == 1
    assert report.n_sentences == 2


def test_lenient_and_seqeval_default_differ_from_strict_where_they_should():
    sentences = [sentence("a b c", "I I O"), sentence("d e f", "B I I")]
    tagger = FixedTagger({"a b c": [(0, 3, "skill", 1.0)], "d e f": [(0, 1, "skill", 1.0)]})
    figures = evaluate_tagging(tagger, sentences).to_dict()
    # strict gold: only "d e f", which is not exactly found
    assert figures["skill"]["f1"] == 0
    # lenient: 1 of 2 predictions touches gold, the gold span is found: 2 * 0.5 * 1 / 1.5
    assert figures["lenient"]["skill"]["f1"] == pytest.approx(2 / 3)
    # default: the orphan I opens "a b", which is exactly found: 1 of 2, 1 of 2
    assert figures["seqeval_default"]["skill"]["f1"] == pytest.approx(1 / 2)


def test_no_sentences_give_an_empty_report():
    figures = evaluate_tagging(FixedTagger({}), []).to_dict()
    assert figures["n_sentences"] == 0
    assert "skill" not in figures
    assert figures["ece"] == 0


def test_figures_are_plain_json_with_an_interval_around_f1():
    sentences = [sentence(f"w{i} x", "B O", "O O") for i in range(30)]
    tagger = FixedTagger({f"w{i} x": [(0, 2, "skill", 0.8)] for i in range(20)})
    figures = json.loads(json.dumps(evaluate_tagging(tagger, sentences, seed=3).to_dict()))
    assert set(figures["skill"]) >= {"precision", "recall", "f1", "interval"}
    low, high = figures["skill"]["interval"]
    assert 0 < low <= figures["skill"]["f1"] <= high < 1
