"""A free text to sections, by its headings in English, French, Spanish, German, Dutch and Danish."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_TITLE_WORDS: Final = 12  # a first line with more is prose
_DECORATION: Final = " \t*_#:=-–—•"
_RULE: Final = re.compile(r"\s*(?:-{3,}|={3,}|\*{3,}|_{3,})\s*")
_MARKED: Final = re.compile(r"\s*#{1,6}\s|\s*\*\*[^*]+\*\*:?\s*$")  # Markdown says that the line is a heading
_LEADING: Final = re.compile(r"[\s*_#]*([^:：]{2,40}?)[\s*_]*[:：][\s*_]*(.*)")  # "Skills: Python, SQL"

_HEADINGS: Final = {  # section -> what it is called, without accents, by language
    "title": (
        "title, job title, position, role, headline, profession, "
        "titre, intitule, intitule du poste, poste, metier, "
        "titulo, puesto, cargo, profesion, "
        "titel, jobtitel, berufsbezeichnung, beruf, stelle, "
        "functie, functietitel, beroep, stilling, stillingsbetegnelse"
    ),
    "mission": (
        "mission, the mission, project, the project, about the project, assignment, "
        "la mission, projet, le projet, mision, la mision, proyecto, el proyecto, "
        "auftrag, projekt, das projekt, opdracht, de opdracht, project, het project, opgave, opgaven, projektet"
    ),
    "description": (
        "description, job description, about, about me, who i am, summary, profile, bio, background, experience, "
        "work experience, professional experience, education, responsibilities, tasks, your tasks, what you will do, "
        "a propos, a propos de moi, presentation, profil, resume, experience professionnelle, experiences, "
        "experiences professionnelles, parcours, formation, description du poste, missions, vos missions, "
        "descripcion, sobre mi, acerca de mi, perfil, resumen, experiencia, experiencia laboral, "
        "experiencia profesional, formacion, funciones, tareas, "
        "beschreibung, uber mich, zusammenfassung, berufserfahrung, erfahrung, ausbildung, werdegang, aufgaben, "
        "ihre aufgaben, deine aufgaben, projektbeschreibung, "
        "beschrijving, over mij, profiel, samenvatting, ervaring, werkervaring, opleiding, taken, "
        "beskrivelse, om mig, erfaring, erhvervserfaring, uddannelse, opgavebeskrivelse, baggrund"
    ),
    "family": (
        "family, job family, famille, famille de metiers, famille professionnelle, familia, familia profesional, "
        "berufsfamilie, berufsgruppe, beroepsgroep, functiefamilie, jobfamilie"
    ),
    "category": (
        "category, job category, sector, categorie, secteur, categoria, sector profesional, kategorie, branche, "
        "kategori"
    ),
    "skills": (
        "skills, my skills, key skills, core skills, technical skills, required skills, mandatory skills, "
        "skills and tools, competences, competencies, expertise, technologies, tech stack, stack, tools, "
        "requirements, must have, must haves, "
        "competences cles, competences techniques, competences requises, savoir faire, outils, profil recherche, "
        "competencias, competencias tecnicas, habilidades, conocimientos, aptitudes, herramientas, requisitos, "
        "fahigkeiten, kenntnisse, kompetenzen, fachkenntnisse, anforderungen, qualifikationen, ihr profil, "
        "vaardigheden, competenties, kennis, vereisten, functie eisen, eisen, "
        "kompetencer, faerdigheder, kvalifikationer, krav"
    ),
    "bonus_skills": (
        "bonus, bonus skills, nice to have, nice to haves, preferred skills, optional skills, a plus, "
        "competences appreciees, competences souhaitees, atouts, les plus, "
        "competencias deseables, deseable, se valora, se valorara, "
        "wunschenswert, von vorteil, nett zu haben, pluspunten, pre, een plus, mooi meegenomen, "
        "onskelige kompetencer, onskeligt, en fordel"
    ),
}
_SECTION_OF: Final = {
    heading.strip(): section for section, headings in _HEADINGS.items() for heading in headings.split(",")
}


def sections_of_text(text: str, *, names: Sequence[str]) -> dict[str, str]:
    """Part a text into sections.

    Args:
        text: Any; its headings stand on lines of their own, or before a colon, in Markdown or plain.
        names: The sections to part it into.

    Returns:
        Name of section -> text, for those that are there; parts of one section are joined by line ends. A short
        first line is the title, if no heading says otherwise. What stands under no heading, under one that means no
        section of `names`, or under an unknown heading of Markdown, is the description. Headings of known sections
        are left out.
    """
    parts: dict[str, list[str]] = {}
    section = "description"
    for number, line in enumerate(line for line in text.splitlines() if line.strip() and not _RULE.fullmatch(line)):
        found, rest = _heading(line)
        if found:
            section = found if found in names else "description"
            line = rest
        elif number == 0 and _may_be_title(line):
            parts["title"] = [line.strip(_DECORATION)]
            continue
        elif _MARKED.match(line):
            section = "description"
        if line.strip():
            parts.setdefault(section, []).append(line.strip())
    return {name: "\n".join(parts[name]) for name in names if name in parts}


def _heading(line: str) -> tuple[str | None, str]:
    """The section that a line opens, and what stands behind the heading; None: it opens none."""
    whole = _SECTION_OF.get(_plain(line)) if len(line) <= 60 else None
    if whole:
        return whole, ""
    match = _LEADING.fullmatch(line)
    section = _SECTION_OF.get(_plain(match[1])) if match else None
    return (section, match[2]) if match and section else (None, line)


def _plain(line: str) -> str:
    """A heading without case, accents, marks and hyphens."""
    letters = unicodedata.normalize("NFKD", line.strip(_DECORATION).replace("æ", "ae").replace("ø", "o").casefold())
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(kept.replace("-", " ").replace("’", " ").replace("&", "and").split())


def _may_be_title(line: str) -> bool:
    return len(line.split()) <= _TITLE_WORDS and not line.rstrip().endswith((".", "!", "?", ";", ","))
