from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.data.skillspan import TaggedSentence, read_skillspan
from metier.domain import Mention, Span
from metier.evaluation import breakdowns
from metier.evaluation.breakdowns import FREQUENCIES, LENGTHS, count_strings, frequency_bin, length_bin
from metier.evaluation.span_pairs import LAYERS, SpanPairs, gold_spans, pair_spans
from metier.evaluation.tagging import evaluate_tagging
from metier.measures.spans import WordSpan


def sentence(text, skill=None, knowledge=None, source=""):
    def layer(tags):
        return None if tags is None else tuple(tags.split())

    return TaggedSentence(tuple(text.split()), layer(skill), layer(knowledge), source=source)


def pair(tagged, *predicted):
    gold = frozenset(span for layer in LAYERS for span in gold_spans(tagged, layer))
    return SpanPairs(tagged, gold, frozenset(WordSpan(*span) for span in predicted))


def bins_of(breakdown, layer):
    return {figures.bin: figures for figures in breakdown[layer]}


class TagTagger:
    """Predicts the tags that it was given for each sentence, in order."""

    version = "tags@0"

    def __init__(self, predictions):
        self.predictions = predictions

    def tag(self, texts, *, words=None):
        found = []
        for text, spans, tagged in zip(texts, words, self.predictions, strict=True):
            ranges = [
                (Span(spans[span.start].start, spans[span.end - 1].end), layer)
                for layer in LAYERS
                for span in gold_spans(tagged, layer)
            ]
            found.append([Mention(span, text[span.start : span.end], layer, 0.5) for span, layer in ranges])
        return found


def test_gold_is_binned_by_its_length_and_predictions_by_theirs():
    # gold "run fast tests" (3), found "run fast" (2); gold and found "Java" (1)
    pairs = [pair(sentence("run fast tests in Java", "B I I O B"), (0, 2, "skill"), (4, 5, "skill"))]
    bins = bins_of(breakdowns.by_length(pairs), "skill")
    assert [(name, some.n_gold, some.n_predicted, some.n_correct) for name, some in bins.items()][:4] == [
        ("1", 1, 1, 1),
        ("2", 0, 1, 0),
        ("3", 1, 0, 0),
        ("4", 0, 0, 0),
    ]
    assert (bins["1"].f1, bins["2"].precision, bins["3"].recall) == (1, 0, 0)
    assert tuple(bins) == LENGTHS


@pytest.mark.parametrize(("n_words", "name"), [(0, "1"), (1, "1"), (10, "10"), (11, ">10"), (143, ">10")])
def test_length_bins_end_at_ten(n_words, name):
    assert length_bin(WordSpan(3, 3 + n_words)) == name


def test_length_pairs_take_two_lengths_each():
    spans = [(0, n, "skill") for n in (1, 2, 3, 9, 10, 11, 30)]
    bins = bins_of(breakdowns.by_length_pair([pair(sentence("a", "O"), *spans)]), "skill")
    assert {name: some.n_predicted for name, some in bins.items()} == {
        "1-2": 2,
        "3-4": 1,
        "5-6": 0,
        "7-8": 0,
        "9-10": 2,
        ">10": 2,
    }


@pytest.mark.parametrize(
    ("count", "name"),
    [
        (0, "0"),
        (1, "1-3"),
        (3, "1-3"),
        (4, "4-6"),
        (6, "4-6"),
        (7, "7-10"),
        (10, "7-10"),
        (11, "11-15"),
        (15, "11-15"),
        (16, ">15"),
    ],
)
def test_ten_is_in_the_bin_of_seven_and_fifteen_in_that_of_eleven(count, name):
    assert frequency_bin(count) == name


def test_false_positive_is_binned_by_the_frequency_of_its_own_string():
    training = Counter({("knowledge", "Java"): 5, ("skill", "Rust"): 9})
    tagged = sentence("Java and Rust", None, "B O O")
    bins = bins_of(
        breakdowns.by_frequency([pair(tagged, (0, 1, "knowledge"), (2, 3, "knowledge"))], training), "knowledge"
    )
    # Java is known 5 times and right; Rust is known as a skill only, so as knowledge 0 times
    assert (bins["4-6"].n_correct, bins["4-6"].n_gold, bins["4-6"].n_predicted) == (1, 1, 1)
    assert (bins["0"].n_gold, bins["0"].n_predicted) == (0, 1)
    assert tuple(bins) == FREQUENCIES


def test_strings_are_counted_as_they_are_written():
    counts = count_strings([sentence("Écrire du Java", "B I O", "O O B"), sentence("java 🙂", "O B", "B O")])
    assert counts == {
        ("skill", "Écrire du"): 1,
        ("knowledge", "Java"): 1,
        ("knowledge", "java"): 1,
        ("skill", "🙂"): 1,
    }


