from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metier.artifacts import read_artifact, write_artifact
from metier.domain import Span
from metier.errors import DamagedModel, ModelError
from metier.nn.chain import Chain, legal_starts, legal_transitions
from metier.nn.pieces import windows
from metier.nn.runtime import TokenEncoder
from metier.nn.wordpieces import WordPieces
from metier.tagging.tagger import Head, NeuralTagger, head_scores
from metier.text.words import words as words_of

TEXTS = [
    "You know Python, C++ and SQL well.",
    "",
    "   \n\t ",
    "Sehr gute Kenntnisse in C#/.NET 👍 und é",
    "x",
    "a few words here and some more of them there, with R&D",
]


@pytest.fixture(scope="module")
def tagger(tiny_tagger):
    return NeuralTagger.load(tiny_tagger, threads=1)


class SpellingEncoder:
    """Gives each piece its own number as its vector: what a word is decides how it is tagged."""

    def encode(self, pieces, types):
        return [np.eye(64, dtype=np.float32)[list(sequence)] for sequence in pieces]


def spelling_tagger(tokenizer, *, skill, knowledge):
    """A tagger in which the first letter of a word decides: `skill` and `knowledge` say B or I for some letters."""
    wordpieces = WordPieces(tokenizer)
    heads = {}
    for kind, tags in (("skill", skill), ("knowledge", knowledge)):
        weight = np.zeros((64, 3), dtype=np.float32)
        weight[:, 0] = 4.0
        for letter, tag in tags.items():
            weight[wordpieces.of_words([[letter]])[0][0][0], "OBI".index(tag)] = 12.0
        chain = Chain(legal_transitions(), legal_starts())
        heads[kind] = Head(weight, np.zeros(3, dtype=np.float32), chain, (1.0, 1.0, 0.0, 0.0))
    how = {"window_size": 32, "window_overlap": 8, "cased": False}
    return NeuralTagger([(SpellingEncoder(), wordpieces)], heads=heads, settings=how, version="spelling")


def test_mentions_point_into_their_text(tagger):
    found = tagger.tag(TEXTS)
    assert len(found) == len(TEXTS)
    assert sum(map(len, found)) > 5  # the random weights do find something
    for text, mentions in zip(TEXTS, found, strict=True):
        boundaries = words_of(text)
        for mention in mentions:
            assert text[mention.span.start : mention.span.end] == mention.text != ""
            assert mention.span.start in {word.start for word in boundaries}
            assert mention.span.end in {word.end for word in boundaries}
            assert 0 <= mention.probability <= 1


def test_texts_without_words_have_no_mentions(tagger):
    assert tagger.tag([]) == []
    assert tagger.tag([""]) == [[]]
    assert tagger.tag(["", "  \n "]) == [[], []]


def test_nested_skill_and_knowledge_are_both_kept(tiny_tokenizer):
    tagger = spelling_tagger(tiny_tokenizer, skill={"w": "B", "i": "I", "p": "I"}, knowledge={"p": "B"})
    (mentions,) = tagger.tag(["write in python"])
    assert [(m.kind, m.text) for m in mentions] == [("skill", "write in python"), ("knowledge", "python")]


def test_skill_comes_before_knowledge_on_the_same_span(tiny_tokenizer):
    tagger = spelling_tagger(tiny_tokenizer, skill={"p": "B"}, knowledge={"p": "B"})
    (mentions,) = tagger.tag(["a python"])
    assert [(m.kind, m.span) for m in mentions] == [("skill", Span(2, 8)), ("knowledge", Span(2, 8))]


def test_adjacent_spans_stay_apart(tiny_tokenizer):
    tagger = spelling_tagger(tiny_tokenizer, skill={}, knowledge={"p": "B", "j": "B"})
    (mentions,) = tagger.tag(["python java python"])
    assert [m.text for m in mentions] == ["python", "java", "python"]


