"""ESCO's own search on the web: polite, patient, and never a wrong answer for a missing one.

The service: https://ec.europa.eu/esco/api/doc/esco-api-further-doc.html
"""

import http.client
import json
import random
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any, Final

from metier.domain import MentionKind
from metier.errors import ConfigError, ServiceError
from metier.taxonomy.answer_cache import AnswerCache, cache_folder
from metier.taxonomy.concept_search import FoundConcept, group_class

ADDRESS: Final = "https://ec.europa.eu/esco/api"
VERSION: Final = "v1.0.9"  # the groups of Kompetencer are of v1.0
_KINDS: Final[Mapping[str, MentionKind]] = {"skill": "skill", "knowledge": "knowledge"}
_TOO_MANY: Final = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How a service is asked; `sleep`, `clock` and `chance` are there for tests."""

    timeout_s: float = 30.0
    n_tries: int = 5
    first_wait_s: float = 1.0  # doubles with every try; up to as much again by chance, so that clients do not meet
    longest_wait_s: float = 120.0  # a service that asks for more is given up
    requests_per_second: float = 2.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a try failed."""

    reason: str
    for_good: bool = False  # asking again will not help
    wait_s: float | None = None  # what the service asked for


class EscoApi:
    """Searches skills by asking ESCO's web service; see `metier.taxonomy.concept_search.ConceptSearch`."""

    def __init__(
        self,
        *,
        address: str = ADDRESS,
        version: str = VERSION,
        cache: Path | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Prepare to ask; nothing is sent yet.

        Args:
            address: Of the service, without `/search`.
            version: Of ESCO.
            cache: The folder that keeps answers; None: one in the platform's cache folder.
            patience: Times, tries and rates; None: the usual ones.

        Raises:
            ConfigError: If the address is none of the web, or a number is out of range.
        """
        self._patience = patience or Patience()
        if not address.startswith(("http://", "https://")):
            raise ConfigError(f"The address of the service is {address!r}; expected one that begins with https://.")
        if min(self._patience.n_tries, self._patience.requests_per_second, self._patience.timeout_s) <= 0:
            raise ConfigError("Tries, requests per second and seconds of waiting must be above 0.")
        self._address = address.rstrip("/")
        self._version = version
        self._cache = AnswerCache(cache or cache_folder("esco-web-service"))
        self._last_sent = -1 / self._patience.requests_per_second + self._patience.clock()

    def search(self, text: str, *, language: str, limit: int) -> list[FoundConcept]:
        """Find skills and knowledge in the order of the service.

        Args:
            text: What to look for.
            language: BCP 47, such as `en` or `da`.
            limit: Concepts at most.

        Returns:
            What the service found, from the cache where it was asked before; none if it found nothing.

        Raises:
            ServiceError: If the service gives no answer that can be used, also when asked again.
            InputError: If the cache cannot be written.
        """
        request = self._request(text, language=language, limit=limit)
        answer = self._cache.get(request)
        if answer is not None:
            try:
                return _concepts(answer)
            except ValueError:  # kept by something else; asked for anew
                pass
        answer, concepts = self._asked(request)
        self._cache.put(request, answer)
        return concepts

    def _request(self, text: str, *, language: str, limit: int) -> str:
        fields = {
            "text": text,
            "type": "skill",
            "language": language,
            "limit": limit,
            "offset": 0,
            "full": "false",
            "selectedVersion": self._version,
        }
        return f"{self._address}/search?{urllib.parse.urlencode(fields, errors='replace')}"

    def _asked(self, request: str) -> tuple[dict[str, Any], list[FoundConcept]]:
        patience = self._patience
        failure = _Failure("it was not asked")
        for n_before in range(patience.n_tries):
            if n_before:
                usual = patience.first_wait_s * 2 ** (n_before - 1) * (1 + patience.chance())
                patience.sleep(min(usual, patience.longest_wait_s) if failure.wait_s is None else failure.wait_s)
            found = self._try(request)
            if not isinstance(found, _Failure):
                return found
            failure = found
            if failure.for_good or (failure.wait_s or 0) > patience.longest_wait_s:
                break
        raise ServiceError(
            f"{request} gave no answer after {n_before + 1} tries: {failure.reason}. "
            "Try again later (answers so far are kept), or search the taxonomy offline."
        )

    def _try(self, request: str) -> tuple[dict[str, Any], list[FoundConcept]] | _Failure:
        self._keep_rate()
        agent = f"metier/{package_version('metier')}"
        asked = urllib.request.Request(request, headers={"Accept": "application/json", "User-Agent": agent})
        try:
            with urllib.request.urlopen(asked, timeout=self._patience.timeout_s) as response:
                answer = json.loads(response.read())
            return answer, _concepts(answer)
        except urllib.error.HTTPError as error:
            with error:
                again = error.code == _TOO_MANY or error.code >= 500
                wait_s = _wait_s(error.headers.get("Retry-After")) if again else None
                return _Failure(f"status {error.code}", for_good=not again, wait_s=wait_s)
        except (OSError, http.client.HTTPException) as error:
            return _Failure(str(error) or type(error).__name__)
        except (ValueError, RecursionError) as error:
            return _Failure(f"no search result in JSON ({error})")

    def _keep_rate(self) -> None:
        wait_s = self._last_sent + 1 / self._patience.requests_per_second - self._patience.clock()
        if wait_s > 0:
            self._patience.sleep(wait_s)
        self._last_sent = self._patience.clock()


def _wait_s(retry_after: str | None) -> float | None:
    """Read the header Retry-After: seconds, or a date; None if it says nothing."""
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        then = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max((then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0.0)


def _concepts(answer: Any) -> list[FoundConcept]:  # noqa: ANN401  # any JSON value
    """Read an answer; ValueError if it is anything but a search result."""
    if not isinstance(answer, dict):
        raise ValueError(f"a {type(answer).__name__} instead of an object")  # noqa: TRY004  # our caller looks for it
    embedded = answer.get("_embedded")
    if embedded is None and answer.get("total") == 0:
        return []
    results = embedded.get("results") if isinstance(embedded, dict) else None
    if not isinstance(results, list):
        raise ValueError("an object without a list of results")  # noqa: TRY004
    return [_concept(result) for result in results]


def _concept(result: Any) -> FoundConcept:  # noqa: ANN401  # any JSON value
    uri, title = (result.get(key) if isinstance(result, dict) else None for key in ("uri", "title"))
    if not isinstance(uri, str) or not isinstance(title, str):
        raise ValueError("a result without uri and title")  # noqa: TRY004
    kind = _first_name(result, "hasSkillType")
    return FoundConcept(uri, title, _KINDS.get(kind), group_class(_first_name(result, "broaderHierarchyConcept")))


def _first_name(result: Mapping[str, Any], relation: str) -> str:
    """The last part of the first URI of a relation, which short results hold themselves and full ones as links."""
    links = result.get("_links")
    related = result.get(relation) or (links.get(relation) if isinstance(links, dict) else None)
    first = related[0] if isinstance(related, list) and related else None
    uri = first.get("uri") if isinstance(first, dict) else first
    return uri.rstrip("/").rsplit("/", 1)[-1] if isinstance(uri, str) else ""
