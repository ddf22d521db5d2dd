"""Audits of encoders that are known to be fair or not."""

from datetime import date

import numpy as np
import pytest
from matching_market import tiny_market

from metier.data.documents import section_texts, write_profiles, write_projects
from metier.data.market import Interaction, Market, Truth, write_market
from metier.domain import Facts, Profile, Project
from metier.errors import ConfigError, InputError
from metier.matching.audit_phrases import WOMEN
from metier.pipelines.audit import AuditSettings, audit_matching
from metier.pipelines.audit_page import render_audit
from metier.pipelines.audit_task import NOT_KNOWN, AuditTask, attribute_values, files_audit, market_audit

TRADES = ("python", "bread", "steel", "wound")
SETTINGS = AuditSettings(k=5, n_people=40)


class TradeEncoder:
    """Counts four words, and nothing else."""

    version, dim = "trades@1", 6

    def encode_profiles(self, documents):
        vectors = np.zeros((len(documents), self.dim), dtype=np.float32)
        for row, document in zip(vectors, documents, strict=True):
            text = " ".join(section_texts(document).values())
            row[:4] = [text.lower().count(word) for word in TRADES]
            row[4] = self.extra(text) if text else 0
            row /= np.linalg.norm(row) or 1
        return vectors

    encode_projects = encode_profiles

    def extra(self, text):
        return 0.0


class HatesWomen(TradeEncoder):
    """The name of a woman turns a text away from every project."""

    def extra(self, text):
        return 1.0 if any(name in text for name in WOMEN["en"]) else 0.0


def people(n=40):
    def one(number):
        trade = TRADES[number % 4]
        words = " ".join([trade] * (1 + number % 3)) + f" {TRADES[(number + 1) % 4]}"
        return Profile(
            f"f{number}", {"title": f"{trade} worker", "description": words}, (trade,), Facts("FR"), "en"
        )  # fmt: skip

    return [one(number) for number in range(n)]


def work(n=12):
    return [Project(f"p{number}", {"title": f"{TRADES[number % 4]} wanted"}, language="en") for number in range(n)]


def task(profiles=None, **judgement):
    someone = people() if profiles is None else profiles
    half = ["a" if number % 2 else "b" for number in range(len(someone))]
    return AuditTask(projects=work(), profiles=someone, attributes={"half": half}, **judgement)


def by_name(swaps):
    return {swap.name: swap for swap in swaps}


def test_an_encoder_that_ignores_cues_moves_nobody():
    found = audit_matching(task(), encoder=TradeEncoder(), settings=SETTINGS)
    assert len(found.swaps) == 7  # nobody has a gendered word
    for swap in found.swaps:
        assert swap.n_pairs > 0
        for effect in swap.effects.values():
            assert (effect.change.difference, effect.moved, effect.noise) == (0.0, 0.0, 0.0)
            assert effect.change.p_value == effect.beyond_noise.p_value == 1.0


def test_an_encoder_that_hates_a_cue_is_caught():
    found = by_name(audit_matching(task(), encoder=HatesWomen(), settings=SETTINGS).swaps)
    hated = found["first name, gender"].effects
    assert hated["cosine"].change.difference < 0
    assert hated["cosine"].change.interval.high < 0
    assert hated["cosine"].change.p_value < 0.01
    assert hated["rank"].change.difference > 1  # further down
    assert hated["top_k"].change.difference < 0
    assert hated["rank"].beyond_noise.p_value < 0.05  # both names of the control are of one gender
    assert hated["rank"].noise == 0.0
    assert found["year of birth"].effects["rank"].moved == 0.0


def test_without_cues_it_is_fair_again():
    blind = audit_matching(task(), encoder=HatesWomen(), settings=SETTINGS).mitigations[0]
    assert blind.name == "texts without cues"
    assert by_name(blind.swaps)["first name, gender"].effects["rank"].moved == 0.0
    assert blind.relevance.difference == 0.0  # nobody had a cue to begin with


def test_texts_with_cues_are_read_again_without_them():
    profiles = people()
    marked = [
        Profile(one.id, {**one.sections, "description": f"Emily. {one.sections['description']}"}, language="en")
        if number % 8 < 4  # half of every trade
        else one
        for number, one in enumerate(profiles)
    ]
    half = ["a" if number % 8 < 4 else "b" for number in range(len(profiles))]
    asked = AuditTask(projects=work(), profiles=marked, attributes={"half": half})
    found = audit_matching(asked, encoder=HatesWomen(), settings=SETTINGS)
    [a, b] = sorted(found.exposure["half"], key=lambda group: group.group)
    assert a.to_people.value < 0.5 < b.to_people.value
    before, after, difference = found.mitigations[0].misplaced["half"]
    assert before > after
    assert difference.difference == pytest.approx(after - before)


def test_shares_move_exposure_and_cost_relevance():
    # each project is for one of two trades, whose people are all of one half: shares must bring in others
    found = audit_matching(task(), encoder=TradeEncoder(), settings=SETTINGS)
    uneven = AuditTask(
        projects=[one for one in work() if "python" in one.sections["title"]],
        profiles=people(),
        attributes={"trade": [one.skills[0] for one in people()]},
    )
    alone = audit_matching(uneven, encoder=TradeEncoder(), settings=SETTINGS)
    shares = alone.mitigations[1]
    assert shares.name == "shares by trade"
    before, after, _ = shares.misplaced["trade"]
    assert after < before
    assert shares.relevance.difference < 0
    assert alone.judged_by == "mean cosine of the first 5"
    assert [one.name for one in found.mitigations] == ["texts without cues", "shares by half"]


