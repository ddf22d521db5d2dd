"""Why a person fits a project: the skills that are shared and missing, and the section that speaks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from metier.domain import Profile, Project
from metier.matching.skill_cover import SkillCover
from metier.protocols import DocumentEncoder, Floats


@runtime_checkable
class SectionEncoder(Protocol):
    """A `DocumentEncoder` whose vector of a document is made of one part per section."""

    def sections(self, document: Profile | Project) -> Mapping[str, Floats]:
        """Give what each section adds.

        Args:
            document: A profile or a project.

        Returns:
            Name of section -> float32 (dim,); their sum, scaled to unit length, is the vector of the document. Those
            without a word are left out.
        """
        ...


@dataclass(frozen=True, slots=True)
class SkillReasons:
    """How the skills of one person fit one project."""

    shared: tuple[str, ...]  # required skills that the person has, as the project words them
    missing: tuple[str, ...]  # the others


def skill_reasons(project: Project, profiles: Sequence[Profile], *, cover: SkillCover) -> list[SkillReasons]:
    """Say which required skills each person has and lacks.

    Args:
        project: Its mandatory skills count.
        profiles: Any.
        cover: Compares skills.

    Returns:
        One per profile, in order; skills in the order of the project.
    """
    return [
        SkillReasons(
            shared=tuple(skill for skill, has in zip(project.skills, row, strict=True) if has),
            missing=tuple(skill for skill, has in zip(project.skills, row, strict=True) if not has),
        )
        for row in cover.covered(project.skills, [profile.skills for profile in profiles])
    ]


def telling_section(profile: Profile, query: Floats, *, encoder: DocumentEncoder) -> str | None:
    """Name the section of a profile that speaks most for a project.

    The vector of a profile is v = sum_l p_l / |sum_l p_l| over its sections l, so that its cosine with the project's
    vector q is a sum too, of the shares p_l . q / |sum_l p_l|. The section with the largest share speaks most.

    Args:
        profile: Any.
        query: float32 (dim,), the vector of the project.
        encoder: Of both.

    Returns:
        One of `PROFILE_SECTIONS`; of equal ones the first. None where no share is above 0, and if the encoder is no
        `SectionEncoder`.
    """
    if not isinstance(encoder, SectionEncoder):
        return None
    shares = {name: float(part @ query) for name, part in encoder.sections(profile).items()}
    best = max(shares, key=lambda name: shares[name], default=None)
    return best if best is not None and shares[best] > 0 else None
