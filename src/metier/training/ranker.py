"""Trains the second stage of matching on what came of the pairs of a market; reads from top to bottom."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from metier.artifacts import write_artifact
from metier.data.market import INTERACTIONS, PROFILES, PROJECTS, read_market
from metier.errors import ConfigError, InputError, MissingExtra
from metier.matching.bm25 import Bm25
from metier.matching.pair_features import FEATURES, pair_features
from metier.matching.ranker import KIND, TREES_FILE, Ranker, log_odds, read_trees
from metier.matching.skill_cover import SkillCover
from metier.measures.calibration import brier, calibration_noise, expected_calibration_error
from metier.protocols import DocumentEncoder, Floats
from metier.training.market_pairs import MarketPairs, pairs_of
from metier.training.record import training_record

# Which way a feature may move the probability: 1 up, -1 down, 0 either. What only a biased choice of whom to contact
# could teach (a dearer person is wanted more) is not learnt.
_DIRECTIONS: Final = {
    "cosine": 1,
    "bm25": 1,
    "skill_cover": 1,
    "bonus_cover": 1,
    "rate_margin": 1,
    "distance_km": -1,
    "days_late": -1,
    "language_cover": 1,
    "same_country": 0,
    "same_category": 1,
}
Progress = Callable[[str, float], None]
Features = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class RankerConfig:
    """What trains a ranker of matches; `configs/match-ranker.toml` is the one that is measured."""

    trees: int = 200
    leaves: int = 15
    least_pairs_per_leaf: int = 50
    learning_rate: float = 0.05
    hidden_share: float = 0.2  # of what is known, the cosine aside: real documents say less, and an index has no words
    seed: int = 276800


@dataclass(frozen=True, slots=True)
class _Examples:
    features: Features  # (n_pairs, len(FEATURES))
    wanted: NDArray[np.bool_]  # (n_pairs,)


def train_ranker(
    config: RankerConfig,
    *,
    data: Path,
    encoder: DocumentEncoder,
    output: Path,
    progress: Progress,
    cover: SkillCover | None = None,
) -> dict[str, Any]:
    """Train on the feedback before the split, calibrate on the projects held out there, and measure after it.

    Args:
        config: What to train.
        data: A market's folder.
        encoder: Of the retriever whose hits will be ranked: its cosine is a feature.
        output: The model folder to write, which `Ranker.load` reads.
        progress: Told what is being done.
        cover: Says who has which skill, as it will when matches are ranked; None: by name.

    Returns:
        The record of the run.

    Raises:
        InputError: If the market cannot be read, a part of it has no positive or no negative feedback, or nothing can
            be learnt from it.
        ConfigError: If a value is impossible.
        MissingExtra: If LightGBM or bm25s is not installed.
    """
    _check(config)
    began = time.monotonic()
    progress("reading the market", 0.0)
    market = read_market(data)
    parts = {
        "train": market.train_interactions,
        "validation": market.validation_interactions,
        "test": market.test_interactions,
    }
    examples: dict[str, _Examples] = {}
    for number, (name, interactions) in enumerate(parts.items()):
        progress(f"comparing the {len(interactions)} pairs of {name}", 0.1 + 0.25 * number)
        examples[name] = _examples(pairs_of(market, interactions), encoder, cover or SkillCover(), name=name)

    progress("growing trees", 0.9)
    text = _grow(examples["train"], config)
    slope, constant = _calibrate(text, examples["validation"])
    ranker = Ranker(read_trees(text), calibration=(slope, constant), version="untold")
    record = training_record(
        config=config,
        data=[data / name for name in (PROFILES, PROJECTS, INTERACTIONS)],
        seconds=time.monotonic() - began,
        measures={
            "encoder": encoder.version,
            "validation": _measures(ranker, examples["validation"]),
            "test": _measures(ranker, examples["test"]),
            "test_without_bm25": _measures(ranker, _without_bm25(examples["test"])),
            "gain": _gains(text),
        },
    )
    write_artifact(
        output,
        kind=KIND,
        settings={
            "features": list(FEATURES),
            "calibration": [slope, constant],
            "encoder": encoder.version,
            "training": asdict(config),
        },
        files={TREES_FILE: text.encode(), "record.json": (json.dumps(record, indent=1) + "\n").encode()},
    )
    progress(f"test: {record['measures']['test']}", 1.0)
    return record


def _check(config: RankerConfig) -> None:
    if config.trees < 1 or config.leaves < 2 or config.least_pairs_per_leaf < 1 or config.learning_rate <= 0:
        raise ConfigError("Give at least one tree, two leaves, one pair per leaf, and a learning_rate above 0.")
    if not 0 <= config.hidden_share < 1:
        raise ConfigError(f"hidden_share is {config.hidden_share}; it must be in [0, 1).")


def _examples(pairs: MarketPairs, encoder: DocumentEncoder, cover: SkillCover, *, name: str) -> _Examples:
    if len(np.unique(pairs.wanted)) < 2:
        raise InputError(f"The {name} part of the market has no positive or no negative feedback; give a larger one.")
    projects, profiles = encoder.encode_projects(pairs.projects), encoder.encode_profiles(pairs.profiles)
    cosines = (projects[pairs.project_of] * profiles[pairs.profile_of]).sum(axis=1)
    features = pair_features(pairs.documents(), cosines=cosines, bm25=_bm25(pairs), cover=cover)
    return _Examples(features, pairs.wanted)


def _bm25(pairs: MarketPairs) -> Floats:
    """Weigh the shared words of every pair: float32 (n_pairs,)."""
    bm25 = Bm25(pairs.profiles)
    weights = np.zeros(len(pairs.wanted), dtype=np.float32)
    for row, project in enumerate(pairs.projects):
        own = np.flatnonzero(pairs.project_of == row)
        weights[own] = bm25.compare([project])[0, pairs.profile_of[own]]
    return weights


def _grow(examples: _Examples, config: RankerConfig) -> str:
    """Train the trees: LightGBM's text form, the same for the same examples."""
    try:
        import lightgbm
    except ImportError:
        raise MissingExtra("match", "Training a ranker") from None
    settings = {
        "objective": "binary",
        "num_leaves": config.leaves,
        "min_data_in_leaf": config.least_pairs_per_leaf,
        "learning_rate": config.learning_rate,
        "monotone_constraints": [_DIRECTIONS[name] for name in FEATURES],
        "seed": config.seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
    table = lightgbm.Dataset(
        _partly_hidden(examples.features, config),
        examples.wanted.astype(np.float64),
        feature_name=list(FEATURES),
        free_raw_data=False,
    )
    trees = lightgbm.train(settings, table, num_boost_round=config.trees)
    return str(trees.model_to_string())


def _partly_hidden(features: Features, config: RankerConfig) -> Features:
    """Take values away at random, so that the trees learn what to say without them."""
    hidden = np.random.default_rng(config.seed).random(features.shape) < config.hidden_share
    hidden[:, FEATURES.index("cosine")] = False
    return np.where(hidden, np.nan, features)


def _calibrate(text: str, validation: _Examples) -> tuple[float, float]:
    """Fit slope and constant of Platt (1999) to answers that the trees have not seen."""
    said = log_odds(read_trees(text), validation.features)[:, None]
    fitted = LogisticRegression(C=1e3).fit(said, validation.wanted)
    if fitted.coef_[0, 0] <= 0:
        raise InputError("What the trees learnt does not hold for the projects of validation; give a larger market.")
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def _measures(ranker: Ranker, examples: _Examples) -> dict[str, float]:
    """Measure calibration, and the order of pairs against that of the cosine alone."""
    probabilities = ranker.probabilities(examples.features)
    figures = {
        "auc": roc_auc_score(examples.wanted, probabilities),
        "auc_of_cosine": roc_auc_score(examples.wanted, examples.features[:, FEATURES.index("cosine")]),
        "ece": expected_calibration_error(probabilities, examples.wanted),
        "ece_if_perfect": calibration_noise(probabilities),
        "brier": brier(probabilities, examples.wanted),
        "share_wanted": examples.wanted.mean(),
    }
    return {"n_pairs": len(probabilities), **{name: round(float(value), 4) for name, value in figures.items()}}


def _without_bm25(examples: _Examples) -> _Examples:
    """As an index gives it, which holds no words."""
    features = examples.features.copy()
    features[:, FEATURES.index("bm25")] = np.nan
    return _Examples(features, examples.wanted)


def _gains(text: str) -> dict[str, float]:
    """Say how much each feature lowers the loss of the trees, in shares of the whole."""
    gains = read_trees(text).feature_importance(importance_type="gain")
    shares = gains / max(gains.sum(), 1e-12)
    return {name: round(float(share), 4) for name, share in zip(FEATURES, shares, strict=True)}
