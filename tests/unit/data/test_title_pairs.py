import gzip
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.data.title_pairs import TitlePair, mask_title, read_title_pairs, split_pairs
from metier.errors import InputError, MissingColumn


def _write(folder, name, rows):
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    (folder / "postings").mkdir(exist_ok=True)
    (folder / "postings" / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)


def _write_esco(folder, language, rows):
    header = "conceptUri,preferredLabel,altLabels,description\n"
    (folder / f"occupations_{language}.csv").write_text(header + rows, encoding="utf-8")


def test_pairs_come_by_file_name_then_row(tmp_path):
    _write(tmp_path, "b_en.jsonl", [{"title": " Baker  (m/f) ", "description": "Bake bread."}])
    _write(tmp_path, "a_fr.jsonl.gz", [{"title": "Boulanger", "description": "Cuire le pain."}])
    assert read_title_pairs(tmp_path, languages=("fr", "en")) == [
        TitlePair("a_fr:1", "Boulanger", "Cuire le pain.", "fr", "a_fr"),
        TitlePair("b_en:1", "Baker (m/f)", "Bake bread.", "en", "b_en"),
    ]


def test_the_language_of_a_row_goes_before_that_of_its_file(tmp_path):
    rows = [{"title": "Kok", "description": "x", "lang": "da"}, {"title": "Cook", "description": "y", "lang": "en"}]
    _write(tmp_path, "jobs_da.jsonl", rows)
    assert [pair.title for pair in read_title_pairs(tmp_path, languages=("en",))] == ["Cook"]
    assert [pair.language for pair in read_title_pairs(tmp_path, languages=("da", "en"))] == ["da", "en"]


def test_rows_without_a_title_or_a_text_are_passed_over(tmp_path):
    rows = [
        {"text": "no title field"},
        {"title": None, "description": "x"},
        {"title": "!!! 🔥", "description": "x"},
        {"title": "Baker", "description": " \n"},
        {"title": "Baker"},
        {"title": "Baker", "description": "<p> </p>"},
        {"title": "Bäcker 🥐", "description": "x"},
    ]
    _write(tmp_path, "jobs_de.jsonl", rows)
    assert [pair.id for pair in read_title_pairs(tmp_path, languages=("de",))] == ["jobs_de:7"]


def test_html_descriptions_come_as_plain_text(tmp_path):
    _write(
        tmp_path, "jobs_en.jsonl", [{"title": "Baker", "description": "<p>Bake &amp; sell</p><ul><li>bread</li></ul>"}]
    )
    assert read_title_pairs(tmp_path, languages=("en",))[0].description == "Bake & sell\nbread"


def test_a_title_that_is_no_text_is_an_error_that_names_the_row(tmp_path):
    _write(tmp_path, "jobs_en.jsonl", [{"title": 3, "description": "x"}])
    with pytest.raises(InputError, match=r"row 1 has a 'title' that is int"):
        read_title_pairs(tmp_path, languages=("en",))


def test_a_folder_without_postings_is_an_error(tmp_path):
    with pytest.raises(InputError, match="has no postings"):
        read_title_pairs(tmp_path, languages=("en",))


def test_every_label_of_an_esco_occupation_makes_a_pair(tmp_path):
    _write(tmp_path, "jobs_en.jsonl", [])
    _write_esco(tmp_path, "en", 'u:1,baker,"bread maker\nbaker\nartisan baker",Bakers bake.\nu:2,pilot,,\n')
    _write_esco(tmp_path, "da", "u:1,bager,,Bagere bager.\n")
    pairs = read_title_pairs(tmp_path, languages=("da", "en"), esco=tmp_path)
    assert [(pair.id, pair.title, pair.language) for pair in pairs] == [
        ("u:1#da0", "bager", "da"),
        ("u:1#en0", "baker", "en"),
        ("u:1#en1", "bread maker", "en"),
        ("u:1#en2", "artisan baker", "en"),
    ]
    assert {pair.source for pair in pairs} == {"esco"}


def test_a_language_that_esco_lacks_is_an_error(tmp_path):
    _write(tmp_path, "jobs_en.jsonl", [])
    with pytest.raises(InputError, match=r"neither occupations_xx\.csv nor"):
        read_title_pairs(tmp_path, languages=("xx",), esco=tmp_path)
    (tmp_path / "occupations_xx.csv").write_text("conceptUri,preferredLabel\n")
    with pytest.raises(MissingColumn, match="description"):
        read_title_pairs(tmp_path, languages=("xx",), esco=tmp_path)


