import json
import re

import numpy as np
import pytest

from metier.domain import Facts, Profile
from metier.errors import InputError
from metier.evaluation.latent_page import map_content, render_map
from metier.evaluation.latent_space import COLOURS, GREY, OTHER, LatentMap, draw_map, group_colours, map_profiles

EVIL = "</script><script>alert('é🍞')</script><b onmouseover=x>"


class Axes:
    """A person's category says the axis, with some noise; without a title, nothing is known."""

    version = "axes@00000000"
    dim = 8

    def encode_profiles(self, profiles):
        vectors = np.random.default_rng(1).normal(scale=0.05, size=(len(profiles), self.dim)).astype(np.float32)
        for row, profile in zip(vectors, profiles, strict=True):
            row[int(profile.facts.category[-1])] += 1
            row *= bool(profile.sections.get("title"))
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)

    def encode_projects(self, projects):
        raise NotImplementedError


def people(n, *, title="baker", n_groups=3):
    return [
        Profile(
            str(number),
            {"title": title, "family": f"family {number % n_groups % 2}"},
            facts=Facts(category=f"category {number % n_groups}"),
            language="fr",
        )
        for number in range(n)
    ]


def flat(profiles):
    places = np.random.default_rng(3).random((len(profiles), 2))
    return LatentMap(profiles=profiles, places=places, version="axes@00000000")


@pytest.fixture(scope="module")
def found():
    pytest.importorskip("sklearn")
    return map_profiles(Axes(), people(120), seed=1)


def test_map_puts_people_of_one_group_together(found):
    groups = np.array(found.groups("category"))
    for name in set(groups.tolist()):
        inside, outside = found.places[groups == name], found.places[groups != name]
        middle = inside.mean(axis=0)
        spread = np.linalg.norm(inside - middle, axis=1).max()
        assert spread < np.linalg.norm(outside - middle, axis=1).min()


def test_places_fill_the_unit_square(found):
    assert found.places.min(axis=0).tolist() == [0, 0]
    assert found.places.max(axis=0).tolist() == [1, 1]


def test_map_leaves_out_people_without_a_word_and_draws_at_most_so_many():
    pytest.importorskip("sklearn")
    profiles = [*people(5), *people(3, title="")]
    assert len(map_profiles(Axes(), profiles).profiles) == 5
    drawn = map_profiles(Axes(), people(50), limit=12, seed=4)
    ids = [int(profile.id) for profile in drawn.profiles]
    assert len(ids) == 12
    assert ids == sorted(ids)
    assert [profile.id for profile in map_profiles(Axes(), people(50), limit=12, seed=5).profiles] != ids


@pytest.mark.parametrize("profiles", [[], people(3), people(9, title="")])
def test_map_refuses_too_few_people(profiles):
    with pytest.raises(InputError, match="give at least 4"):
        map_profiles(Axes(), profiles)


def test_rare_groups_and_unknown_ones_are_other():
    profiles = [Profile(str(number), facts=Facts(category=f"c{number // 2}")) for number in range(24)]
    groups = flat([*profiles, Profile("unknown")]).groups("category")
    assert len(set(groups)) == len(COLOURS) + 1
    assert groups[-1] == OTHER


def test_colours_go_by_frequency_and_other_is_grey():
    assert group_colours(["b", "a", "a", OTHER, OTHER, OTHER]) == {"a": COLOURS[0], "b": COLOURS[1], OTHER: GREY}
    assert group_colours([]) == {}


def test_picture_has_a_panel_for_each_known_grouping(found):
    pytest.importorskip("matplotlib")
    figure = draw_map(found, subject="a market")
    assert [axes.get_title() for axes in figure.axes] == ["by family", "by category", "", ""]
    labels = [text.get_text() for text in figure.axes[3].get_legend().get_texts()]
    assert labels == ["category 0 (40)", "category 1 (40)", "category 2 (40)"]


def test_picture_of_people_on_a_line_has_no_density_and_does_not_fail():
    pytest.importorskip("matplotlib")
    line = np.stack([np.linspace(0, 1, 20), np.zeros(20)], axis=1)
    profiles = [Profile(str(number)) for number in range(20)]
    drawn = draw_map(LatentMap(profiles=profiles, places=line, version="v"), subject="s")
    assert len(drawn.axes) == 2  # the map and its legend


def test_page_holds_titles_as_data_that_cannot_end_their_element():
    profiles = [
        Profile("x", {"title": EVIL, "family": EVIL}, facts=Facts(category=EVIL)),
        Profile("y", {"description": "no title"}),
    ]
    page = render_map(flat(profiles), subject=EVIL)
    assert page.count("<script") == 2  # the data and the one script
    assert page.count("</script>") == 2
    assert "<b onmouseover" not in page
    data = json.loads(re.search(r'id="map">(.*?)</script>', page, re.DOTALL)[1])
    assert data["titles"] == [EVIL, "no title"]
    assert data["categories"] == [EVIL, ""]
    assert data["groupings"][0]["names"] == [EVIL, OTHER]


def test_page_loads_nothing():
    page = render_map(flat(people(4)), subject="s")
    assert "default-src 'none'" in page
    assert not re.search(r"""(src|href)=|url\(|@import|https?:""", page)


def test_page_knows_every_place_and_group():
    content = map_content(flat(people(7)))
    assert len(content["places"]) == 7
    by_category, by_family, by_language = content["groupings"]
    assert by_category["of"] == [0, 1, 2, 0, 1, 2, 0]
    assert (by_family["by"], by_language["by"]) == ("family", "language")
    assert by_category["colours"] == list(COLOURS[:3])
