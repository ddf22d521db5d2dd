"""The linker that writes labels."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metier.artifacts import write_artifact
from metier.domain import Mention, Skill, Span
from metier.errors import ConfigError, MissingExtra, ModelError
from metier.linking.generator import WIDTH, Decoding, GenerativeLinker, read_decoding, read_network
from metier.linking.generator_network import PieceDecoder
from metier.linking.hub_network import HubNetwork

DECODING = Decoding(in_sentence=False, length_power=0.0, calibration=(0.5, 0.2, 1.0, 0.5, 0.0), abstain_below=0.2)
LABELS = ["SQL", "bake bread", "bake bread and cakes", "C++", "c", "manage a team", "...", "naïve 👍 art", "Bake Bread"]


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def skills_of(labels):
    return tuple(Skill(f"s{row}", label, kind="skill") for row, label in enumerate(labels))


@pytest.fixture(scope="module")
def own(tiny_encoder):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        network = PieceDecoder.for_labels(str(tiny_encoder), LABELS, n_layers=2, dropout=0.0)
        for parameter in network.decoder.parameters():
            torch.nn.init.normal_(parameter, std=0.3)  # wide, so that labels differ in probability
    return network.eval()


@pytest.fixture(scope="module")
def hub(tiny_seq2seq):
    return HubNetwork(str(tiny_seq2seq)).eval()


@pytest.fixture(params=["own", "hub"])
def network(request):
    return request.getfixturevalue(request.param)


def make(network, labels=LABELS, *, min_precision=None, **changes):
    return GenerativeLinker(
        network,
        skills_of(labels),
        decoding=replace(DECODING, **changes),
        version="generator@00000000",
        min_precision=min_precision,
    )


def every_label(network, text, labels):
    """The log-probability of each label, by teacher forcing, one at a time, each piece among those that may come."""
    sequences = [(*classes, network.end) for classes in network.label_classes(labels)]
    found = []
    with torch.inference_mode():
        source = network.read([text], [None])
        for sequence in sequences:
            chosen = torch.ones(1, len(sequence), dtype=torch.bool)
            logits = network.logits(source, torch.tensor([sequence]), chosen).double()
            total = 0.0
            for step, number in enumerate(sequence):
                may_come = sorted({one[step] for one in sequences if one[:step] == sequence[:step] and len(one) > step})
                total += float(torch.log_softmax(logits[step, may_come], dim=0)[may_come.index(number)])
            found.append(total)
    return np.array(found)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_a_beam_as_wide_as_the_taxonomy_finds_what_trying_every_label_finds(network, power):
    linker = make(network, length_power=power)
    # What follows once a label is told apart is certain: log 1 = 0, and it is not written.
    totals = every_label(network, "bakes bread", LABELS)
    paths = [linker._trie.path(row) for row in range(len(LABELS))]
    expected = totals / np.array([len(path) + 1 for path in paths]) ** power
    written = linker.write("bakes bread", None)
    assert sorted(written.rows.tolist()) == list(range(len(LABELS)))
    assert written.scores.merged.tolist() == pytest.approx(expected[written.rows].tolist(), abs=1e-4)
    assert written.scores.merged.tolist() == sorted(written.scores.merged.tolist(), reverse=True)


def test_the_probabilities_of_all_labels_sum_to_one(network):
    written = make(network).write("SQL", None)
    classes = network.label_classes(LABELS)
    once = {classes[row]: value for row, value in zip(written.rows, written.scores.merged.tolist(), strict=True)}
    assert np.exp(list(once.values())).sum() == pytest.approx(1, abs=1e-4)  # labels that are cut alike count once


def test_a_narrow_beam_gives_as_many_as_it_is_wide(own):
    labels = [f"{one} {other}" for one, other in itertools.product("abcdefgh", "abcdefgh")]
    written = make(own, labels).write("a b", None)
    assert len(written.rows) == len(set(written.rows.tolist())) == WIDTH


def test_a_label_with_the_very_words_is_marked(own):
    written = make(own).write("Baking, no: bake bread", None)
    assert not written.scores.same_words.any()
    written = make(own).write("we bake bread", (3, 13))
    assert sorted(written.rows[written.scores.same_words].tolist()) == [1, 8]  # whatever the case


def test_ties_keep_taxonomy_order(own):
    linker = make(own, ["SQL", "bake bread", "sql", "Sql"])  # the vocabulary has no capitals: all alike
    rows = linker.write("SQL", None).rows.tolist()
    assert [row for row in rows if row != 1] == [0, 2, 3]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    labels=st.lists(st.text(max_size=12), max_size=40),
    text=st.text(max_size=20),
    seed=st.integers(0, 2**31),
)
def test_whatever_the_weights_every_candidate_is_a_concept_of_the_taxonomy(own, labels, text, seed):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        kept = {name: value.clone() for name, value in own.decoder.state_dict().items()}
        for parameter in own.decoder.parameters():
            torch.nn.init.normal_(parameter, std=0.5)
        linker = make(own, labels)
        ((link,),) = linker.link([text], [[Mention(Span(0, len(text)), text, "skill", 1.0)]])
        (ranked,) = linker.rank([text], k=5)
        own.decoder.load_state_dict(kept)
    held = set(skills_of(labels))
    assert {candidate.concept for candidate in (*link.candidates, *ranked)} <= held
    assert len({candidate.concept.uri for candidate in link.candidates}) == len(link.candidates)
    assert len(link.candidates) == min(len(labels), WIDTH)
    assert len(ranked) == min(len(labels), 5)


def test_a_taxonomy_without_labels_links_nothing(network):
    linker = make(network, [])
    ((link,),) = linker.link(["SQL"], [[Mention(Span(0, 3), "SQL", "skill", 1.0)]])
    assert (link.concept, link.probability, link.candidates) == (None, 0.0, ())
    assert linker.rank(["SQL"], k=3) == [[]]


def test_a_text_without_a_word_links_to_nothing(network):
    linker = make(network)
    ((link,),) = linker.link([""], [[Mention(Span(0, 0), "", "skill", 1.0)]])
    assert link.concept is None
    assert {candidate.probability for candidate in link.candidates} == {0.0}


def test_a_mention_read_in_its_sentence_depends_on_it_and_on_its_place(own):
    linker = make(own, in_sentence=True)
    texts = ["bake SQL", "eat SQL", "SQL bake"]
    places = [(5, 8), (4, 7), (0, 3)]
    mentions = [[Mention(Span(*place), "SQL", "skill", 1.0)] for place in places]
    found = [link.candidates for (link,) in linker.link(texts, mentions)]
    assert all(one != other for one, other in itertools.combinations(found, 2))
    by_itself = make(own).link(texts, mentions)
    assert by_itself[0][0].candidates == by_itself[1][0].candidates == by_itself[2][0].candidates


@pytest.mark.parametrize("min_precision", [-0.1, 1.1])
def test_a_min_precision_that_is_no_probability_is_refused(own, min_precision):
    with pytest.raises(ConfigError, match="a number from 0 to 1"):
        make(own, min_precision=min_precision)


def save(network, folder):
    decoding = {"in_sentence": False, "length_power": 0.5, "calibration": [1, 0, 0, 0, 1], "abstain_below": 0.3}
    write_artifact(folder, kind="generator", settings={"decoding": decoding}, files=network.files())
    return decoding


def test_saving_and_loading_change_nothing(network, tmp_path):
    decoding = save(network, tmp_path / "generator")
    loaded = GenerativeLinker.load(tmp_path / "generator", skills=skills_of(LABELS))
    same = GenerativeLinker(network, skills_of(LABELS), decoding=read_decoding(decoding), version=loaded.version)
    texts = ["bake a cake", "", "C++ 👍"]
    mentions = [[Mention(Span(0, len(text)), text, "skill", 1.0)] for text in texts]
    assert loaded.link(texts, mentions) == same.link(texts, mentions)
    assert loaded.version.startswith("generator@")


def test_a_folder_of_another_kind_is_refused(tiny_linker):
    with pytest.raises(ModelError, match="is a linker"):
        GenerativeLinker.load(tiny_linker[0], skills=())


def test_without_torch_the_extra_is_named(own, tmp_path, monkeypatch):
    save(own, tmp_path / "generator")
    monkeypatch.setattr("metier.linking.generator.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'metier\[train\]'"):
        GenerativeLinker.load(tmp_path / "generator", skills=())


def test_pieces_that_no_label_had_in_training_are_one_class(tiny_encoder):
    network = PieceDecoder.for_labels(str(tiny_encoder), ["ab"], n_layers=1, dropout=0.0)
    # [end, unknown, a, ##b] by vocabulary number; q and ##q are not among them
    assert network.label_classes(["ab", "qq", "a q", ""]) == [(2, 3), (1, 1), (2, 1), (1,)]


def test_writing_step_by_step_gives_what_teacher_forcing_gives(network):
    labels = network.label_classes(["bake bread", "manage a team"])
    targets = torch.full((2, max(map(len, labels))), network.end)
    for row, label in enumerate(labels):
        targets[row, : len(label)] = torch.tensor(label)
    with torch.inference_mode():
        source = network.read(["bakes bread", "x"], [None, None])
        expected = network.logits(source, targets, torch.ones(targets.shape, dtype=torch.bool)).view(*targets.shape, -1)
        writer = network.writer(source)
        for step in range(targets.shape[1]):
            previous = None if step == 0 else targets[:, step - 1, None]
            logits = writer.step(torch.zeros(2, 1, dtype=torch.long), previous)
            torch.testing.assert_close(logits[:, 0], expected[:, step], rtol=1e-4, atol=1e-4)


def test_the_markers_of_the_hub_model_stand_around_the_mention(hub):
    texts = ["we bake bread", "we bake bread"]
    marked = hub.read(texts, [(3, 7), None])
    assert marked.states.shape[0] == 2
    assert not torch.equal(marked.states[0], marked.states[1])


def test_read_network_tells_both_kinds_apart(own, hub, tmp_path):
    for name, network in (("own", own), ("hub", hub)):
        for file, content in network.files().items():
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).write_bytes(content)
    assert isinstance(read_network(tmp_path / "own"), PieceDecoder)
    assert isinstance(read_network(tmp_path / "hub"), HubNetwork)


def test_a_model_that_writes_no_sequences_is_refused(tiny_encoder):
    with pytest.raises(ModelError, match="give a sequence-to-sequence model"):
        HubNetwork(str(tiny_encoder))