def test_relevance_is_judged_by_what_is_known():
    gains = np.zeros((12, 40), dtype=np.float32)
    gains[0, 0] = 1.0  # the first project is of the first trade, as is the first person
    fitting = [np.flatnonzero(row).astype(np.int64) for row in gains]
    found = audit_matching(
        task(judged_by="true skill match", gains=gains, qualified=fitting), encoder=TradeEncoder(), settings=SETTINGS
    )
    assert found.judged_by == "nDCG@5 by true skill match"
    [a, b] = sorted(found.exposure["half"], key=lambda group: group.group)
    assert (a.to_qualified, b.share_of_qualified) == (None, 1.0)


def test_people_without_a_word_are_never_shown():
    found = audit_matching(task([*people(3), Profile("mute")]), encoder=TradeEncoder(), settings=SETTINGS)
    exposed = {group.group: group for group in found.exposure["half"]}
    # "a" are persons 1 and the mute one; only three of four are shown, each once per project
    assert exposed["a"].n_people == 2
    assert exposed["a"].share_of_exposure < 0.5


def test_one_person_and_one_project_are_enough():
    one = AuditTask(projects=work(1), profiles=people(1), attributes={"half": [NOT_KNOWN]})
    found = audit_matching(one, encoder=TradeEncoder(), settings=SETTINGS)
    assert found.exposure["half"][0].to_people.value == 1.0
    assert all(swap.n_pairs == 1 for swap in found.swaps)


def test_the_same_seed_gives_the_same_audit():
    once, again = (audit_matching(task(), encoder=HatesWomen(), settings=SETTINGS).to_dict() for _ in range(2))
    assert once == again


def test_a_market_gives_its_test_projects_and_feedback(tmp_path):
    market = tiny_market()
    write_market(market, tmp_path / "m")
    found = market_audit(tmp_path / "m", by=["category"])
    assert [one.id for one in found.projects] == [one.id for one in market.test_projects]
    assert found.judged_by == "positive feedback"
    assert found.qualified is not None
    assert found.gains is not None
    assert all(len(columns) == 2 for columns in found.qualified)
    assert found.gains.sum(axis=1).tolist() == [2.0] * len(found.projects)
    assert set(found.attributes["category"]) == {"data", "care", "stage", "food"}


def test_a_market_with_a_truth_is_judged_by_it(tmp_path):
    profiles, projects = people(4), work(2)
    truth = Truth(("p0", "p1"), tuple(one.id for one in profiles), np.array([[1, 0.7, 0.2, 0]] * 2, dtype=np.float32))
    asked = [Interaction("p0", "f0", 1, date(2025, 2, 1)), Interaction("p1", "f1", -1, date(2025, 2, 1))]
    write_market(Market(profiles, projects, asked, date(2025, 1, 1), truth=truth), tmp_path / "m")
    found = market_audit(tmp_path / "m", fits_from=0.7)
    assert found.judged_by == "true skill match"
    assert found.qualified is not None
    assert [columns.tolist() for columns in found.qualified] == [[0, 1], [0, 1]]


def test_attributes_come_from_facts_and_from_a_file(tmp_path):
    (tmp_path / "more.csv").write_text("profile_id,gender,team\nf0,f,ü\nf2,,b\nstranger,x,x\n", encoding="utf-8")
    profiles = people(3)
    assert attribute_values(profiles) == {"language": ["en"] * 3, "country": ["FR"] * 3}
    found = attribute_values(profiles, attributes=tmp_path / "more.csv")
    assert found["gender"] == ["f", NOT_KNOWN, NOT_KNOWN]
    assert found["team"] == ["ü", NOT_KNOWN, "b"]
    assert list(attribute_values(profiles, by=["team"], attributes=tmp_path / "more.csv")) == ["team"]


def test_attributes_that_cannot_be_meant_are_refused(tmp_path):
    twice, strangers = tmp_path / "twice.csv", tmp_path / "strangers.csv"
    twice.write_text("profile_id,x\nf0,1\nf0,2\n")
    strangers.write_text("profile_id,x\nnobody,1\n")
    with pytest.raises(InputError, match="has the profile_id 'f0' twice"):
        attribute_values(people(2), attributes=twice)
    with pytest.raises(InputError, match="names nobody"):
        attribute_values(people(2), attributes=strangers)
    with pytest.raises(ConfigError, match="no attribute 'shoe'"):
        attribute_values(people(2), by=["shoe"])


def test_files_without_text_are_refused(tmp_path):
    write_profiles(tmp_path / "people.jsonl", people(2))
    write_projects(tmp_path / "work.jsonl", [Project("mute")])
    with pytest.raises(InputError, match="no project has a text"):
        files_audit(tmp_path / "people.jsonl", tmp_path / "work.jsonl")
    write_projects(tmp_path / "work.jsonl", work(1))
    write_profiles(tmp_path / "people.jsonl", [Profile("mute")])
    with pytest.raises(InputError, match="nobody has a text"):
        files_audit(tmp_path / "people.jsonl", tmp_path / "work.jsonl")


def test_the_page_shows_everything_and_runs_nothing():
    profiles = people()
    nasty = ["<script>alert(1)</script>" if number % 2 else "é👍" for number in range(len(profiles))]
    found = audit_matching(
        AuditTask(projects=work(), profiles=profiles, attributes={"a<b": nasty}),
        encoder=HatesWomen(),
        settings=SETTINGS,
    )
    page = render_audit(found.to_dict())
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "a&lt;b" in page
    assert "first name, gender: man → woman" in page
    assert page.count("<svg") > len(found.swaps)
    assert "nan" not in page