def test_inside_without_a_beginning_is_never_decoded(tiny_tokenizer):
    tagger = spelling_tagger(tiny_tokenizer, skill={"p": "I"}, knowledge={})
    (mentions,) = tagger.tag(["a python b"])
    # O I O would score 4 + 12 + 4 and is illegal; B I O scores 0 + 12 + 4, O O O 12, O B O 8
    assert [m.text for m in mentions] == ["a python"]


def test_a_span_probability_by_hand(tiny_tokenizer):
    tagger = spelling_tagger(tiny_tokenizer, skill={"p": "B"}, knowledge={})
    ((mention,),) = tagger.tag(["python"])
    # the scores of the one word are O 4, B 12, and I is illegal: e^12 / (e^12 + e^4) = 1 / (1 + e^-8)
    assert mention.probability == pytest.approx(1 / (1 + np.exp(-8)), abs=5e-5)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text("abz PYC+#.,é👍\n", max_size=60), max_size=5))
def test_batch_and_order_change_nothing(tagger, texts):
    together = tagger.tag(texts)
    assert together == [tagger.tag([text])[0] for text in texts]
    assert together == tagger.tag(texts[::-1])[::-1]


def test_two_threads_change_nothing(tagger, tiny_tagger):
    texts = [f"{text} {number}" for number, text in enumerate(TEXTS * 20)]
    assert NeuralTagger.load(tiny_tagger, threads=2).tag(texts) == tagger.tag(texts)


@pytest.mark.parametrize("dim", [3, 32, 384])
def test_the_scores_of_a_word_do_not_depend_on_its_company(dim):
    draw = np.random.default_rng(dim)
    words, weight = draw.normal(size=(40, dim)).astype(np.float32), draw.normal(size=(dim, 3)).astype(np.float32)
    head = Head(weight, np.ones(3, dtype=np.float32), Chain(legal_transitions(), legal_starts()), (1, 0, 0))
    scores = head_scores(head, words)
    assert scores == pytest.approx(words.astype(np.float64) @ weight + 1, abs=1e-4)
    for n in (1, 2, 3, 17):
        assert np.array_equal(head_scores(head, words[:n]), scores[:n])
    assert head_scores(head, words[:0]).shape == (0, 3)


def test_words_that_the_caller_gives_are_those_that_are_tagged(tagger):
    text = "You know Python, C++ and SQL well."
    own = words_of(text)
    assert tagger.tag([text], words=[own]) == tagger.tag([text])
    (mentions,) = tagger.tag([text], words=[own[2:5]])
    assert all(own[2].start <= m.span.start and m.span.end <= own[4].end for m in mentions)
    assert tagger.tag([text], words=[[]]) == [[]]


def test_a_word_at_position_twenty_thousand_is_tagged_as_near_the_start(tiny_tokenizer):
    tagger = spelling_tagger(tiny_tokenizer, skill={}, knowledge={"p": "B", "s": "I"})
    around, filler = "a b c d e " * 30, "a b c d e " * 4000
    near = tagger.tag([f"{around}a b python sql c {around}"])[0]
    far = tagger.tag([f"{filler}a b python sql c {around}"])[0]
    moved = len(filler) - len(around)
    assert [m.text for m in near] == ["python sql"]
    assert far == [replace(near[0], span=Span(near[0].span.start + moved, near[0].span.end + moved))]


def test_a_word_takes_its_scores_where_it_is_farthest_from_an_edge(tiny_tagger, tagger):
    settings = read_artifact(tiny_tagger, kind="tagger").settings
    words = [f"w{chr(97 + i % 26)}" for i in range(70)]
    wordpieces = WordPieces(tiny_tagger / "tokenizer.json")
    cut = windows([words], wordpieces, size=settings["window_size"], overlap=settings["window_overlap"], cased=True)
    assert len(cut) > 2
    encoder = TokenEncoder(tiny_tagger / "encoder", threads=1)
    states = encoder.encode([w.pieces for w in cut], [w.types for w in cut])
    for kind, (scores,) in tagger.emissions([words]).items():
        for word in range(70):
            seen = [w for w in range(len(cut)) if 0 <= word - cut[w].first_word < cut[w].n_words]
            depth = {w: min(word - cut[w].first_word, cut[w].first_word + cut[w].n_words - 1 - word) for w in seen}
            best = max(seen, key=lambda w: (depth[w], -w))
            row = states[best][cut[best].word_starts[word - cut[best].first_word]]
            assert np.array_equal(head_scores(tagger.heads[kind], row[None])[0], scores[word])