def _pairs(n, *, seed=0):
    """Postings of which each third repeats the text before it, and occupations in two languages."""
    chance, pairs = random.Random(seed), []
    for number in range(n):
        words = " ".join(f"w{chance.randrange(9_000)}" for _ in range(30))
        text = pairs[-1].description + " more" if number % 3 == 2 else words
        pairs.append(TitlePair(f"jobs_en:{number}", f"title {number}", text, "en", "jobs_en"))
    for number in range(n // 4):
        for language in ("en", "da"):
            text = f"{language} " + " ".join(f"{language}{chance.randrange(9_000)}" for _ in range(20))
            pairs += [
                TitlePair(f"u:{number}#{language}{label}", f"o{number} {label}", text, language, "esco")
                for label in range(3)
            ]
    return pairs


def _sides(pairs):
    split = split_pairs(pairs)
    sides = {"train": split.train, "dev": split.dev, "test": split.test}
    return {pair.id: side for side, held in sides.items() for pair in held}


def test_a_split_has_every_pair_once_and_about_eight_in_ten_train():
    pairs = _pairs(600)
    split = split_pairs(pairs)
    assert sorted(pair.id for part in (split.train, split.dev, split.test) for pair in part) == sorted(
        pair.id for pair in pairs
    )
    assert 0.7 < len(split.train) / len(pairs) < 0.9
    assert 0.05 < len(split.dev) / len(pairs) < 0.17
    assert 0.05 < len(split.test) / len(pairs) < 0.17


def test_near_duplicates_stay_on_one_side():
    pairs, sides = _pairs(300), _sides(_pairs(300))
    twins = [(pairs[number - 1].id, pairs[number].id) for number in range(2, 300, 3)]
    assert all(sides[first] == sides[second] for first, second in twins)


def test_all_pairs_of_an_occupation_stay_on_one_side_in_all_languages():
    sides: dict[str, set[str]] = {}
    for identity, side in _sides(_pairs(300)).items():
        if "#" in identity:
            sides.setdefault(identity.split("#")[0], set()).add(side)
    assert len(sides) == 75
    assert all(len(one) == 1 for one in sides.values())
    assert {"train", "dev", "test"} == set.union(*sides.values())


def test_a_posting_that_copies_an_occupation_goes_with_all_its_languages():
    pairs = _pairs(80)
    copies = [
        TitlePair(f"copies:{number}", "copy", pair.description.upper(), "en", "copies")
        for number, pair in enumerate(pairs)
        if pair.id.endswith("#en0")
    ]
    sides = _sides(pairs + copies)
    occupations = [pair.id.split("#")[0] for pair in pairs if pair.id.endswith("#en0")]
    for copy, occupation in zip(copies, occupations, strict=True):
        assert sides[copy.id] == sides[f"{occupation}#en0"] == sides[f"{occupation}#da2"]


def test_order_does_not_change_the_split():
    pairs = _pairs(200)
    shuffled = random.Random(4).sample(pairs, len(pairs))
    assert _sides(pairs) == _sides(shuffled)


def test_a_split_of_nothing_and_of_one():
    assert split_pairs([]).train == split_pairs([]).dev == split_pairs([]).test == []
    assert len(_sides(_pairs(1))) == 1


def test_parts_keep_the_order_in_which_pairs_came():
    pairs = _pairs(100)
    places = {pair.id: place for place, pair in enumerate(pairs)}
    train = [places[pair.id] for pair in split_pairs(pairs).train]
    assert train == sorted(train)


@pytest.mark.parametrize(
    ("description", "title", "masked"),
    [
        ("A QA Engineer tests.", "Senior QA Engineer (m/f/d)", "A             tests."),  # the clean form
        ("Our senior qa  engineer", "Senior QA Engineer (m/f/d)", "Our                    "),  # with its seniority
        ("Cook (m/f) wanted; cooks cook.", "Cook (m/f)", "           wanted; cooks     ."),  # whole words only
        ("C++ Developer? Yes.", "C++ Developer", "             ? Yes."),
        ("ÉLEVEUR et éleveur 🐄", "éleveur", "        et         🐄"),
        ("nothing here", "!!!", "nothing here"),
        ("", "Cook", ""),
        ("text", "", "text"),
    ],
)
def test_a_masked_title_is_spaces(description, title, masked):
    assert mask_title(description, title) == masked


@given(st.text(max_size=80), st.text(max_size=20))
def test_masking_keeps_the_length_and_touches_nothing_else(description, title):
    masked = mask_title(description, title)
    assert len(masked) == len(description)
    assert all(new in (old, " ") for old, new in zip(description, masked, strict=True))


@pytest.mark.data
def test_danish_and_french_postings_have_the_published_numbers(data_folder):
    pairs = read_title_pairs(data_folder, languages=("fr",))
    assert len(pairs) == 299
    assert {pair.source for pair in pairs} == {"france_travail_fr"}
