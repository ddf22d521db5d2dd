import gzip
import json

import pytest

from metier.data.skillspan import (
    TaggedSentence,
    find_split,
    merged_layers,
    read_skillspan,
    skillspan_row,
    span_tags,
)
from metier.errors import InputError, MissingColumn

ROW = {
    "idx": 7,
    "tokens": ["Écrire", "du", "C++", "🙂"],
    "tags_skill": ["B", "I", "I", "O"],
    "tags_knowledge": ["O", "O", "B", "O"],
    "source": "tech",
}


def write(path, *rows):
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), "utf-8")
    return path


def without(*columns):
    return {column: value for column, value in ROW.items() if column not in columns}


def test_reads_words_layers_posting_and_source(tmp_path):
    assert read_skillspan(write(tmp_path / "test.json", ROW)) == [
        TaggedSentence(("Écrire", "du", "C++", "🙂"), ("B", "I", "I", "O"), ("O", "O", "B", "O"), "7", "tech")
    ]


def test_packed_file_reads_as_the_plain_one_whatever_its_name(tmp_path):
    plain = write(tmp_path / "test.json", ROW, ROW)
    packed = tmp_path / "packed.jsonl"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read_skillspan(packed) == read_skillspan(plain)


def test_file_with_one_layer_has_none_for_the_other(tmp_path):
    [sentence] = read_skillspan(write(tmp_path / "a.jsonl", without("tags_knowledge", "idx", "source")))
    assert sentence.knowledge is None
    assert sentence.skill == ("B", "I", "I", "O")
    assert (sentence.posting, sentence.source) == ("", "")


def test_type_behind_a_tag_is_dropped(tmp_path):
    row = {**ROW, "tags_skill": ["B-Skill", "I-Skill", "I-Skill", "O"]}
    assert read_skillspan(write(tmp_path / "a.json", row))[0].skill == ("B", "I", "I", "O")


def test_orphan_inside_tags_are_kept_as_they_are(tmp_path):
    row = {**ROW, "tags_skill": ["I", "I", "O", "I"]}
    assert read_skillspan(write(tmp_path / "a.json", row))[0].skill == ("I", "I", "O", "I")


def test_empty_file_and_empty_lines_give_no_sentences(tmp_path):
    assert read_skillspan(write(tmp_path / "a.json")) == []
    assert len(read_skillspan(write(tmp_path / "b.json", ROW, "", ROW, ""))) == 2


def test_line_separators_inside_a_word_do_not_end_the_row(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({**ROW, "tokens": ["a\u2028b", "b", "c", "d"]}, ensure_ascii=False), "utf-8")
    assert read_skillspan(path)[0].words[0] == "a\u2028b"


@pytest.mark.parametrize(
    ("row", "error", "expected"),
    [
        ("{not json", InputError, "row 2 is not valid JSON"),
        ("[1]", InputError, "row 2 is a JSON list"),
        (without("tokens"), MissingColumn, "row 2 has no 'tokens'"),
        (without("tags_skill", "tags_knowledge"), MissingColumn, "row 2 has neither 'tags_skill'"),
        ({**ROW, "tags_skill": ["B"]}, InputError, "row 2 has 4 tokens and 1 tags_skill"),
        ({**ROW, "tags_knowledge": []}, InputError, "row 2 has 4 tokens and 0 tags_knowledge"),
        ({**ROW, "tags_skill": ["B", "I", "X", "O"]}, InputError, "row 2 has the tag 'X'"),
        ({**ROW, "tokens": "a b c d"}, InputError, "row 2 has a 'tokens' that is no list"),
        ({**ROW, "tags_skill": [1, 2, 0, 0]}, InputError, "row 2 has a 'tags_skill' that is no list"),
    ],
)
def test_bad_row_is_named(tmp_path, row, error, expected):
    with pytest.raises(error, match=expected):
        read_skillspan(write(tmp_path / "a.json", ROW, row))