def test_seen_strings_and_repeated_sentences():
    training = [sentence("use Java", None, "O B")]
    pairs = [
        pair(sentence("use Java", None, "O B"), (1, 2, "knowledge")),
        pair(sentence("like Java", None, "O B")),
        pair(sentence("like Rust", None, "O B"), (1, 2, "knowledge")),
    ]
    strings = bins_of(breakdowns.by_string(pairs, count_strings(training)), "knowledge")
    # Java: found once of twice; Rust: found
    assert (strings["seen"].recall, strings["unseen"].recall) == (0.5, 1)
    sentences = bins_of(breakdowns.by_sentence(pairs, training), "knowledge")
    assert (sentences["repeated"].n_gold, sentences["repeated"].recall) == (1, 1)
    assert (sentences["new"].n_gold, sentences["new"].recall) == (2, 0.5)


def test_sources_come_by_name_and_a_missing_one_is_unknown():
    pairs = [pair(sentence("a", "B", source=name), (0, 1, "skill")) for name in ("tech", "house", "")]
    assert list(bins_of(breakdowns.by_source(pairs), "skill")) == ["house", "tech", "unknown"]


def test_layer_without_gold_is_not_there_and_pooled_adds_layers():
    skills = breakdowns.by_length([pair(sentence("a", "B"), (0, 1, "skill"))])
    assert list(skills) == ["skill", "pooled"]
    both = breakdowns.by_length([pair(sentence("a b", "B O", "O B"), (0, 1, "skill"))])
    # one of one skill, none of one knowledge: 2 * 1 / (1 + 2)
    assert both["pooled"][0].f1 == pytest.approx(2 / 3)


def test_interval_spans_the_figure_and_the_same_seed_gives_it_again():
    pairs = [pair(sentence("a b", "B O"), (i % 2, i % 2 + 1, "skill")) for i in range(40)]
    [one, *_] = breakdowns.by_length(pairs, seed=2)["skill"]
    # every second prediction is right
    assert one.f1 == 0.5
    assert one.interval[0] < 0.5 < one.interval[1]
    assert breakdowns.by_length(pairs, seed=2)["skill"][0].interval == one.interval


def test_no_sentences_have_no_bins():
    assert breakdowns.by_length([]) == {}


TAGS = st.lists(st.sampled_from("BIO"), min_size=12, max_size=12).map(tuple)
WORDS = st.lists(st.sampled_from(["Java", "java", "écrire", "🙂", "C++"]), min_size=12, max_size=12).map(tuple)
LAYER = st.one_of(st.none(), TAGS)
ROW = st.tuples(WORDS, LAYER, LAYER, TAGS, TAGS, st.sampled_from(["house", "tech", ""]))


@settings(deadline=None, max_examples=30)
@given(st.lists(ROW, min_size=1, max_size=6))
def test_counts_over_bins_sum_to_the_totals_of_the_strict_measure(rows):
    sentences = [
        TaggedSentence(words, skill, knowledge, source=source) for words, skill, knowledge, _, _, source in rows
    ]
    tagger = TagTagger([TaggedSentence(words, skill, knowledge) for words, _, _, skill, knowledge, _ in rows])
    pairs, training = pair_spans(tagger, sentences), sentences[:2]
    strings = count_strings(training)
    report = evaluate_tagging(tagger, sentences, n_resamples=1)
    for breakdown in (
        breakdowns.by_length(pairs, n_resamples=1),
        breakdowns.by_length_pair(pairs, n_resamples=1),
        breakdowns.by_frequency(pairs, strings, n_resamples=1),
        breakdowns.by_string(pairs, strings, n_resamples=1),
        breakdowns.by_sentence(pairs, training, n_resamples=1),
        breakdowns.by_source(pairs, n_resamples=1),
    ):
        assert breakdown.keys() == report.layers.keys()
        for layer, bins in breakdown.items():
            figures = report.layers[layer]
            assert sum(some.n_gold for some in bins) == figures.n_gold
            assert sum(some.n_predicted for some in bins) == figures.n_predicted
            n_correct = sum(some.n_correct for some in bins)
            assert n_correct == pytest.approx(figures.strict.precision * figures.n_predicted)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "training", "expected"),
    [
        # unique strings of dev by frequency in train, from 1 on: released code of NNOSE, run on these files
        ("skillspan/dev.json.gz", "skillspan/train.json.gz", {"1-3": 60, "4-6": 15, "7-10": 6, "11-15": 1}),
        ("green/dev.json", "green/train.json.gz", {"1-3": 133, "4-6": 27, "7-10": 17, "11-15": 13}),
        ("sayfullina/dev.json", "sayfullina/train.json", {"1-3": 158, "4-6": 190, "7-10": 41}),
    ],
)
def test_bins_of_the_published_long_tail_are_reproduced(data_folder, name, training, expected):
    if not (data_folder / name).exists():
        pytest.skip(f"{name} is not there")
    strings = count_strings(read_skillspan(data_folder / training))
    dev = {string for layer, string in count_strings(read_skillspan(data_folder / name)) if layer == "skill"}
    bins = Counter(frequency_bin(strings["skill", string]) for string in dev)
    assert {label: bins[label] for label in expected} == expected
