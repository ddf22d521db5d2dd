"""A market: people, projects, who was put before whom and what came of it, in the order of time."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from metier.data.document_rows import document_to_dict, profile_from_row, project_from_row
from metier.data.files_out import written_whole
from metier.data.packed_text import read_objects, read_text
from metier.data.tables import json_line
from metier.domain import Profile, Project
from metier.errors import InputError, MissingColumn
from metier.taxonomy.table import read_table

PROFILES: Final = "profiles.jsonl"
PROJECTS: Final = "projects.jsonl"
INTERACTIONS: Final = "interactions.csv"
VERSIONS: Final = "versions.jsonl"  # may be missing
TRUTH: Final = "truth.npz"  # may be missing
CARD: Final = "market.json"
_Document = TypeVar("_Document", Profile, Project, covariant=True)


class _Reader(Protocol[_Document]):
    def __call__(self, row: Mapping[str, Any], *, fallback_id: str) -> _Document: ...


_COLUMNS: Final = ("project_id", "profile_id", "feedback", "at")
_VALIDATION_SHARE: Final = 0.2  # of the projects before the split (Malt, 2024)


@dataclass(frozen=True, slots=True)
class Interaction:
    """What came of putting a profile before a project."""

    project_id: str
    profile_id: str
    feedback: int  # 1: interested; -1: skills are missing, or it does not suit
    at: date


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier state of a profile, in force before the day `until`."""

    profile: Profile
    until: date


@dataclass(frozen=True, slots=True)
class Truth:
    """How well people truly fit, known of simulated markets only: for judging, never for training."""

    project_ids: tuple[str, ...]
    profile_ids: tuple[str, ...]
    skill_match: NDArray[np.float32]  # (n_projects, n_profiles), in [0, 1]
    required: tuple[tuple[str, ...], ...] = ()  # per project: the concepts it asks for, whatever its text says
    held: tuple[tuple[str, ...], ...] = ()  # per profile: the concepts it has, whatever its text says


@dataclass(frozen=True)
class Market:
    """Everything that is known of a market; ids are unique, and interactions come by day."""

    profiles: Sequence[Profile]  # their last state
    projects: Sequence[Project]
    interactions: Sequence[Interaction]
    split_at: date  # interactions from this day on are for testing only
    versions: Sequence[Version] = ()
    truth: Truth | None = None
    card: Mapping[str, Any] = field(default_factory=dict)  # how it came about, and its statistics

    def profile_as_of(self, profile_id: str, day: date) -> Profile:
        """Give a profile as it was on a day.

        Args:
            profile_id: One of the market's.
            day: Any.

        Returns:
            Its earliest version whose `until` is after the day, else its last state.

        Raises:
            InputError: If the market has no such profile.
        """
        if profile_id not in self.profile_rows:
            raise InputError(f"The market has no profile '{profile_id}'.")
        for version in self._versions_of.get(profile_id, ()):
            if version.until > day:
                return version.profile
        return self.profiles[self.profile_rows[profile_id]]

    @cached_property
    def profile_rows(self) -> dict[str, int]:
        """Id of a profile -> its position in `profiles`."""
        return {profile.id: row for row, profile in enumerate(self.profiles)}

    @cached_property
    def project_rows(self) -> dict[str, int]:
        """Id of a project -> its position in `projects`."""
        return {project.id: row for row, project in enumerate(self.projects)}

    @cached_property
    def train_interactions(self) -> list[Interaction]:
        """Before the split, of about four fifths of the projects."""
        return [each for each in self._before if not _is_held_out(each.project_id)]

    @cached_property
    def validation_interactions(self) -> list[Interaction]:
        """Before the split, of the other projects; a hash of the id decides, so that markets can grow."""
        return [each for each in self._before if _is_held_out(each.project_id)]

    @cached_property
    def test_interactions(self) -> list[Interaction]:
        """From the split on, of projects that had none before it."""
        earlier = {each.project_id for each in self._before}
        return [each for each in self.interactions if each.at >= self.split_at and each.project_id not in earlier]

    @cached_property
    def test_projects(self) -> list[Project]:
        """The projects of the truth, or where there is none those with a test interaction, in market order."""
        asked = {each.project_id for each in self.test_interactions}
        known = asked if self.truth is None else set(self.truth.project_ids)
        return [project for project in self.projects if project.id in known]

    @cached_property
    def test_profiles(self) -> list[Profile]:
        """All profiles as of the split, in market order: what a test project is to be answered from."""
        return [self.profile_as_of(profile.id, self.split_at) for profile in self.profiles]

    @cached_property
    def _before(self) -> list[Interaction]:
        return [each for each in self.interactions if each.at < self.split_at]

    @cached_property
    def _versions_of(self) -> dict[str, list[Version]]:
        found: dict[str, list[Version]] = {}
        for version in sorted(self.versions, key=lambda version: version.until):
            found.setdefault(version.profile.id, []).append(version)
        return found


def write_market(market: Market, folder: Path) -> None:
    """Write a market to a folder, made where it is not there; the files that it has are replaced.

    Args:
        market: Any.
        folder: Where it goes.

    Raises:
        InputError: If the folder holds something else, or the files cannot be written there.
    """
    check_market_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be made ({error.strerror}); give another folder.") from error
    _write(folder / PROFILES, "".join(json_line(document_to_dict(profile)) for profile in market.profiles))
    _write(folder / PROJECTS, "".join(json_line(document_to_dict(project)) for project in market.projects))
    lines = [f"{each.project_id},{each.profile_id},{each.feedback},{each.at}\n" for each in market.interactions]
    _write(folder / INTERACTIONS, ",".join(_COLUMNS) + "\n" + "".join(lines))
    versions = [document_to_dict(each.profile) | {"until": each.until.isoformat()} for each in market.versions]
    _write(folder / VERSIONS, "".join(map(json_line, versions)))
    if market.truth is not None:
        _write(folder / TRUTH, _pack_truth(market.truth))
    else:
        (folder / TRUTH).unlink(missing_ok=True)
    card = {**market.card, "split_at": market.split_at.isoformat()}
    _write(folder / CARD, json.dumps(card, indent=1, ensure_ascii=False) + "\n")


