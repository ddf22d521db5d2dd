"""Each format by itself, and every pair of formats there and back."""

import gzip
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from annotation_files import FAST, ICT, ROW, TEXT, WORDS, WRITTEN, bare, place, read, save, save_rows, write
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from metier.data.annotation_formats import output_format, recognise, with_labels
from metier.data.format_names import Format
from metier.data.german_ict import read_german_ict
from metier.data.skillspan import TaggedSentence
from metier.data.spanned_text import LabelledSpan, SpannedText
from metier.data.tagged_sets import read_tagged
from metier.domain import Span
from metier.errors import ConfigError, InputError, MissingColumn


@st.composite
def tagged_rows(draw):
    """A sentence as words parted by single spaces; skills apart from skills, knowledge from knowledge."""
    letters = st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"])
    words = draw(
        st.lists(st.text(letters, min_size=1, max_size=4) | st.sampled_from(["🙂", "𝒞++", "é", "#", "["]), max_size=7)
    )
    placed, start = [], 0
    for word in words:
        placed.append(Span(start, start + len(word)))
        start += len(word) + 1
    looked_for = draw(st.sampled_from([("Skill", "Knowledge"), ("Skill",), ("Knowledge",)]))
    spans = []
    for label in looked_for:
        at = 0
        while at < len(words):
            length = draw(st.integers(0, 3))
            if length:
                spans.append(LabelledSpan(placed[at].start, placed[min(at + length, len(words)) - 1].end, label))
            at += max(1, length)  # adjacent spans occur
    return SpannedText(" ".join(words), tuple(placed), tuple(sorted(spans)), looked_for)


@pytest.mark.parametrize("second", FAST)
@pytest.mark.parametrize("first", FAST)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(tagged_rows(), min_size=1, max_size=3))
def test_sentences_survive_every_pair_of_formats(first, second, rows):
    """CoNLL leaves out empty sentences; BRAT does not say which labels were looked for, nor where words are."""
    rows = [row for row in rows if row.words or Format.CONLL not in (first, second)]
    assume(rows)
    with TemporaryDirectory() as one, TemporaryDirectory() as two:
        write(rows, place(one, first), first)
        between, _ = read(place(one, first), form=first)
        write(between, place(two, second), second, cut="space")
        back, told = read(place(two, second), form=second)
    if Format.BRAT in (first, second):
        kept = [
            row
            for row in rows
            if row.words or second not in (Format.SKILLSPAN, Format.CONLL) or first is not Format.BRAT
        ]
        assert [bare(row) for row in back] == [bare(row) for row in kept]
        if second not in (Format.BRAT, Format.LABEL_STUDIO):
            assert [row.words for row in back] == [row.words for row in kept]
    else:
        assert back == rows
    assert told == []


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(rows=st.lists(tagged_rows(), max_size=3))
def test_sentences_survive_docbin(rows):
    pytest.importorskip("spacy")
    with TemporaryDirectory() as folder:
        write(rows, place(folder, Format.DOCBIN), Format.DOCBIN)
        assert read(place(folder, Format.DOCBIN))[0] == rows


@pytest.mark.parametrize("form", [Format.SPANS, Format.LABEL_STUDIO, Format.BRAT])
@settings(max_examples=40, deadline=None)
@given(data=st.data(), text=st.text(st.sampled_from("ab é🙂\n\t\r.\u2028"), max_size=20))
def test_formats_with_offsets_keep_any_text_any_label_and_any_overlap(form, data, text):
    marked = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)), st.sampled_from(["Skill", "ICT", "x-1"]))
    spans = {
        LabelledSpan(min(a, b), max(a, b), label)
        for a, b, label in data.draw(st.lists(marked, max_size=4))
        if (inside := text[min(a, b) : max(a, b)]) and inside == inside.strip()
    }
    row = SpannedText(text, None, tuple(sorted(spans)))
    with TemporaryDirectory() as folder:
        if form is Format.SPANS:  # whole words only: what was written stays as it is
            write([row], place(folder, form), form)
            [row], _ = read(place(folder, form), form=form)
            assert row.text == text
            place(folder, form).unlink()
        write([row], place(folder, form), form)
        assert [bare(back) for back in read(place(folder, form), form=form)[0]] == [bare(row)]