def test_file_that_is_missing_or_no_text_or_cut_says_so(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_skillspan(tmp_path / "none.json")
    binary = tmp_path / "a.json"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="byte 2 is 0x00, which is not UTF-16; save it as UTF-8"):
        read_skillspan(binary)
    binary.write_bytes(gzip.compress(json.dumps(ROW).encode())[:-12])
    with pytest.raises(InputError, match="cannot be read"):
        read_skillspan(binary)


def test_split_is_found_under_each_ending_and_a_file_is_its_own_answer(tmp_path):
    for split, ending in (("train", ".json"), ("dev", ".json.gz"), ("test", ".jsonl")):
        path = write(tmp_path / f"{split}{ending}", ROW)
        assert find_split(tmp_path, split) == path
        assert find_split(path, "other") == path


def test_split_that_is_not_there_says_what_was_expected(tmp_path):
    with pytest.raises(InputError, match=r"no split 'test'.*json\.gz"):
        find_split(tmp_path, "test")
    with pytest.raises(InputError, match="no file or folder"):
        find_split(tmp_path / "none", "test")


@pytest.mark.data
def test_staged_files_have_the_sizes_of_their_description(data_folder):
    # sentences, skill spans, knowledge spans: counts of the public release
    sizes = {"train": (4800, 2221, 2969), "dev": (3174, 1070, 1093), "test": (3569, 1090, 1174)}
    for split, expected in sizes.items():
        read = read_skillspan(find_split(data_folder / "skillspan", split))
        counts = [
            sum(tags.count("B") for tags in layer)
            for layer in zip(*((s.skill, s.knowledge) for s in read), strict=True)
        ]
        assert (len(read), *counts) == expected


@pytest.mark.parametrize(
    ("skill", "knowledge", "merged"),
    [
        ("OBIIO", "OOOBO", "OBIIO"),  # knowledge inside a skill is lost
        ("BIOOO", "OOOBI", "BIOBI"),  # apart: both stay
        ("BIOOO", "OBIIO", "BIIIO"),  # word by word: what a skill leaves of knowledge goes on from it
        ("OOOBI", "OBIII", "OBIBI"),
        ("BBOOO", "OOBOO", "BBBOO"),  # adjacent spans stay apart
        (None, "OBIOO", "OBIOO"),
        ("OBIOO", None, "OBIOO"),
    ],
)
def test_merged_layers_keep_skills_and_what_is_outside_them(skill, knowledge, merged):
    layers = (tuple(tags) if tags else None for tags in (skill, knowledge))
    sentence = merged_layers(TaggedSentence(tuple("abcdé"), *layers, posting="7", source="tech"))
    assert sentence == TaggedSentence(tuple("abcdé"), tuple(merged), None, posting="7", source="tech")


@pytest.mark.data
def test_merged_layers_give_the_number_of_spans_that_the_paper_trains_on(data_folder):
    merged = map(merged_layers, read_skillspan(data_folder / "skillspan" / "train.json.gz"))
    assert sum((sentence.skill or ()).count("B") for sentence in merged) == 5026


def test_a_row_written_is_the_sentence_read(tmp_path):
    sentences = [
        TaggedSentence(("use", "C++", "🙂"), None, ("O", "B", "O"), "7", "tech"),
        TaggedSentence(("lead", "teams"), ("B", "I"), ("O", "O")),
    ]
    rows = [json.dumps(skillspan_row(sentence)) for sentence in sentences]
    assert "tags_skill" not in rows[0]
    assert "idx" not in rows[1]
    (tmp_path / "a.jsonl").write_text("\n".join(rows))
    assert read_skillspan(tmp_path / "a.jsonl") == sentences


def test_spans_become_tags():
    assert span_tags([(3, 4), (0, 2)], n_words=5) == ("B", "I", "O", "B", "O")
    assert span_tags([], n_words=0) == ()
