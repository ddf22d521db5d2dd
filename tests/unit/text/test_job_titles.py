import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.taxonomy.table import read_table
from metier.text.job_titles import CleanTitle, clean_title, title_key

_CASES = [
    # the example of the request
    ("Senior QA Engineer (m/f/d) - Berlin - URGENT!!!", "QA Engineer", "senior"),
    # what names a technology or a job stays
    ("C++ Developer", "C++ Developer", None),
    ("Developer C++", "Developer C++", None),
    ("Senior C# Developer", "C# Developer", "senior"),
    (".NET-Entwickler", ".NET-Entwickler", None),
    ("F&B Manager", "F&B Manager", None),
    ("F&amp;B Manager", "F&B Manager", None),
    ("Front-end/Back-end Developer", "Front-end/Back-end Developer", None),
    ("UI/UX Designer", "UI/UX Designer", None),
    ("Nurse - Paediatrics", "Nurse - Paediatrics", None),
    ("Manager, IT", "Manager, IT", None),
    ("3D Artist", "3D Artist", None),
    ("Financial Analyst 3", "Financial Analyst 3", None),
    ("MS Dynamics AX 2012 Specialist", "MS Dynamics AX 2012 Specialist", None),
    # words that look like notices and are part of the job
    ("Remote Sensing Analyst", "Remote Sensing Analyst", None),
    ("Urgent Care Nurse", "Urgent Care Nurse", None),
    ("Contract Manager", "Contract Manager", None),
    ("Hiring Manager", "Hiring Manager", None),
    ("Stage Manager", "Stage Manager", None),
    ("LinkedIn Specialist", "LinkedIn Specialist", None),
    ("Chargé de recherche", "Chargé de recherche", None),
    ("Sucht- und Drogenberater", "Sucht- und Drogenberater", None),
    # gender
    ("Verkäufer/in (80-100%)", "Verkäufer", None),
    ("Verkäufer:in in Vollzeit", "Verkäufer", None),
    ("Verkäufer*in", "Verkäufer", None),
    ("Verkäufer_innen", "Verkäufer", None),
    ("VerkäuferIn", "Verkäufer", None),
    ("Bankangestellte(r)", "Bankangestellte", None),
    ("Koch m/w/d", "Koch", None),
    ("Koch (d|m|w)", "Koch", None),
    ("Data Scientist (all genders)", "Data Scientist", None),
    ("Production Clerk (Male Only)", "Production Clerk", None),
    ("Serveur H/F", "Serveur", None),
    ("Assistant (e) administratif (ve) H/F", "Assistant administratif", None),
    ("Développeur·euse web F/H", "Développeur web", None),
    ("Référent-e programmation artistique", "Référent programmation artistique", None),
    ("Employé polyvalent / Employée polyvalente de restauration", "Employé polyvalent de restauration", None),
    ("conducteur de car/conductrice de car", "conducteur de car", None),
    ("chauffeur-livreur / chauffeuse-livreuse", "chauffeur-livreur", None),
    ("Technischer Leiter für Film/Technische Leiterin für Film", "Technischer Leiter für Film", None),
    ("Peluquero/a canino/a", "Peluquero canino", None),
    ("Médico (a)", "Médico", None),
    ("Receptionist / Front Desk Officer", "Receptionist / Front Desk Officer", None),
    # places and ways of working
    ("Data Scientist - San Diego, CA", "Data Scientist", None),
    ("Travel RN in Powell, Tennessee", "Travel RN", None),
    ("Android Developer (Remote/Wrocław)", "Android Developer", None),
    ("Remote Unity3D Developer", "Unity3D Developer", None),
    ("Nurse Assessor - Hybrid", "Nurse Assessor", None),
    ("Cosmetic Dentist | Canberra CBD", "Cosmetic Dentist", None),
    ("Berlin - Software Engineer", "Software Engineer", None),
    ("IT-supporter til København", "IT-supporter", None),
    ("Testmanager (#5415 - København, Denmark)", "Testmanager", None),
    ("Trabajo Desde Casa Arquitecto Node", "Arquitecto Node", None),
    ("MARKETING EXECUTIVE ( BASED IN JB )", "Marketing Executive", None),
    # terms of work, pay and codes
    ("Moniteur éducateur - CDI 100% (H/F)", "Moniteur éducateur", None),
    ("Pharmacien temps plein", "Pharmacien", None),
    ("Camarero media jornada", "Camarero", None),
    ("Pædagog (fuldtid, 37 timer)", "Pædagog", None),
    ("Full Time Pizza Maker", "Pizza Maker", None),
    ("RN - Full Time Days", "RN", None),
    ("Engineer, Big Data ($200-250k)", "Engineer, Big Data", None),
    ("Nurse (Band 5) - £28,407 - £34,581 per annum", "Nurse (Band 5)", None),
    ("Up to $2500 - 04 iOS Developers", "iOS Developers", None),
    ("REF 12345 Machine Operator", "Machine Operator", None),
    ("Machine Operator #123", "Machine Operator", None),
    ("CHIEF PARK RANGER\t\t Class Code:      1968", "Chief Park Ranger", "head"),
    ("Quality Systems Analyst (215520)", "Quality Systems Analyst", None),
    # adverts and employers
    ("🔥 Data Engineer 🔥", "Data Engineer", None),
    ("Koch gesucht", "Koch", None),
    ("Restaurantleiter (w/m/d) ab sofort", "Restaurantleiter", None),
    ("Servicetekniker søges til Blendex A/S – Vil du være en del af et", "Servicetekniker", None),
    ("Skattestyrelsen søger en regnskabsmedarbejder", "regnskabsmedarbejder", None),
    ("Se busca Asesores Académicos", "Asesores Académicos", None),
    ("Co-operative Bank Hiring Data Scientist", "Data Scientist", None),
    ("Product Analyst @ Shah Alam U5", "Product Analyst", None),
    ("Software Engineer at Acme Ltd", "Software Engineer", None),
    ("SALES MANAGER AT ACME", "Sales Manager", None),
    ("[HN, HCM] Data Architect", "Data Architect", None),
    # case
    ("HR MANAGER", "HR Manager", None),
    ("IT-SUPPORTER TIL SERVICEDESK", "IT-Supporter til Servicedesk", None),
    ("RESPONSABLE DE SECTEUR", "Responsable de Secteur", None),
    ("SQL", "SQL", None),
    ("NURSE", "Nurse", None),
    ("Assistant (PTA) $5,000 HIRING BONUS", "Assistant (PTA)", None),
    # seniority
    ("Sr. Frontend Engineer", "Frontend Engineer", "senior"),
    ("Data Scientist, Senior", "Data Scientist", "senior"),
    ("Mid/Senior Java Developer", "Java Developer", "senior"),
    ("(Jr/Sr) QA Engineer", "QA Engineer", "senior"),
    ("Python Developer - junior", "Python Developer", "junior"),
    ("Analista Jr de ventas", "Analista de ventas", "junior"),
    ("Graduate Engineer", "Engineer", "junior"),
    ("Mid Level DevOps Engineer", "DevOps Engineer", "mid"),
    ("Middle School Teacher", "Middle School Teacher", None),
    ("Lead Developer", "Developer", "lead"),
    ("Team Lead Java", "Team Lead Java", "lead"),
    ("Chef d'équipe électricien", "Chef d'équipe électricien", "lead"),
    ("Lead Generation Specialist", "Lead Generation Specialist", None),
    ("Principal Software Engineer", "Software Engineer", "principal"),
    ("Staff Software Engineer", "Software Engineer", "principal"),
    ("Staff Nurse", "Staff Nurse", None),
    ("Principal", "Principal", None),
    ("School Principal", "School Principal", None),
    ("Vice Principal", "Vice Principal", None),
    ("Head Chef", "Head Chef", "head"),
    ("Head of Sales", "Head of Sales", "head"),
    ("Jefe de planta", "Jefe de planta", "head"),
    ("Director of Sales", "Director of Sales", "director"),
    ("Personal Assistant to Directors", "Personal Assistant to Directors", None),
    ("Chief Executive Officer", "Chief Executive Officer", "executive"),
    ("Geschäftsführer (m/w/d)", "Geschäftsführer", "executive"),
    ("Senior Vice President", "Vice President", "executive"),
    ("Sales Executive", "Sales Executive", None),
    ("Executive Assistant", "Executive Assistant", None),
    ("Senior Living Manager", "Senior Living Manager", None),
    ("Senior Care Assistant", "Care Assistant", "senior"),
    ("Junior Doctor", "Junior Doctor", None),
    ("Seniorkonsulent", "Seniorkonsulent", "senior"),
    ("Seniorenbetreuer", "Seniorenbetreuer", None),
    ("Senior", "Senior", None),
    ("Software Engineer Intern", "Software Engineer", "intern"),
    ("Marketing Intern", "Marketing Intern", "intern"),
    ("Praktikant inden for transport", "Praktikant inden for transport", "intern"),
    ("Ausbildung zum Koch (m/w/d)", "Koch", "intern"),
    ("Stage - Gestion de projets (Montréal)", "Stage - Gestion de projets", "intern"),
    # groups of statistical classifications
    ("Sales Engineers, Wholesale, Except Technical Products", "Sales Engineers, Wholesale", None),
    ("Physicians, All Other", "Physicians", None),
    ("Teachers (except special education)", "Teachers", None),
    ("Clerks n.e.c.", "Clerks", None),
    ("Empleados, no clasificados bajo otros epígrafes", "Empleados", None),
    ("Ingénieurs, sauf informatique", "Ingénieurs", None),
    ("Kaufleute, a. n. g.", "Kaufleute", None),
    ("Exceptional Sales Manager", "Exceptional Sales Manager", None),
    ("Sauf-conduit Officer", "Sauf-conduit Officer", None),
    ("All Other", "All Other", None),
    # nothing, and nearly nothing
    ("", "", None),
    (" \t\n", "", None),
    ("--- !!! ???", "", None),
    ("🔥🔥🔥", "", None),
    ("URGENT!!!", "", None),
    ("12345", "", None),
    ("Berlin", "Berlin", None),
    ("አካውንታንት", "አካውንታንት", None),
    ("數據分析師", "數據分析師", None),
]