@pytest.mark.parametrize("form", WRITTEN)
def test_written_file_is_recognised_and_holds_posting_and_source(tmp_path, form):
    if form is Format.DOCBIN:
        pytest.importorskip("spacy")
    write([ROW], place(tmp_path, form), form)
    assert recognise(place(tmp_path, form)) is form
    [back], told = read(place(tmp_path, form))
    if form is Format.BRAT:
        assert (bare(back), back.words, back.posting) == (bare(ROW), None, "1")
    else:
        assert back == ROW
    assert told == []


@pytest.mark.parametrize("form", [form for form in FAST if form is not Format.BRAT])
def test_file_is_packed_where_its_name_says_so_and_read_whatever_its_name(tmp_path, form):
    path = tmp_path / "out.gz"
    write([ROW], path, form)
    assert path.read_bytes().startswith(b"\x1f\x8b")
    assert read(path)[0] == [ROW]


def test_skillspan_file_is_what_its_reader_takes(tmp_path):
    write([ROW], tmp_path / "a.jsonl", Format.SKILLSPAN)
    assert read_tagged(tmp_path / "a.jsonl") == [
        TaggedSentence(("Écrire", "🙂", "du", "C++"), ("B", "I", "I", "I"), ("O", "O", "O", "B"), "7", "tech")
    ]


def test_skillspan_orphans_become_spans_and_are_told(tmp_path):
    path = save_rows(tmp_path / "a.json", {"tokens": ["a", "b"], "tags_skill": ["O", "I"]})
    rows, told = read(path)
    assert rows[0].spans == (LabelledSpan(2, 3, "Skill"),)
    assert told == ["1 spans began with I instead of B"]
    assert read_tagged(path)[0].skill == ("O", "I")


# CoNLL


def test_conll_of_kompetencer_with_its_quirks(tmp_path):
    lines = [
        "jeg\tO\tO",
        "kan\tB-Skill\tO",
        "SQL\tI-Skill\tB-Knowledge",
        "\t\t",
        "\u0095\tUdd\tO",
        "ok\tO\t",
        "\t\t",
        "\t\t",
    ]
    rows, told = read(save(tmp_path / "a.conll", "\r\n".join(lines)))
    assert [row.text for row in rows] == ["jeg kan SQL", "\u0095 ok"]
    assert rows[0].spans == (LabelledSpan(4, 11, "Skill"), LabelledSpan(8, 11, "Knowledge"))
    assert rows[1].spans == ()
    assert told == ["1 stray tags were read as O: 'Udd'", "1 stray tags were read as O: ''"]


def test_conll_with_one_tag_column_holds_skills_or_what_its_types_say(tmp_path):
    plain = read(save(tmp_path / "a", "a\tB\nb\tI\n\nc\tO"))[0]
    assert [(row.spans, row.looked_for) for row in plain] == [
        ((LabelledSpan(0, 3, "Skill"),), ("Skill",)),
        ((), ("Skill",)),
    ]
    typed = read(save(tmp_path / "b", "a\tB-ICT\n\nb\tO\n"))[0]
    assert [(row.spans, row.looked_for) for row in typed] == [((LabelledSpan(0, 1, "ICT"),), ("ICT",)), ((), ("ICT",))]


def test_conll_is_written_in_two_columns_where_there_is_no_knowledge_layer(tmp_path):
    row = SpannedText("a b", (Span(0, 1), Span(2, 3)), (LabelledSpan(2, 3, "Skill"),), ("Skill",))
    write([row], tmp_path / "a", Format.CONLL)
    assert (tmp_path / "a").read_text() == "a\tO\nb\tB-Skill\n\n"
    other = SpannedText("c", (Span(0, 1),), (), ("Knowledge",), posting="9", source="x")
    write([row, other], tmp_path / "a", Format.CONLL)
    assert (tmp_path / "a").read_text() == ("a\tO\t_\nb\tB-Skill\t_\n\n# newdoc id = 9\n# source = x\nc\t_\tO\n\n")
    assert read(tmp_path / "a")[0] == [row, other]


