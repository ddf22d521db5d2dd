import re

import numpy as np
import pytest

from metier.errors import ConfigError, InputError
from metier.evaluation.title_page import render_sheet, sheet_content, write_sheet
from metier.evaluation.title_picture import HEIGHT, WIDTH, draw
from metier.evaluation.title_sheet import Neighbourhood, compare_neighbours, neighbourhood

TITLES = [f"job {number}" for number in range(30)]


class Circle:
    """Puts the titles on a circle, in an order of its own."""

    def __init__(self, step):
        self.step = step

    def encode(self, texts):
        angles = [int(text.split()[1]) * self.step % 30 / 30 * 2 * np.pi for text in texts]
        return np.array([(np.cos(angle), np.sin(angle)) for angle in angles], dtype=np.float32)


ENCODERS = {"one": Circle(1), "seven": Circle(7)}


def sheet(seed=0, n_titles=20):
    return compare_neighbours(ENCODERS, TITLES, n_titles=n_titles, seed=seed)


def test_neighbours_are_the_nearest_titles_without_the_title_itself():
    found = neighbourhood(TITLES, Circle(1).encode(TITLES), row=5, k=4)
    assert set(found.neighbours) == {"job 3", "job 4", "job 6", "job 7"}
    assert set(found.neighbours[:2]) == {"job 4", "job 6"}
    assert found.places.shape == (5, 2)


def test_titles_of_zeros_are_nobodys_neighbours():
    vectors = Circle(1).encode(TITLES)
    vectors[6:] = 0
    found = neighbourhood(TITLES, vectors, row=5)
    assert set(found.neighbours) == {f"job {number}" for number in range(5)}


def test_picture_shows_the_plane_of_the_largest_differences():
    # along (1, 1, 0) the titles differ by 2 and 4, along the third axis not at all
    vectors = np.array([(0, 0, 1), (2, 2, 1), (4, 4, 1)], dtype=np.float32)
    places = neighbourhood(["a", "b", "c"], vectors, row=1).places
    assert np.sort(places[:, 0]).tolist() == pytest.approx([-1, 0, 1], abs=1e-6)
    assert places[:, 1].tolist() == [0, 0, 0]


def test_titles_at_one_place_are_drawn_in_the_middle():
    vectors = np.ones((3, 4), dtype=np.float32) / 2
    assert neighbourhood(["a", "b", "c"], vectors, row=0).places.tolist() == [[0, 0]] * 3


def test_each_side_shows_the_neighbours_of_the_system_that_it_names():
    for item in sheet().items:
        for name, side in ((item.left, item.left_side), (item.right, item.right_side)):
            vectors = ENCODERS[name].encode(TITLES)
            expected = neighbourhood(TITLES, vectors, row=TITLES.index(item.title))
            assert side.neighbours == expected.neighbours


def test_sides_are_shuffled_and_the_seed_decides_how():
    lefts = [item.left for item in sheet(seed=1).items]
    assert set(lefts) == {"one", "seven"}
    assert sheet_content(sheet(seed=1)) == sheet_content(sheet(seed=1))
    assert [item.title for item in sheet(seed=1).items] != [item.title for item in sheet(seed=2).items]
    assert sheet_content(sheet(seed=1))["id"] != sheet_content(sheet(seed=2))["id"]


def test_fewer_titles_than_asked_for_are_all_taken_once():
    assert sorted(item.title for item in sheet(n_titles=99).items) == sorted(TITLES)


def test_two_systems_are_needed():
    with pytest.raises(ConfigError, match="two systems, got 1"):
        compare_neighbours({"one": Circle(1)}, TITLES)


def test_titles_that_a_system_does_not_know_are_not_drawn():
    class Half(Circle):
        def encode(self, texts):
            vectors = super().encode(texts)
            vectors[[int(text.split()[1]) >= 4 for text in texts]] = 0
            return vectors

    drawn = compare_neighbours({"one": Circle(1), "half": Half(1)}, TITLES).items
    assert {item.title for item in drawn} == {"job 0", "job 1", "job 2", "job 3"}
    with pytest.raises(InputError, match="only 2 are known"):
        compare_neighbours({"one": Circle(1), "half": Half(1)}, TITLES[2:])


def test_page_has_both_sides_of_every_title_and_names_no_system_where_it_is_seen():
    page = render_sheet(sheet())
    seen = page[page.index("<main>") : page.index('<script type="application/json"')]
    assert seen.count("<svg") == 40
    assert seen.count("<article hidden>") == 20
    assert "seven" not in seen
    assert [seen.count(f'data-choice="{choice}"') for choice in ("left", "right", "both", "none")] == [1, 1, 1, 1]


def test_page_loads_nothing():
    page = render_sheet(sheet())
    assert "default-src 'none'" in page
    assert not re.search(r"""(src|href)=["']""", page)


def test_titles_are_escaped_in_page_picture_and_data():
    evil = "</script><script>alert('1')</script> & \"x\" 🚀"
    titles = [evil, *(f"{number} <b>" for number in range(12))]

    class Any:
        def encode(self, texts):
            return np.random.default_rng(0).normal(size=(len(texts), 3)).astype(np.float32)

    page = render_sheet(compare_neighbours({"a": Any(), "<i>": Any()}, titles))
    assert page.count("<script") == page.count("</script>") == 2  # the data and the page's own
    assert "<b>" not in page
    assert "<i>" not in page
    assert "🚀" in page


def test_labels_lie_inside_the_picture_and_not_on_each_other():
    places = np.array([(0, 0), (0.01, 0), (0, 0.02), (1, 1), (-1, -1), (1, -1), (0.02, 0.01)])
    side = Neighbourhood(tuple(f"a rather long title of a job {n}" for n in range(6)), places)
    labels = re.findall(r'<text x="([\d.]+)"( text-anchor="end")? y="([\d.]+)">([^<]+)</text>', draw("title", side))
    boxes = []
    for x, ends, y, text in labels:
        left = float(x) - (7 * len(text) if ends else 0)
        boxes.append((left, float(y), left + 7 * len(text), float(y) + 14))
    assert len(boxes) == 7
    for number, (left, top, right, bottom) in enumerate(boxes):
        assert left >= 0 <= top
        assert right <= WIDTH
        assert bottom <= HEIGHT + 14
        for other in boxes[:number]:
            assert left >= other[2] or other[0] >= right or top >= other[3] or other[1] >= bottom


def test_label_that_is_too_long_is_cut_and_whole_under_the_pointer():
    drawn = draw("x" * 80, Neighbourhood((), np.zeros((1, 2))))
    assert f"<title>{'x' * 80}</title>" in drawn
    assert f">{'x' * 33}…</text>" in drawn


def test_written_page_is_the_rendered_one(tmp_path):
    write_sheet(tmp_path / "sheet.html", sheet())
    assert (tmp_path / "sheet.html").read_text("utf-8") == render_sheet(sheet())
    with pytest.raises(InputError):
        write_sheet(tmp_path / "none" / "sheet.html", sheet())