def test_the_bias_of_outside_is_added_to_the_head(tiny_tagger, tmp_path):
    artifact = read_artifact(tiny_tagger, kind="tagger")
    names = [p.relative_to(tiny_tagger).as_posix() for p in tiny_tagger.rglob("*") if p.is_file()]
    files = {name: (tiny_tagger / name).read_bytes() for name in names if name != "config.json"}
    changed = {**artifact.settings, "outside_bias": {"skill": 99.0, "knowledge": 0.0}}
    write_artifact(tmp_path / "shy", kind="tagger", settings=changed, files=files)
    shy, bold = NeuralTagger.load(tmp_path / "shy", threads=1), NeuralTagger.load(tiny_tagger, threads=1)
    assert shy.version != bold.version
    assert {m.kind for mentions in bold.tag(TEXTS) for m in mentions} == {"skill", "knowledge"}
    assert {m.kind for mentions in shy.tag(TEXTS) for m in mentions} == {"knowledge"}


def test_calibration_by_hand():
    head = Head(np.zeros((1, 3)), np.zeros(3), Chain(legal_transitions(), legal_starts()), (0.5, 0.25, -1.0, 0.25))
    # log-odds 0.5 ln 0.8 - 0.25 ln 0.2 - ln 2 + 0.25 = -0.11157 + 0.40236 - 0.69315 + 0.25 = -0.15236
    assert head.calibrate(0.8, 2) == pytest.approx(1 / (1 + np.exp(0.15236)), abs=1e-5)
    for certain in (0.0, 1.0):
        assert 0 < head.calibrate(certain, 1) < 1


def test_calibration_of_ones_and_zeros_changes_nothing():
    head = Head(np.zeros((1, 3)), np.zeros(3), Chain(legal_transitions(), legal_starts()), (1.0, 1.0, 0.0, 0.0))
    assert [head.calibrate(p, 3) for p in (0.01, 0.5, 0.97)] == pytest.approx([0.01, 0.5, 0.97])


def test_a_tagger_without_its_heads_is_refused(tiny_tagger, tmp_path):
    artifact = read_artifact(tiny_tagger, kind="tagger")
    write_artifact(tmp_path / "headless", kind="tagger", settings=artifact.settings, files={})
    with pytest.raises(DamagedModel, match=r"lacks heads\.npz"):
        NeuralTagger.load(tmp_path / "headless")


def test_a_model_of_another_kind_is_refused(tmp_path):
    write_artifact(tmp_path / "linker", kind="linker", settings={}, files={})
    with pytest.raises(ModelError, match="a tagger was expected"):
        NeuralTagger.load(tmp_path / "linker")


def test_spans_below_the_least_probability_are_left_out(tiny_tokenizer):
    tagger = spelling_tagger(tiny_tokenizer, skill={"a": "B", "b": "B"}, knowledge={})
    tagger.heads["skill"].weight[:, 1] *= 0.35  # B is a little above O: no span is certain
    every = [mention for found in tagger.tag(["a x b", "b a", "x a"]) for mention in found]
    bound = sorted(mention.probability for mention in every)[len(every) // 2]
    tagger.heads = {kind: replace(head, least=bound - 5e-5) for kind, head in tagger.heads.items()}
    kept = [mention for found in tagger.tag(["a x b", "b a", "x a"]) for mention in found]
    assert kept == [mention for mention in every if mention.probability >= bound]
    assert 0 < len(kept) < len(every)
