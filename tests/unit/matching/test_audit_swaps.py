"""Counterfactual texts, and texts without cues."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.domain import Facts, Profile, Project
from metier.matching.audit_blind import BlindEncoder, blind, blind_sections
from metier.matching.audit_gender import count_gendered, inflect_gendered, turn_gender
from metier.matching.audit_phrases import LANGUAGES
from metier.matching.audit_swaps import SWAPS, tell
from metier.matching.audit_words import GENDERED

TITLES = {
    "en": ("Chairman and salesman", "Chairwoman and saleswoman"),
    "fr": ("Développeur Python expérimenté", "Développeuse Python expérimentée"),
    "es": ("Diseñador gráfico, INGENIERO", "Diseñadora gráfico, INGENIERA"),
    "de": ("Full-Stack-Entwickler, Bauleiter, Kaufmann", "Full-Stack-Entwicklerin, Bauleiterin, Kauffrau"),
    "nl": ("Webontwikkelaar en verkoper", "Webontwikkelaarster en verkoopster"),
}
BY_NAME = {swap.name: swap for swap in SWAPS}


def person(language, description="Ten projects in Python 👍", *, title=None):
    sections = {"title": TITLES[language][0] if title is None else title, "description": description}
    return Profile("one", sections, ("chairman", "Python"), Facts("FR"), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_gendered_words_have_two_forms_in_each_language(language):
    man, woman = TITLES[language]
    assert turn_gender(man, "woman", language=language) == woman
    assert turn_gender(woman, "man", language=language) == man
    assert count_gendered(man, language=language) == count_gendered(woman, language=language) >= 2


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("développeur/se, développeur·euse, développeur(euse), développeur/développeuse", "fr"),
        ("Entwickler:in", "de"),
        ("Entwickler*in und Leiter/-in", "de"),
        ("the human chair manages", "en"),
        ("serveur Linux, moteur de recherche", "fr"),
        ("", "es"),
        ("Entwickler", "pl"),
    ],
)
def test_forms_for_everyone_and_other_words_stay(text, language):
    assert turn_gender(text, "woman", language=language) == text
    assert count_gendered(text, language=language) == 0


def test_a_long_text_of_hyphens_is_read_at_once():
    text = "-a" * 100_000
    assert turn_gender(text, "woman", language="de") == text


def test_the_control_of_a_gendered_word_is_another_ending():
    assert inflect_gendered("Chairman of a CLUB, he, actress", language="en") == "Chairmans of a CLUB, he, actresss"
    assert inflect_gendered("Softwareentwicklerin 👍", language="de") == "Softwareentwicklerins 👍"
    assert inflect_gendered("DÉVELOPPEUR", language="fr") == "DÉVELOPPEURS"
    assert inflect_gendered("chairman", language="pl") == "chairman"


def test_short_words_have_two_weekdays_as_their_control():
    told = tell(BY_NAME["gendered words"], person("en", "He bakes.", title="Baker"), language="en", seed=0)
    assert (told.first.sections["description"], told.second.sections["description"]) == ("He bakes.", "She bakes.")
    controls = {told.control_first.sections["description"], told.control_second.sections["description"]}
    assert len(controls) == 2
    assert all(text.startswith("Best day to call: ") and text.endswith("He bakes.") for text in controls)
    assert tell(BY_NAME["gendered words"], person("en", "", title="Mr Baker"), language="en", seed=0) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("swap", SWAPS, ids=lambda swap: swap.name)
def test_versions_differ_in_the_cue_and_in_nothing_else(swap, language):
    told = tell(swap, person(language), language=language, seed=0)
    assert told is not None
    assert told.first.sections != told.second.sections
    assert told.control_first.sections != told.control_second.sections
    for version in told.all:
        assert (version.id, version.skills, version.facts) == ("one", ("chairman", "Python"), Facts("FR"))
        assert "Ten projects in Python 👍" in version.sections["description"]


def test_a_sentence_is_put_before_the_description():
    told = tell(BY_NAME["year of birth"], person("de"), language="de", seed=0)
    assert told.first.sections["description"].startswith("Geburtsjahr: 199")
    assert told.second.sections["description"].startswith("Geburtsjahr: 196")


def test_the_control_of_a_name_is_another_name_of_its_kind():
    from metier.matching.audit_phrases import MEN, WOMEN

    told = tell(BY_NAME["first name, gender"], person("nl"), language="nl", seed=0)
    names = [version.sections["description"].split(".")[0].split()[-1] for version in told.all]
    assert names[0] in MEN["nl"]
    assert names[1] in WOMEN["nl"]
    assert set(names[2:]) <= set(MEN["nl"]) or set(names[2:]) <= set(WOMEN["nl"])


def test_what_is_drawn_depends_on_the_seed_and_the_person():
    swap = BY_NAME["place of birth"]
    drawn = [tell(swap, person("fr"), language="fr", seed=seed) for seed in range(9)]
    assert tell(swap, person("fr"), language="fr", seed=3) == drawn[3]
    assert len({told.second.sections["description"] for told in drawn}) > 1


def test_nobody_without_a_place_for_the_cue_is_told_anew():
    assert tell(BY_NAME["nationality"], person("en", ""), language="en", seed=0) is None
    assert tell(BY_NAME["gendered words"], person("en", title="Nurse"), language="en", seed=0) is None
    assert tell(BY_NAME["nationality"], person("en"), language="pl", seed=0) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("swap", SWAPS, ids=lambda swap: swap.name)
def test_without_cues_both_versions_are_the_same(swap, language):
    told = tell(swap, person(language), language=language, seed=1)
    assert blind(told.first) == blind(told.second)
    assert "Ten projects in Python 👍" in blind(told.first).sections["description"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Born on 12 March 1970 in New York, Java since 1999", ", Java since 1999"),
        ("Age: 45, C# .NET", "C# .NET"),
        ("I am 45 years old and have 20 years of experience", "I am and have 20 years of experience"),
        ("J'ai 20 ans d'expérience", "J'ai 20 ans d'expérience"),
        ("Tengo 20 años de experiencia", "Tengo 20 años de experiencia"),
        ("20 Jahre Erfahrung, spricht Arabisch", "20 Jahre Erfahrung, spricht Arabisch"),
        ("Date de naissance : 12.03.1970, Lyon", "Lyon"),
        ("Graduated in 1987. SQL", "Graduated. SQL"),
        ("My name is Zoë Quinn-Smith. SQL", "SQL"),
        ("Aminata builds  models", "builds models"),
        ("two  spaces stay where nothing is taken", "two  spaces stay where nothing is taken"),
        ("", ""),
    ],
)
def test_cues_go_and_facts_stay(text, left):
    assert blind_sections({"description": text}, language="en") == {"description": left}


def test_skills_are_never_touched():
    sections = {"skills": "chairman, Mohamed, née Python", "bonus_skills": "chairwoman"}
    assert blind_sections(sections, language="en") == sections


def test_of_an_unknown_language_all_are_tried():
    assert blind_sections({"title": "Entwicklerin"}, language=None) == {"title": "Entwickler"}
    assert blind_sections({"title": "Développeuse (H/F)"}, language="pl") == {"title": "Développeur"}


@given(st.sampled_from(LANGUAGES), st.data())
def test_whoever_wrote_it_the_same_is_left(language, data):
    forms = [form.removeprefix("-") for pair in GENDERED[language] for form in pair]
    words = data.draw(st.lists(st.sampled_from([*forms, "Python", "👍", "in Ulm,", "C++."]), max_size=12))
    text = " ".join(data.draw(st.sampled_from([word, word.upper(), word.capitalize()])) for word in words)
    woman = turn_gender(text, "woman", language=language)
    assert turn_gender(woman, "woman", language=language) == woman
    assert len(woman.split()) == len(words) + sum(" " in word for word in words)
    assert blind_sections({"title": woman}, language=language) == blind_sections({"title": text}, language=language)


def test_an_encoder_reads_both_sides_without_cues():
    class Reader:
        version, dim = "reader@1", 2

        def encode_profiles(self, documents):
            self.read = [document.sections for document in documents]
            return self.read

        encode_projects = encode_profiles

    blinded = BlindEncoder(Reader())
    assert (blinded.version, blinded.dim) == ("blind+reader@1", 2)
    assert blinded.encode_profiles([Profile("a", {"title": "Chairwoman"}, language="en")]) == [{"title": "Chairman"}]
    assert blinded.encode_projects([Project("p", {"mission": "a saleswoman"}, language="en")]) == [
        {"mission": "a salesman"}
    ]