def test_conll_documents_of_2003_are_numbered(tmp_path):
    rows, _ = read(save(tmp_path / "a", "-DOCSTART- -X- O O\n\na\tO\tO\n\n-DOCSTART-\tO\tO\n\nb\tO\tO\n"))
    assert [(row.text, row.posting) for row in rows] == [("a", "1"), ("b", "2")]


def test_conll_word_may_be_a_hash_or_a_bracket(tmp_path):
    rows, _ = read(save(tmp_path / "a", "#\tO\tO\n[\tO\tO\n{\tO\tO\n"))
    assert [row.text for row in rows] == ["# [ {"]


def test_conll_leaves_out_empty_rows_and_says_so(tmp_path):
    assert write([SpannedText("", (), ()), ROW], tmp_path / "a", Format.CONLL) == ["1 empty rows were left out"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a\tO\tO\nb\tO\n", "line 2 has 2 columns, expected 3"),
        ("a\tO\tO\tO\n", "line 1 has 4 columns, expected 2 or 3"),
        ("risk\tK04\nlead\tS4\n", "column 2 has 'K04', which is no tag"),
        ("a\tO\tO\n\tO\tO\n", "line 1: word 2 is empty"),
    ],
)
def test_conll_with_other_columns_is_refused(tmp_path, content, expected):
    with pytest.raises(InputError, match=expected):
        read(save(tmp_path / "a.conll", content))


def test_conll_cannot_hold_a_tab_inside_a_word(tmp_path):
    with pytest.raises(InputError, match="which CoNLL has no way to write"):
        write([SpannedText("a\tb", (Span(0, 3),), (), origin="f")], tmp_path / "a", Format.CONLL)
    assert list(tmp_path.iterdir()) == []


# span lines


def test_span_lines_count_tokens_as_prodigy_does(tmp_path):
    write([ROW], tmp_path / "a", Format.SPANS)
    row = json.loads((tmp_path / "a").read_text())
    assert row["tokens"][1] == {"text": "🙂", "start": 7, "end": 8, "id": 1}
    # the last token of a span is inside it: words 0 to 3, and word 3 alone
    assert [(span["token_start"], span["token_end"]) for span in row["spans"]] == [(0, 3), (3, 3)]
    assert row["meta"] == {"posting": "7", "source": "tech"}


def test_span_lines_that_were_rejected_are_left_out(tmp_path):
    rows = [{"text": "a", "spans": [], "answer": answer} for answer in ("accept", "reject", "ignore")]
    rows, told = read(save_rows(tmp_path / "a", *rows))
    assert (len(rows), told) == (1, ["2 rows were left out: their answer is not 'accept'"])


@pytest.mark.parametrize(
    ("row", "error", "expected"),
    [
        ({"text": "a"}, MissingColumn, "row 1 has no 'spans'"),
        ({"spans": []}, MissingColumn, "row 1 has no 'text'"),
        ({"text": 1, "spans": []}, InputError, "'text' that is a int"),
        ({"text": "a", "spans": {}}, InputError, "'spans' that is a dict"),
        ({"text": "a", "spans": [{"start": 0, "end": 1}]}, MissingColumn, "a span has no 'label'"),
        ({"text": "a", "spans": [{"start": "0", "end": 1, "label": "x"}]}, InputError, "expected 'start' and 'end'"),
        ({"text": "a", "spans": [{"start": 0, "end": True, "label": "x"}]}, InputError, "expected 'start' and 'end'"),
        ({"text": "a", "spans": [{"start": 0, "end": 2, "label": "x"}]}, InputError, "0..2 does not lie in the text"),
        ({"text": "a", "spans": [], "tokens": [3]}, InputError, "a token is 3"),
        ({"text": "a", "spans": [], "tokens": [[0, 1, 2]]}, InputError, "expected 'start' and 'end'"),
        ({"text": "a", "spans": [], "meta": {"looked_for": "Skill"}}, InputError, "'looked_for' that is no list"),
    ],
)
def test_span_line_with_a_fault_is_refused_by_row(tmp_path, row, error, expected):
    with pytest.raises(error, match=expected):
        read(save_rows(tmp_path / "a", row), form=Format.SPANS)


