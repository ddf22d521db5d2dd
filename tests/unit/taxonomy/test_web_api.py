"""The client of ESCO's web service against a server on this machine."""

import json
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from metier.errors import ConfigError, InputError, ServiceError
from metier.taxonomy.answer_cache import AnswerCache, cache_folder
from metier.taxonomy.concept_search import FoundConcept, group_class
from metier.taxonomy.web_api import EscoApi, Patience

ESCO = "http://data.europa.eu/esco"
BAKE = {
    "uri": f"{ESCO}/skill/1",
    "title": "bake bread 🥖",
    "hasSkillType": [f"{ESCO}/skill-type/skill"],
    "broaderHierarchyConcept": [f"{ESCO}/skill/S6.4.1", f"{ESCO}/skill/S1.2"],
}
SQL = {
    "uri": f"{ESCO}/skill/2",
    "title": "SQL",
    "_links": {
        "hasSkillType": [{"uri": f"{ESCO}/skill-type/knowledge"}],
        "broaderHierarchyConcept": [{"uri": f"{ESCO}/isced-f/0613", "code": "0613"}],
    },
}
FOUND = [
    FoundConcept(f"{ESCO}/skill/1", "bake bread 🥖", "skill", "S6"),
    FoundConcept(f"{ESCO}/skill/2", "SQL", "knowledge", "K06"),
]


def answer(*results):
    return 200, json.dumps({"total": len(results), "_embedded": {"results": list(results)}}), {}


class Service:
    """Gives the answers of a list, one after the other, then the last for ever."""

    def __init__(self):
        self.answers = [answer(BAKE, SQL)]
        self.asked = []
        self.hang = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                status, body, headers = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                if status == 0:  # no answer at all
                    outer.hang.wait(5)
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/esco/api"

    def stop(self):
        self.hang.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Clock:
    """Time that passes by sleeping only."""

    def __init__(self):
        self.now = 100.0
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def service():
    running = Service()
    yield running
    running.stop()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def api(service, clock, tmp_path):
    return make(service, clock, tmp_path / "cache")


def make(service, clock, cache, **numbers):
    numbers = {"n_tries": 3, "timeout_s": 5.0, "requests_per_second": 1000.0, **numbers}
    patience = Patience(sleep=clock.sleep, clock=lambda: clock.now, chance=lambda: 0.5, **numbers)
    return EscoApi(address=service.address, version="v1.0.9", cache=cache, patience=patience)


def test_the_request_says_everything_and_the_answer_is_read(service, api):
    assert api.search("bage brød & kage", language="da", limit=100) == FOUND
    parts = urlsplit(service.asked[0])
    assert parts.path == "/esco/api/search"
    assert parse_qs(parts.query) == {
        "text": ["bage brød & kage"],
        "type": ["skill"],
        "language": ["da"],
        "limit": ["100"],
        "offset": ["0"],
        "full": ["false"],
        "selectedVersion": ["v1.0.9"],
    }


def test_an_answer_is_kept_and_the_same_request_is_not_sent_again(service, clock, api, tmp_path):
    api.search("bread", language="en", limit=5)
    again = make(service, clock, tmp_path / "cache")
    assert again.search("bread", language="en", limit=5) == FOUND
    assert len(service.asked) == 1
    again.search("bread", language="en", limit=6)
    again.search("bread", language="da", limit=5)
    EscoApi(address=service.address, version="v1.2", cache=tmp_path / "cache").search("bread", language="en", limit=5)
    assert len(service.asked) == 4


@pytest.mark.parametrize("body", [{"total": 0, "_embedded": {"results": []}}, {"total": 0}])
def test_nothing_found_is_an_answer_and_is_kept(service, api, body):
    service.answers = [(200, json.dumps(body), {})]
    assert api.search("2LOD", language="en", limit=5) == []
    assert api.search("2LOD", language="en", limit=5) == []
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "bad",
    [
        (429, "", {}),
        (500, "oops", {}),
        (503, "{}", {}),
        (200, "<html>not today</html>", {}),
        (200, "", {}),
        (200, '{"total": 3', {}),
        (200, "[]", {}),
        (200, '{"total": 3}', {}),
        (200, '{"_embedded": {"results": {}}}', {}),
        (200, '{"_embedded": {"results": [{"title": "SQL"}]}}', {}),
        (200, '{"_embedded": {"results": [null]}}', {}),
        (200, "[" * 100_000, {}),
        (200, "", {"Content-Length": "10"}),
    ],
)
def test_a_bad_answer_is_asked_for_again_then_an_error_and_never_kept(service, clock, api, bad, tmp_path):
    service.answers = [bad, answer(BAKE, SQL)]
    assert api.search("bread", language="en", limit=5) == FOUND
    service.answers = [bad]
    with pytest.raises(ServiceError, match=r"/search\?text=cake.* gave no answer after 3 tries"):
        api.search("cake", language="en", limit=5)
    assert len(service.asked) == 2 + 3
    assert len(list((tmp_path / "cache").rglob("*.json"))) == 1
    assert not list((tmp_path / "cache").rglob(".*"))


