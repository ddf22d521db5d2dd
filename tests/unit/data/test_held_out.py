import pytest

from metier.data.annotation_formats import read_annotations, write_annotations
from metier.data.format_names import Format
from metier.data.held_out import hold_out
from metier.data.spanned_text import SpannedText
from metier.data.tagged_sets import read_tagged


def rows(n, posting=lambda place: ""):
    return [SpannedText(f"text {place}", None, (), posting=posting(place)) for place in range(n)]


def test_every_fifth_posting_is_set_aside():
    given = rows(12, posting=lambda place: f"p{place // 2}")
    kept, aside = hold_out(given)
    assert aside == given[8:10]
    assert kept == [*given[:8], *given[10:]]


def test_without_names_25_texts_count_as_a_posting():
    given = rows(130)
    kept, aside = hold_out(given)
    assert aside == given[100:125]
    assert len(kept) == 105


@pytest.mark.parametrize("n", [0, 1, 100])
def test_of_few_none_is_set_aside(n):
    assert hold_out(rows(n)) == (rows(n), [])


@pytest.mark.data
def test_danish_kompetencer_gives_two_files_a_tagger_can_learn_from(data_folder, tmp_path):
    found = read_annotations(data_folder / "kompetencer" / "kompetencer_danish_train.conll", tell=lambda _: None)
    for name, part in zip(("train", "dev"), hold_out(found), strict=True):
        write_annotations(part, tmp_path / f"{name}.conll", form=Format.CONLL, cut="metier", tell=lambda _: None)
    train, dev = (read_tagged(tmp_path / f"{name}.conll") for name in ("train", "dev"))
    assert (len(train), len(dev)) == (213, 50)
    n_spans = {layer: sum(getattr(row, layer).count("B") for row in (*train, *dev)) for layer in ("skill", "knowledge")}
    assert n_spans == {"skill": 105, "knowledge": 30}
