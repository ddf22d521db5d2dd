"""A market of a few dozen people, small enough to train on in a test."""

from datetime import date, timedelta

from metier.data.market import Interaction, Market, Version
from metier.domain import Facts, Profile, Project

TRADES = {  # category -> what its people write
    "data": ("data engineer", "sql pipelines and python reports", ("sql", "python")),
    "care": ("nurse", "cares for patients on the ward", ("wound care", "hygiene")),
    "stage": ("light rigger", "sets stage lights for concerts", ("lamps", "rigging")),
    "food": ("baker", "bakes bread and rolls", ("dough", "ovens")),
}
WORK = {  # category -> what its projects write: hardly a word in common
    "data": ("warehouse builder", "models tables for a bank", ("etl", "modelling")),
    "care": ("helper at night", "home for the old needs you", ("lifting", "meals")),
    "stage": ("crew member", "festival in june, trucks arrive at noon", ("cables", "ladders")),
    "food": ("early riser", "shop opens at six, counter and kitchen", ("yeast", "sales")),
}


def profile(number, category, *, title=None):
    job, text, skills = TRADES[category]
    sections = {"title": title or job, "description": f"{text} {number}"}
    return Profile(f"f{number}", sections, skills[: 1 + number % 2], Facts(category=category), "en")


def project(number, category):
    job, text, skills = WORK[category]
    sections = {"mission": f"needs {job}", "title": job, "description": f"{text} now {number}"}
    return Project(f"p{number}", sections, skills, skills[:1], Facts(category=category, country="FR"), "en")


def tiny_market(*, n_profiles=24, n_projects=40):
    """Every project wants two people of its category and refuses a third; the last fifth is for testing."""
    names = list(TRADES)
    profiles = [profile(number, names[number % 4]) for number in range(n_profiles)]
    projects = [project(number, names[number % 4]) for number in range(n_projects)]
    begin, interactions = date(2024, 1, 1), []
    for number in range(n_projects):
        own = [each.id for each in profiles if each.facts.category == names[number % 4]]
        at = begin + timedelta(days=number)
        for turn, feedback in ((0, 1), (1, 1), (2, -1)):
            interactions.append(Interaction(f"p{number}", own[(number // 4 + turn) % len(own)], feedback, at))
    changed = Version(profile(0, "data", title="trainee"), begin + timedelta(days=6))
    return Market(profiles, projects, interactions, begin + timedelta(days=n_projects * 4 // 5), (changed,))