def test_a_bad_request_is_an_error_at_once(service, api):
    service.answers = [(400, '{"message": "no such language"}', {})]
    with pytest.raises(ServiceError, match="after 1 tries: status 400"):
        api.search("bread", language="xx", limit=5)
    assert len(service.asked) == 1


def test_waiting_doubles_with_a_share_by_chance(service, clock, api):
    service.answers = [(500, "", {})]
    with pytest.raises(ServiceError):
        api.search("bread", language="en", limit=5)
    # 1 s and 2 s, and half as much again by chance
    assert clock.slept == pytest.approx([1.5, 3.0])


def test_the_service_says_how_long_to_wait(service, clock, api):
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    service.answers = [(429, "", {"Retry-After": "7"}), (503, "", {"Retry-After": date}), answer(BAKE, SQL)]
    assert api.search("bread", language="en", limit=5) == FOUND
    assert clock.slept[0] == 7
    assert 25 < clock.slept[1] <= 30


def test_a_header_that_says_nothing_is_passed_over(service, clock, api):
    service.answers = [(429, "", {"Retry-After": "soon"}), answer(BAKE, SQL)]
    assert api.search("bread", language="en", limit=5) == FOUND
    assert clock.slept == [1.5]


def test_a_service_that_asks_for_hours_is_given_up(service, clock, api):
    service.answers = [(429, "", {"Retry-After": "7200"})]
    with pytest.raises(ServiceError, match="after 1 tries: status 429"):
        api.search("bread", language="en", limit=5)
    assert clock.slept == []


def test_requests_keep_their_distance(service, clock, tmp_path):
    slow = make(service, clock, tmp_path, requests_per_second=2.0)
    for text in ("a", "b", "a", "c"):  # the third comes from the cache
        slow.search(text, language="en", limit=5)
    assert clock.slept == pytest.approx([0.5, 0.5])


def test_silence_is_an_error_after_the_time_that_was_given(service, clock, tmp_path):
    service.answers = [(0, "", {})]
    hasty = make(service, clock, tmp_path, timeout_s=0.05, n_tries=2)
    with pytest.raises(ServiceError, match="timed out"):
        hasty.search("bread", language="en", limit=5)


def test_no_service_is_an_error(service, clock, tmp_path):
    gone = make(service, clock, tmp_path)
    service.stop()
    with pytest.raises(ServiceError, match="after 3 tries"):
        gone.search("bread", language="en", limit=5)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"request": "another", "answer": {}}'])
def test_a_damaged_cache_file_is_asked_for_again(service, api, tmp_path, content):
    api.search("bread", language="en", limit=5)
    [kept] = (tmp_path / "cache").rglob("*.json")
    kept.write_text(content)
    assert api.search("bread", language="en", limit=5) == FOUND
    assert len(service.asked) == 2


def test_a_kept_answer_that_is_none_is_asked_for_again(service, api, tmp_path):
    api.search("bread", language="en", limit=5)
    [kept] = (tmp_path / "cache").rglob("*.json")
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "answer": {"total": 7}}))
    assert api.search("bread", language="en", limit=5) == FOUND


def test_a_cache_that_cannot_be_written_is_said(service, clock, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        make(service, clock, tmp_path / "file").search("bread", language="en", limit=5)


def test_numbers_and_addresses_are_checked(service, clock, tmp_path):
    with pytest.raises(ConfigError, match="above 0"):
        make(service, clock, tmp_path, n_tries=0)
    with pytest.raises(ConfigError, match="https://"):
        EscoApi(address="file:///etc", cache=tmp_path)


def test_a_concept_without_kind_or_group_has_none(service, api):
    service.answers = [answer({"uri": "u", "title": "t", "hasSkillType": [], "broaderHierarchyConcept": None})]
    assert api.search("t", language="en", limit=5) == [FoundConcept("u", "t", None, "")]


def test_the_cache_is_in_the_platforms_folder(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache_folder("x") == Path("/caches/metier/x")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder("x") == Path.home() / ".cache" / "metier" / "x"


def test_a_lone_surrogate_is_no_trouble(service, api, tmp_path):
    assert api.search("bad \ud800 text", language="en", limit=5) == FOUND
    AnswerCache(tmp_path).put("\ud800", {"a": 1})
    assert AnswerCache(tmp_path).get("\ud800") == {"a": 1}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *(("S4.8.1", "S4"), ("K0613", "K06"), ("0613", "K06"), ("061", "K06"), ("00", "K00"), ("0000", "0000")),
        *(("T3", "A1"), ("A2.1", "A2"), ("L2", "L1"), ("L1", "L1"), ("skill", "skill"), ("", "")),
    ],
)
def test_codes_of_any_version_become_the_classes_of_kompetencer(code, expected):
    assert group_class(code) == expected