# DocBin


def test_docbin_has_the_group_and_entities_where_nothing_overlaps(tmp_path):
    tokens = pytest.importorskip("spacy.tokens")
    vocab = pytest.importorskip("spacy.vocab").Vocab()
    apart = SpannedText(TEXT, WORDS, (LabelledSpan(0, 8, "Skill"), LabelledSpan(12, 15, "Knowledge")))
    write([ROW, apart], tmp_path / "a.spacy", Format.DOCBIN)
    both, alone = tokens.DocBin().from_disk(tmp_path / "a.spacy").get_docs(vocab)
    assert both.text == TEXT
    assert [(span.text, span.label_) for span in both.spans["skills"]] == [(TEXT, "Skill"), ("C++", "Knowledge")]
    assert both.ents == ()
    assert [(entity.text, entity.label_) for entity in alone.ents] == [("Écrire 🙂", "Skill"), ("C++", "Knowledge")]


def test_docbin_keeps_white_space_and_reads_entities_of_others(tmp_path):
    tokens = pytest.importorskip("spacy.tokens")
    vocab = pytest.importorskip("spacy.vocab").Vocab()
    text = "  a \n\nb,  c "
    words = (Span(2, 3), Span(6, 7), Span(7, 8), Span(10, 11))
    row = SpannedText(text, words, (LabelledSpan(2, 7, "Skill"),))
    write([row], tmp_path / "a.spacy", Format.DOCBIN)
    assert read(tmp_path / "a.spacy")[0] == [row]
    other = tokens.Doc(vocab, words=["learn", "SQL"])
    other.ents = [tokens.Span(other, 1, 2, label="TOOL")]
    tokens.DocBin(docs=[other]).to_disk(tmp_path / "b.spacy")
    assert read(tmp_path / "b.spacy")[0][0].spans == (LabelledSpan(6, 9, "TOOL"),)


@pytest.mark.parametrize("content", [b"", b"no", b"x\x9c\x00"])
def test_docbin_that_is_none_is_refused(tmp_path, content):
    pytest.importorskip("spacy")
    with pytest.raises(InputError, match="is no DocBin"):
        read(save(tmp_path / "a.spacy", content))


# German ICT terms


def test_german_ict_is_cut_into_sentences_of_a_knowledge_layer(tmp_path):
    marked = {**ICT, "spans": [{"start": 0, "end": 4, "label": "ICT"}]}
    tokens = [[0, 4], [4, 5], [5, 6], [6, 9], [10, 15], [16, 20], [20, 21]]
    path = save_rows(tmp_path / "a.jsonl", marked, {**ICT, "id": "ad-2", "tokens": tokens})
    first = TaggedSentence(("Java", "!"), None, ("B", "O"), "ad-1")
    second = TaggedSentence(("Sie", "bauen", "APIs", "."), None, ("O",) * 4, "ad-1")
    assert read_german_ict(path)[:2] == [first, second]
    assert [row.words for row in read_german_ict(path)[2:]] == [first.words, second.words]
    assert read_tagged(path) == read_german_ict(path)
    assert recognise(path) is Format.GERMAN_ICT


@pytest.mark.data
def test_german_ict_spans_are_all_there(data_folder):
    # the counts of the data's own description
    sentences = read_german_ict(data_folder / "german_ict_terms" / "dev.jsonl")
    assert sum(sentence.knowledge.count("B") for sentence in sentences) == 404
    assert {sentence.skill for sentence in sentences} == {None}


