"""People and projects as sections of text."""

from metier.domain import PROFILE_SECTIONS, PROJECT_SECTIONS, Profile, Project


def section_texts(document: Profile | Project) -> dict[str, str]:
    """Give the text of every section, empty ones too.

    Args:
        document: A profile or a project.

    Returns:
        Name of section -> text, by the order of `PROFILE_SECTIONS` or `PROJECT_SECTIONS`. A section without a text
        of its own is made of the fact beside it: the category, and the skills, by commas.
    """
    names = PROFILE_SECTIONS if isinstance(document, Profile) else PROJECT_SECTIONS
    beside = {"category": document.facts.category or "", "skills": ", ".join(document.skills)}
    if isinstance(document, Project):
        beside["bonus_skills"] = ", ".join(document.bonus_skills)
    return {name: document.sections.get(name, "").strip() or beside.get(name, "") for name in names}