def check_market_folder(folder: Path) -> None:
    """Check that a market may be written to a folder.

    Args:
        folder: Where it is to go.

    Raises:
        InputError: If it is a file, or a folder that holds something else than a market.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; give the name of a folder.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / CARD).is_file():
        raise InputError(f"{folder} is there and is no market: it has no {CARD}; give another folder.")


def read_market(folder: Path) -> Market:
    """Read a market.

    Args:
        folder: As `write_market` leaves it; `versions.jsonl` and `truth.npz` may be missing.

    Returns:
        The market, its interactions by day; those of one day in file order.

    Raises:
        InputError: If a file is missing or cannot be read, a date or a feedback is none, an id comes twice, or an
            interaction or a version names somebody who is not there.
    """
    card = _read_card(folder / CARD)
    versions = folder / VERSIONS
    market = Market(
        profiles=[_document(profile_from_row, row, where) for where, row in read_objects(folder / PROFILES)],
        projects=[_document(project_from_row, row, where) for where, row in read_objects(folder / PROJECTS)],
        interactions=_read_interactions(folder / INTERACTIONS),
        split_at=_day(card["split_at"], where=str(folder / CARD)),
        versions=_read_versions(versions) if versions.is_file() else (),
        truth=_read_truth(folder / TRUTH) if (folder / TRUTH).is_file() else None,
        card=card,
    )
    _check_ids(market, folder)
    return market


def _document(read: "_Reader[_Document]", row: Mapping[str, Any], where: str) -> "_Document":
    if not isinstance(row.get("id"), str):
        raise MissingColumn(f"{where} has no 'id', a text that names it; interactions need one.")
    try:
        return read(row, fallback_id="")
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def _day(text: object, *, where: str) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise InputError(f"{where} has the date '{text}'; expected one such as 2024-03-01.") from error


def _is_held_out(project_id: str) -> bool:
    digest = blake2b(project_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") < _VALIDATION_SHARE * 2**64


def _write(path: Path, content: str | bytes) -> None:
    with written_whole(path) as temporary:
        temporary.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))


def _read_card(path: Path) -> dict[str, Any]:
    try:
        card = json.loads(read_text(path))
    except ValueError as error:
        raise InputError(f"{path} is not valid JSON ({error}).") from error
    if not isinstance(card, dict) or "split_at" not in card:
        raise MissingColumn(f"{path} has no 'split_at', the first day of the test; write it as 2024-03-01.")
    return card


def _read_interactions(path: Path) -> list[Interaction]:
    found = []
    for number, row in enumerate(read_table(path, needed=_COLUMNS), start=2):
        where = f"{path}, row {number}"
        if row["feedback"] not in ("1", "-1"):
            raise InputError(f"{where} has the feedback '{row['feedback']}'; expected 1 or -1.")
        found.append(
            Interaction(row["project_id"], row["profile_id"], int(row["feedback"]), _day(row["at"], where=where))
        )
    return sorted(found, key=lambda each: each.at)


def _read_versions(path: Path) -> list[Version]:
    return [
        Version(_document(profile_from_row, row, where), _day(row.get("until"), where=where))
        for where, row in read_objects(path)
    ]


def _check_ids(market: Market, folder: Path) -> None:
    for name, rows, held in (
        (PROFILES, market.profile_rows, market.profiles),
        (PROJECTS, market.project_rows, market.projects),
    ):
        if len(rows) != len(held):
            raise InputError(f"{folder / name} has an id twice; give every row its own.")
    for each in market.interactions:
        if each.project_id not in market.project_rows or each.profile_id not in market.profile_rows:
            raise InputError(
                f"{folder / INTERACTIONS} names project '{each.project_id}' and profile '{each.profile_id}', "
                "and one of them is not in the market."
            )
    strangers = [each.profile.id for each in market.versions if each.profile.id not in market.profile_rows]
    if strangers:
        raise InputError(f"{folder / VERSIONS} has a version of '{strangers[0]}', who is not in the market.")


def _pack_truth(truth: Truth) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(
        content,
        project_ids=np.array(truth.project_ids, dtype=np.str_),
        profile_ids=np.array(truth.profile_ids, dtype=np.str_),
        skill_match=truth.skill_match.astype(np.float32),
        required=np.array([" ".join(concepts) for concepts in truth.required], dtype=np.str_),
        held=np.array([" ".join(concepts) for concepts in truth.held], dtype=np.str_),
    )
    return content.getvalue()


def _read_truth(path: Path) -> Truth:
    try:
        with np.load(path, allow_pickle=False) as held:
            truth = Truth(
                project_ids=tuple(map(str, held["project_ids"])),
                profile_ids=tuple(map(str, held["profile_ids"])),
                skill_match=held["skill_match"].astype(np.float32),
                required=_concepts(held, "required"),
                held=_concepts(held, "held"),
            )
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise InputError(f"{path} cannot be read as a truth ({error}); simulate the market again.") from error
    if truth.skill_match.shape != (len(truth.project_ids), len(truth.profile_ids)):
        raise InputError(f"{path} has a match of shape {truth.skill_match.shape} that does not fit its ids.")
    return truth


def _concepts(held: Mapping[str, NDArray[np.str_]], name: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(str(row).split()) for row in held[name]) if name in held else ()
