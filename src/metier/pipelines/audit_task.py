"""What is audited: projects, people, what groups they are in, and who is known to fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.data.documents import has_text, read_profiles, read_projects
from metier.data.market import read_market
from metier.domain import Profile, Project
from metier.errors import ConfigError, InputError
from metier.pipelines.retrieval_evaluation import FITS_FROM, market_task
from metier.taxonomy.table import read_table

NOT_KNOWN: Final = "(not known)"
FACTS: Final = ("language", "country", "category")
DEFAULT_FACTS: Final = ("language", "country")
_ID: Final = "profile_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTask:
    """Projects and people; the columns of arrays are in the order of `profiles`."""

    projects: Sequence[Project]  # all with some text
    profiles: Sequence[Profile]
    attributes: Mapping[str, Sequence[str]]  # name -> the value of each person
    judged_by: str = ""  # what says who fits; empty: nothing does
    gains: NDArray[np.float32] | None = None  # (n_projects, n_profiles), how well each fits, 0 or more
    qualified: Sequence[NDArray[np.int64]] | None = None  # per project, the columns of those who fit


def market_audit(
    folder: Path, *, by: Sequence[str] = (), attributes: Path | None = None, fits_from: float = FITS_FROM
) -> AuditTask:
    """Read the test of a market.

    Args:
        folder: Of the market.
        by: Attributes, as `attribute_values` takes them.
        attributes: A file of more of them.
        fits_from: Somebody fits from this true match on, where the truth is known.

    Returns:
        The test projects, everybody as of the split, and who fits: by the truth, else by positive feedback.

    Raises:
        InputError: If the market or the file cannot be read, or no project has a text.
        ConfigError: If an attribute is not known.
    """
    task = market_task(read_market(folder), name=folder.name, fits_from=fits_from)
    rows = [row for row, project in enumerate(task.projects) if has_text(project)]
    projects = [task.projects[row] for row in rows]
    _check(projects, task.profiles, source=str(folder))
    values = attribute_values(task.profiles, by=by, attributes=attributes)
    if task.truth is not None:
        gains, judged_by = task.truth[rows], "true skill match"
        qualified = [np.flatnonzero(row >= fits_from).astype(np.int64) for row in gains]
    else:
        qualified, judged_by = [task.positives[row] for row in rows], "positive feedback"
        gains = np.zeros((len(rows), len(task.profiles)), dtype=np.float32)
        for row, columns in zip(gains, qualified, strict=True):
            row[columns] = 1
    return AuditTask(
        projects=projects,
        profiles=task.profiles,
        attributes=values,
        judged_by=judged_by,
        gains=gains,
        qualified=qualified,
    )


def files_audit(profiles: Path, projects: Path, *, by: Sequence[str] = (), attributes: Path | None = None) -> AuditTask:
    """Read people and projects of which nobody says who fits.

    Args:
        profiles: As `metier.data.documents.read_profiles` reads them.
        projects: Likewise; those without a text are left out.
        by: Attributes, as `attribute_values` takes them.
        attributes: A file of more of them.

    Returns:
        The task.

    Raises:
        InputError: If a file cannot be read, nobody is in it, or no project has a text.
        ConfigError: If an attribute is not known.
    """
    people = read_profiles(profiles)
    work = [project for project in read_projects(projects) if has_text(project)]
    _check(work, people, source=f"{profiles} and {projects}")
    return AuditTask(projects=work, profiles=people, attributes=attribute_values(people, by=by, attributes=attributes))


def attribute_values(
    profiles: Sequence[Profile], *, by: Sequence[str] = (), attributes: Path | None = None
) -> dict[str, list[str]]:
    """Give the values of attributes.

    Args:
        profiles: People.
        by: Names of `FACTS`, or of columns of the file; empty: `DEFAULT_FACTS` and all columns.
        attributes: A CSV file with the column `profile_id`; its other columns are attributes. None: facts only.

    Returns:
        Name -> the value of each person, in order; `NOT_KNOWN` where there is none.

    Raises:
        InputError: If the file cannot be read, an id comes twice, or none is of these people.
        ConfigError: If there is no such attribute.
    """
    given = _read_attributes(attributes, profiles) if attributes is not None else {}
    known = {name: [_fact(profile, name) or NOT_KNOWN for profile in profiles] for name in FACTS}
    for name in given:
        known[name] = [given[name].get(profile.id, "").strip() or NOT_KNOWN for profile in profiles]
    if missing := [name for name in by if name not in known]:
        raise ConfigError(
            f"There is no attribute '{missing[0]}'; known are {', '.join(known)}. Others come from --attributes FILE."
        )
    return {name: known[name] for name in dict.fromkeys(by or (*DEFAULT_FACTS, *given))}


def _fact(profile: Profile, name: str) -> str | None:
    return {"language": profile.language, "country": profile.facts.country, "category": profile.facts.category}[name]


def _read_attributes(path: Path, profiles: Sequence[Profile]) -> dict[str, dict[str, str]]:
    """Column -> profile id -> value."""
    rows = read_table(path, needed=[_ID])
    ids = [row[_ID] for row in rows]
    if len(set(ids)) != len(ids):
        twice = next(one for one in ids if ids.count(one) > 1)
        raise InputError(f"{path} has the profile_id '{twice}' twice; give each person one row.")
    if not {profile.id for profile in profiles} & set(ids):
        raise InputError(f"{path} names nobody who is in the profiles; its profile_id must be their id.")
    return {name: {row[_ID]: row[name] for row in rows} for name in rows[0] if name != _ID}


def _check(projects: Sequence[Project], profiles: Sequence[Profile], *, source: str) -> None:
    if not projects:
        raise InputError(f"{source}: no project has a text to compare; give one a title, a description or skills.")
    if not any(map(has_text, profiles)):
        raise InputError(f"{source}: nobody has a text to compare; give people a title, a description or skills.")