@pytest.mark.parametrize(("raw", "title", "seniority"), _CASES)
def test_a_title_keeps_what_the_job_is(raw, title, seniority):
    assert clean_title(raw) == CleanTitle(title, seniority)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Sr. QA Engineer (m/f/d)", "senior  qa engineer - URGENT"),
        ("Jr Accountant", "JUNIOR ACCOUNTANT"),
        ("Lecturer / Assistant Professor", "Lecturer/Assistant professor"),
        ("Nurse – Paediatrics", "Nurse - paediatrics"),
        ("Straßenbauer", "STRASSENBAUER"),
        ("Cafe\u0301 Manager", "Café manager"),
    ],
)
def test_titles_that_differ_in_form_only_have_one_key(first, second):
    assert title_key(first) == title_key(second)


def test_a_key_keeps_seniority():
    assert title_key("Senior Accountant") == "senior accountant" != title_key("Accountant")


def test_a_key_is_empty_where_nothing_is_left():
    assert title_key("!!! 🔥") == title_key("") == ""


_PARTS = st.sampled_from(
    "Senior Jr. Lead Head of Director Engineer Developer QA C++ .NET (m/f/d) H/F /in :in /a (e) - – , | / "  # noqa: SIM905
    "( ) [ ] & ! . : 80-100% $50k Berlin in Paris , CA at Acme @ Remote full-time CDI URGENT Hiring søger "
    "gesucht REF 12345 #12 Praktikant Trainee Principal Vice President Chief Officer NURSE SQL Agent "
    "Agente technicien technicienne 🔥 ' é İ ß 0 and Middle fr/ Need A/S &amp; \u200b a\u0301".split(" ")
)
_TITLES = st.lists(st.tuples(_PARTS, st.sampled_from([" ", ""])), max_size=12).map(
    lambda pieces: "".join(part + space for part, space in pieces)
)


