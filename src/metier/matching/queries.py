"""Short queries as a recruiter types them, made from projects: what the third tower learns from."""

import random
from typing import Final

from metier.data.documents import section_texts
from metier.domain import Project
from metier.text.title_levels import take_levels

_SKILLS_AT_MOST: Final = 3
_SENIORITY: Final = {  # by language, as it is typed; drawn where the project says nothing of it
    "en": ("senior", "junior", "experienced"),
    "fr": ("senior", "junior", "confirmé"),
    "es": ("senior", "junior", "con experiencia"),
    "de": ("Senior", "Junior", "erfahren"),
    "nl": ("senior", "junior", "ervaren"),
}
_COUNTRIES: Final = {  # by code: in English, French, Spanish, German, Dutch
    "FR": ("France", "France", "Francia", "Frankreich", "Frankrijk"),
    "ES": ("Spain", "Espagne", "España", "Spanien", "Spanje"),
    "GB": ("United Kingdom", "Royaume-Uni", "Reino Unido", "Großbritannien", "Verenigd Koninkrijk"),
    "IE": ("Ireland", "Irlande", "Irlanda", "Irland", "Ierland"),
    "DE": ("Germany", "Allemagne", "Alemania", "Deutschland", "Duitsland"),
    "AT": ("Austria", "Autriche", "Austria", "Österreich", "Oostenrijk"),
    "CH": ("Switzerland", "Suisse", "Suiza", "Schweiz", "Zwitserland"),
    "NL": ("Netherlands", "Pays-Bas", "Países Bajos", "Niederlande", "Nederland"),
    "BE": ("Belgium", "Belgique", "Bélgica", "Belgien", "België"),
    "LU": ("Luxembourg", "Luxembourg", "Luxemburgo", "Luxemburg", "Luxemburg"),
    "IT": ("Italy", "Italie", "Italia", "Italien", "Italië"),
    "PT": ("Portugal", "Portugal", "Portugal", "Portugal", "Portugal"),
    "US": ("United States", "États-Unis", "Estados Unidos", "USA", "Verenigde Staten"),
}
_COLUMNS: Final = ("en", "fr", "es", "de", "nl")


def simulated_query(project: Project, *, variant: int = 0) -> str:
    """Write a query that the project's owner might have typed.

    It names the job, or up to three of the skills, or both; often a seniority, and a place where one is known, in the
    project's language. The project's description is not used: nobody types that much.

    Args:
        project: Any.
        variant: Which of many queries; the same one is always the same.

    Returns:
        Such as "senior react developer, France"; empty for a project without a title and without skills.
    """
    draw = random.Random(f"{project.id}/{variant}")
    language = project.language if project.language in _COLUMNS else "en"
    texts = section_texts(project)
    title = texts["title"] or texts["mission"]
    skills = [skill.strip() for skill in (project.skills or texts["skills"].split(",")) if skill.strip()]
    chosen = draw.sample(skills, min(len(skills), draw.randint(0 if title else 1, _SKILLS_AT_MOST)))
    if title and chosen and draw.random() < 0.2:  # some ask for what a person can do, and name no job
        title = ""
    job = _with_seniority(title, language, draw) if title else ""
    place = _country(project.facts.country, language) if draw.random() < 0.5 else ""
    return ", ".join(part for part in (" ".join(filter(None, (job, *chosen))), place) if part)


def _with_seniority(title: str, language: str, draw: random.Random) -> str:
    if draw.random() < 0.5 or not any(map(str.isalpha, title)) or take_levels(title).levels:
        return title
    level = draw.choice(_SENIORITY[language])
    return f"{level} {title}" if language in {"en", "de", "nl"} else f"{title} {level}"


def _country(code: str | None, language: str) -> str:
    names = _COUNTRIES.get(code or "")
    return names[_COLUMNS.index(language)] if names else ""
