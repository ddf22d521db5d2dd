"""The second stage: how probable a yes of both sides is, by more than the vectors of a project and a person."""

from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import read_artifact
from metier.errors import DamagedModel, MissingExtra, ModelError
from metier.matching.pair_features import FEATURES

if TYPE_CHECKING:
    from lightgbm import Booster

KIND: Final = "match-ranker"
TREES_FILE: Final = "trees.txt"  # LightGBM's own text form


class Ranker:
    """Boosted trees over `metier.matching.pair_features.FEATURES`, and a calibration.

    It was trained on pairs that somebody had put before each other, so its probability is of a yes where there is an
    answer at all.
    """

    def __init__(self, trees: "Booster", *, calibration: tuple[float, float], version: str) -> None:
        """Put the parts together; `load` does it from a folder.

        Args:
            trees: Give the log-odds of a pair.
            calibration: Platt (1999): probability = 1 / (1 + exp(-(slope * log-odds + constant))).
            version: Name and content hash, such as `match-ranker@1a2b3c4d`.
        """
        self._trees = trees
        self._calibration = calibration
        self.version = version

    @classmethod
    def load(cls, name: str | Path) -> Self:
        """Read a model folder of the kind `match-ranker`.

        Args:
            name: A shipped model's name, or a folder that `metier train ranker` wrote.

        Returns:
            The ranker.

        Raises:
            ModelError: If the folder is missing, damaged, of another kind, or looks at other features.
            MissingExtra: If LightGBM is not installed.
        """
        artifact = read_artifact(name, kind=KIND)
        trained_on = tuple(artifact.settings["features"])
        if trained_on != FEATURES:
            raise ModelError(
                f"{artifact.folder} looks at {', '.join(trained_on)}; this metier gives {', '.join(FEATURES)}: "
                "train it again with `metier train ranker`."
            )
        slope, constant = artifact.settings["calibration"]
        trees = read_trees(artifact.path(TREES_FILE).read_text(encoding="utf-8"))
        return cls(trees, calibration=(slope, constant), version=artifact.version)

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Say how probable a yes of both sides is.

        Args:
            features: float64 (n_pairs, len(FEATURES)), as `pair_features` gives them.

        Returns:
            float64 (n_pairs,), in (0, 1), in order.
        """
        slope, constant = self._calibration
        return 1 / (1 + np.exp(-(slope * log_odds(self._trees, features) + constant)))


def log_odds(trees: "Booster", features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give what the trees say before it is calibrated.

    Args:
        trees: Trained on a yes-or-no answer.
        features: float64 (n_pairs, n_features).

    Returns:
        float64 (n_pairs,), in order.
    """
    if not len(features):  # LightGBM cannot predict for nobody
        return np.zeros(0)
    return np.asarray(trees.predict(features, raw_score=True, num_threads=1), dtype=np.float64)


def read_trees(text: str) -> "Booster":
    """Read trees in LightGBM's text form.

    Args:
        text: As `Booster.model_to_string` gives it.

    Returns:
        What predicts with them.

    Raises:
        DamagedModel: If the text holds no trees.
        MissingExtra: If LightGBM is not installed.
    """
    try:
        import lightgbm
    except ImportError:
        raise MissingExtra("match", "A ranker of matches") from None
    try:
        return lightgbm.Booster(model_str=text)
    except lightgbm.basic.LightGBMError as error:
        raise DamagedModel(f"The trees cannot be read ({error}); train the ranker again.") from error