@settings(deadline=None)
@given(_TITLES | st.text(max_size=60))
def test_a_clean_title_is_clean_and_has_no_more_words(raw):
    title = clean_title(raw).title
    assert clean_title(title).title == title
    assert len(re.findall(r"\w+", title)) <= len(re.findall(r"\w+", raw))
    assert title == " ".join(title.split())


@settings(deadline=None)
@given(_TITLES | st.text(max_size=60))
def test_the_key_of_a_key_is_itself(raw):
    assert title_key(title_key(raw)) == title_key(raw)


@pytest.mark.parametrize("filler", ["a", "A ", "(", "- ", "1 ", "/", "1,", "Senior ", "a/", "(a ", ", except "])
def test_a_text_that_is_no_title_takes_no_time(filler):
    began = time.process_time()
    clean_title(filler * 50_000)
    assert time.process_time() - began < 1


@pytest.mark.data
def test_titles_of_esco_keep_their_job(data_folder):
    labels = [row["preferredLabel"] for row in read_table(data_folder / "esco" / "occupations_en.csv.gz", needed=())]
    cleaned = [clean_title(label).title for label in labels]
    assert all(cleaned)
    changed = [(label, title) for label, title in zip(labels, cleaned, strict=True) if label != title]
    assert len(changed) < 30, changed