@pytest.mark.data
def test_kompetencer_spans_are_all_there(data_folder):
    rows, told = read(data_folder / "kompetencer" / "kompetencer_danish_train.conll")
    labels = [span.label for row in rows for span in row.spans]
    assert (len(rows), labels.count("Skill"), labels.count("Knowledge")) == (263, 105, 30)
    assert "1 stray tags were read as O: 'Udd'" in told


# all of them


def test_every_format_is_read_as_tagged_sentences(tmp_path):
    expected = TaggedSentence(("Écrire", "🙂", "du", "C++"), ("B", "I", "I", "I"), ("O", "O", "O", "B"), "7", "tech")
    for form in FAST:
        write([ROW], place(tmp_path, form), form)
        [found] = read_tagged(place(tmp_path, form))
        assert (found.words, found.skill, found.knowledge) == (expected.words, expected.skill, expected.knowledge)
        if form is not Format.BRAT:
            assert found == expected
            place(tmp_path, form).unlink()


def test_text_without_words_becomes_several_sentences(tmp_path):
    row = SpannedText("You plan.\n• Java/SQL", None, (LabelledSpan(13, 16, "Knowledge"),))
    told = write([row], tmp_path / "a", Format.SKILLSPAN)
    assert told == ["1 spans were widened to whole words"]  # "ava" to "Java"
    first, second = read_tagged(tmp_path / "a")
    assert first.words == ("You", "plan", ".")
    assert (second.words, second.knowledge) == (("Java", "/", "SQL"), ("B", "O", "O"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (gzip.compress(b""), "is empty"),
        (b"\x7fELF\0\0", "byte 4 is NUL"),
        (b"caf\xe9", "byte 3 is 0xE9"),
        (b"\x1f\x8b\x00cut", "cannot be read"),
        (b'{"tokens": ["a"', "row 1 is not valid JSON"),
        (b"just a text", "is none of skillspan, conll"),
        (b'{"a": 1}', "row 1 has 'a'; expected 'tokens'"),
        (b'{"id": "1", "mentions": [], "text_sha256": ""}', "does not hold the text"),
    ],
)
def test_file_of_no_format_is_refused(tmp_path, content, expected):
    with pytest.raises(InputError, match=expected):
        read(save(tmp_path / "a.bin", content))


def test_place_that_does_not_fit_the_format_is_refused(tmp_path):
    with pytest.raises(InputError, match="There is no file or folder"):
        read(tmp_path / "none")
    with pytest.raises(InputError, match="is a folder, which conll is not kept in"):
        read(tmp_path, form=Format.CONLL)
    with pytest.raises(InputError, match="is a file, which brat is not kept in"):
        read(save(tmp_path / "a", "a\tO"), form=Format.BRAT)


def test_output_format_is_what_was_asked_or_what_the_ending_says():
    assert output_format(Path("a.conll.gz"), form=None) is Format.CONLL
    assert output_format(Path("a.spacy"), form=None) is Format.DOCBIN
    assert output_format(Path("folder"), form=None) is Format.BRAT
    assert output_format(Path("a.conll"), form=Format.SPANS) is Format.SPANS
    with pytest.raises(ConfigError, match="several formats; give --to"):
        output_format(Path("a.jsonl"), form=None)
    with pytest.raises(ConfigError, match="german-ict is only read"):
        output_format(Path("a.jsonl"), form=Format.GERMAN_ICT)


def test_label_to_rename_has_to_occur():
    assert with_labels([], {"x": "skill"}) == []
    with pytest.raises(ConfigError, match="no label 'x' to rename, only Knowledge, Skill"):
        with_labels([ROW], {"x": "skill"})


def test_row_that_does_not_fit_leaves_the_old_file(tmp_path):
    overlapping = SpannedText(
        "a b", None, (LabelledSpan(0, 1, "Skill"), LabelledSpan(0, 3, "Skill")), origin="f, row 9"
    )
    path = save(tmp_path / "a", "old")
    for form in (Format.SKILLSPAN, Format.CONLL):
        with pytest.raises(InputError, match="f, row 9 has two spans 'Skill' that overlap"):
            write([overlapping], path, form)
    assert path.read_text() == "old"
