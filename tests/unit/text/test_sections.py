import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.text.sections import heading_kind, sections


def _kinds(text):
    return [(section.kind, text[section.span.start : section.span.end].strip()) for section in sections(text)]


@pytest.mark.parametrize(
    ("kind", "headings"),
    [
        (
            "requirements",
            "What you'll bring|Your profile|Must have|NICE TO HAVE:|Key skills & qualifications|**Requirements**|"
            "Who you are|Dein Profil|"
            "Das bringst du mit|Profil recherché :|Requisitos|¿Qué buscamos?|Functie-eisen|Dine kvalifikationer|"
            "Il tuo profilo|"
            "Requisiti|Vem är du?|Wymagania|Preferred:|Minimum Qualifications|You have:|O que procuramos",
        ),
        (
            "duties",
            "Responsibilities|What you will do|Your role|About the role|Deine Aufgaben:|Vos missions|Funciones|"
            "Wat ga je doen?|Dine opgaver|"
            "Dina arbetsuppgifter|Cosa farai|Obowiązki|Key Responsibilities:|Job description|"
            "Duties and responsibilities",
        ),
        (
            "company",
            "About us|Who we are|About Acme Ltd|Über uns|Qui sommes-nous ?|Sobre nosotros|Over ons|Om os|Om oss|"
            "Chi siamo|O nas",
        ),
        (
            "benefits",
            "What we offer|Perks|Benefits:|Our benefits|Wir bieten|Nous offrons|Ofrecemos|Wij bieden|Vi tilbyder|"
            "Oferujemy|Cosa offriamo",
        ),
        ("legal", "Equal Opportunity|EEO statement|Privacy notice"),
        ("other", "How to apply|Contact|Interview process"),
    ],
)  # fmt: skip
def test_heading_says_its_kind(kind, headings):
    expected = dict.fromkeys(headings.split("|"), kind)
    assert {heading: heading_kind(heading) for heading in expected} == expected


@pytest.mark.parametrize(
    "line",
    [
        "",
        "- Java",
        "Excellent communication skills",
        "You have five years of experience with Java.",
        "We offer guidance to customers on pension schemes and their taxes every day",
        "• benefits administration",
        "Acme Ltd",
        "x" * 200,
    ],
)
def test_line_of_text_is_no_heading_of_a_section_without_skills(line):
    assert heading_kind(line) not in {"company", "benefits", "legal"}


def test_posting_is_cut_at_its_headings():
    text = "Acme\n\nAbout us\nWe make chips.\n\nYour tasks:\n- Plan\n\nRequirements\n- Java\n\nWhat we offer\n- Fruit"
    assert _kinds(text) == [
        ("other", "Acme"),
        ("company", "About us\nWe make chips."),
        ("duties", "Your tasks:\n- Plan"),
        ("requirements", "Requirements\n- Java"),
        ("benefits", "What we offer\n- Fruit"),
    ]


def test_two_lists_of_requirements_stay_two_sections():
    assert [kind for kind, _ in _kinds("Must have\nJava\nNice to have\nGo")] == ["requirements", "requirements"]


def test_paragraph_with_plain_evidence_leaves_its_section():
    text = (
        "Requirements\nJava\n\nAcme is an equal opportunity employer. All qualified applicants are considered "
        "without regard to race.\n\nPython"
    )
    assert [kind for kind, _ in _kinds(text)] == ["requirements", "legal", "requirements"]


def test_one_long_line_is_judged_sentence_by_sentence():
    text = (
        "Acme was founded in 1990 and is a leading provider of chips. You will be responsible for the design of "
        "our boards and "
        "everything that belongs to them in the laboratory. You must have experience with VHDL and with the tools "
        "around it. "
        "We offer a competitive salary and 30 vacation days. We are an equal opportunity employer."
    )
    assert [kind for kind, _ in _kinds(text)] == ["company", "duties", "requirements", "benefits", "legal"]


@pytest.mark.parametrize(
    "line",
    [
        "Knowledge of health insurance products is required",
        "Experience with 401(k) plans",
        "Responsible for paid time off and parental leave policies",
        "Knowledge of affirmative action law",
        "You are proficient in medical insurance claims",
    ],
)
def test_requirement_about_benefits_is_no_benefit(line):
    assert {kind for kind, _ in _kinds(f"Requirements:\n- {line}")} == {"requirements"}
    assert {kind for kind, _ in _kinds(line)} <= {"requirements", "duties"}


def test_requirement_below_about_us_is_not_lost():
    text = "About us\nWe make chips.\nYou must have experience with Java.\nAnd more."
    assert [kind for kind, _ in _kinds(text)] == ["company", "requirements", "other"]


def test_unknown_heading_ends_a_section_without_skills():
    assert [kind for kind, _ in _kinds("What we offer\nFruit\nOUR STACK\nJava")] == ["benefits", "other"]


def test_heading_and_list_on_one_line():
    assert _kinds("Requirements: Java\nGo") == [("requirements", "Requirements: Java\nGo")]


@pytest.mark.parametrize(("text", "n_sections"), [("", 0), (" \n ", 1), ("Java", 1), ("🚀", 1)])
def test_text_without_evidence_is_other(text, n_sections):
    assert [section.kind for section in sections(text)] == ["other"] * n_sections


@settings(deadline=None)
@given(
    st.one_of(
        st.text(max_size=120),
        st.lists(
            st.sampled_from(
                ["About us", "Requirements:", "- Java", "We offer", "401(k)", "\r\n", "\n", "\n\n", " ", "x" * 310]
            ),
            max_size=12,
        ).map("".join),
    )
)
def test_sections_cover_the_text_without_gap_or_overlap(text):
    edges = [(section.span.start, section.span.end) for section in sections(text)]
    assert all(start < end for start, end in edges)
    assert "".join(text[start:end] for start, end in edges) == text
