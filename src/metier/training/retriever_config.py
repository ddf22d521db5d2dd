"""What trains a retriever: every size, and a switch for every part that can be left out."""

from dataclasses import dataclass
from typing import Final

from metier.errors import ConfigError
from metier.matching.head import HeadShape
from metier.matching.towers import Side, reading_limits

WEAK_NEGATIVES: Final = ("category", "all", "none")
LOSSES: Final = ("infonce", "triplet")


@dataclass(frozen=True, kw_only=True)
class RetrieverConfig:
    """What trains a retriever; `configs/retriever.toml` is what ships. The paper leaves most sizes unsaid."""

    encoder: str = "encoder-multilingual"  # shipped, a folder of the kind `encoder`, or what `transformers` can load
    title_pieces: int = 16  # read of the title, and of the mission; start and end included
    description_pieces: int = 128  # 64 and 48 take a third less time, and cut most profiles of the simulated market
    skills_pieces: int = 96  # and of the bonus skills
    category_pieces: int = 16  # and of the family
    query_pieces: int = 24
    category_text: bool = True  # False: neither side reads its category and family
    section_vectors: bool = True
    head_layers: int = 0  # of the transformer head; on the simulated market one earned nothing (docs/experiments.md)
    head_heads: int = 12
    head_inner: int = 768
    norm_first: bool = True
    skip: bool = True
    balanced_pooling: bool = True
    projections: bool = True  # a matrix for each section, behind its mean; the paper has none
    pool_empty: bool = False  # True: sections without a text count as much as others, as in the paper
    loss: str = "infonce"  # or `triplet`
    temperature: float = 0.1  # of InfoNCE; better than .05 and .02 for a projection of section means
    margin: float = 1.0  # of triplets; vectors are at most 2 apart
    weak_negatives: str = "all"  # far though nobody said so: who was not asked; `category`: of another one; `none`
    across_languages: float = 4.5  # what a yes between two languages counts, where one within a language counts 1
    profile_term: bool = False  # True: the dual loss of the paper, with people who share a project beside each other
    weak_on_project: bool = True  # False: weak negatives are far from other profiles only, as eq. 14 has it
    printed_adjacency: bool = False  # eq. 8 as printed
    projects_per_batch: int = 64
    wanted_per_project: int = 32  # the paper has 2 and 1: with two, a point less in nDCG
    refused_per_project: int = 16
    weak_per_batch: int = 4096  # the paper has 30 for its one project per batch
    memory: int = 0  # vectors of earlier batches that projects are compared with too (Wang et al., 2020); 0: none
    epochs: int = 8  # each takes every project once
    learning_rate: float = 1e-3
    projection_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.05  # share of the run over which the rate rises
    dropout: float = 0.1
    token_dropout: float = 0.5  # share of the tokens that a step does not look at: less time, and less learnt by heart
    bfloat16: bool = True  # of the products with weights; a third less time where the processor has them
    steps_per_checkpoint: int = 60  # and per measurement on validation projects
    validation_projects: int = 500  # measured at most
    validation_profiles: int = 4000  # to find them among; those that are asked for come first
    queries: bool = True  # train the tower of short queries too
    query_variants: int = 4  # simulated per project
    query_steps: int = 600
    query_batch: int = 64
    query_profiles: int = 8192  # whose vectors the queries are compared with
    seed: int = 276800

    @property
    def averaged(self) -> bool:
        """Whether a tower needs no more of a section than its mean, which makes training a matter of seconds."""
        return self.head_layers == 0 and self.balanced_pooling

    def limits(self) -> dict[Side, dict[str, int]]:
        """The sections that each side reads: see `reading_limits`."""
        pieces = {
            "title": self.title_pieces,
            "description": self.description_pieces,
            "skills": self.skills_pieces,
            "category": self.category_pieces,
            "query": self.query_pieces,
        }
        return reading_limits(pieces, category_text=self.category_text)

    def head_shape(self, *, n_sections: int, dim: int) -> HeadShape:
        """The head of a tower that reads so many sections of vectors of this length."""
        return HeadShape(
            n_sections=n_sections,
            dim=dim,
            n_layers=self.head_layers,
            n_heads=self.head_heads,
            n_inner=self.head_inner,
            norm_first=self.norm_first,
            section_vectors=self.section_vectors,
            skip=self.skip,
            balanced_pooling=self.balanced_pooling,
            projections=self.projections,
            pool_empty=self.pool_empty,
        )

    def check(self, *, dim: int) -> None:
        """Refuse values that fit nothing.

        Args:
            dim: Of the backbone's vectors.

        Raises:
            ConfigError: If one is impossible.
        """
        if self.loss not in LOSSES:
            raise ConfigError(f"loss is '{self.loss}'; give one of {', '.join(LOSSES)}.")
        if self.weak_negatives not in WEAK_NEGATIVES:
            raise ConfigError(f"weak_negatives is '{self.weak_negatives}'; give one of {', '.join(WEAK_NEGATIVES)}.")
        if dim % self.head_heads:
            raise ConfigError(f"head_heads is {self.head_heads}, and must divide {dim}, the encoder's dimension.")
        positive = ("projects_per_batch", "wanted_per_project", "epochs", "steps_per_checkpoint", "query_variants")
        for name in (*positive, "query_steps", "query_batch", "query_profiles", "temperature", "across_languages"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} is {getattr(self, name)}; it must be above 0.")
        for name in ("dropout", "token_dropout", "warmup"):
            if not 0 <= getattr(self, name) < 1:
                raise ConfigError(f"{name} is {getattr(self, name)}; it must be 0 or more and below 1.")
        if min(limit for sections in self.limits().values() for limit in sections.values()) < 3:
            raise ConfigError("Every section needs 3 pieces or more: a start, a piece, an end.")
        if not (self.section_vectors or self.head_layers or self.projections):
            raise ConfigError("Without section vectors, layers and projections there is nothing to train.")
