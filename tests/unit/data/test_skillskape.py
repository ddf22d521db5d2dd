import gzip

import pytest

from metier.data.skillskape import read_skillskape
from metier.errors import InputError, MissingColumn

ROWS = (
    'sentence,skills\n"We use SQL, é 👍","[\'use SQL\', ""it\'s""]"\nNothing here,[\'UNK\']\nTwo,"[\'a\', \'UNK\']"\n'
)
READ = [("We use SQL, é 👍", ("use SQL", "it's")), ("Nothing here", ()), ("Two", ("a",))]


def test_sentences_come_with_their_labels_and_unknown_ones_are_dropped(tmp_path):
    (tmp_path / "train.csv").write_text(ROWS, encoding="utf-8")
    assert read_skillskape(tmp_path / "train.csv") == READ


def test_a_packed_file_and_a_byte_order_mark_are_read(tmp_path):
    (tmp_path / "train.csv.gz").write_bytes(gzip.compress(("\ufeff" + ROWS).encode()))
    assert read_skillskape(tmp_path / "train.csv.gz") == READ


def test_a_file_of_a_header_is_empty(tmp_path):
    (tmp_path / "train.csv").write_text("sentence,skills\n")
    assert read_skillskape(tmp_path / "train.csv") == []


@pytest.mark.parametrize("content", ["", "sentence\na\n", "Sentence,Skills\na,[]\n"])
def test_a_missing_column_is_named(tmp_path, content):
    (tmp_path / "train.csv").write_text(content)
    with pytest.raises(MissingColumn, match="`sentence` and `skills`"):
        read_skillskape(tmp_path / "train.csv")


@pytest.mark.parametrize("written", ["use SQL", "'SQL'", "5", "[1]", "['a'", "{'a': 1}", ""])
def test_a_malformed_list_names_its_row(tmp_path, written):
    (tmp_path / "train.csv").write_text(f'sentence,skills\nok,[]\nbad,"{written}"\n')
    with pytest.raises(InputError, match=r"row 2: .* is not a list of labels"):
        read_skillskape(tmp_path / "train.csv")


def test_a_short_row_is_named(tmp_path):
    (tmp_path / "train.csv").write_text("sentence,skills\nalone\n")
    with pytest.raises(InputError, match="row 1 has fewer fields"):
        read_skillskape(tmp_path / "train.csv")


@pytest.mark.parametrize("name", ["train.csv", "train.csv.gz"])
@pytest.mark.parametrize(
    "content", [gzip.compress(b"sentence,skills\n" * 99)[:-20], b"\xff\xfe\x00,", b"\x1f\x8b\x08\x00"]
)
def test_a_file_that_cannot_be_read_is_an_input_error(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError):
        read_skillskape(tmp_path / name)


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_skillskape(tmp_path / "nowhere.csv.gz")


@pytest.mark.data
def test_the_staged_split_is_read_whole(data_folder):
    rows = read_skillskape(data_folder / "skillskape" / "train.csv.gz")
    assert len(rows) > 1000
    assert all(isinstance(sentence, str) and isinstance(labels, tuple) for sentence, labels in rows)
