"""What only Qdrant does; what every index does is in `contract/test_vector_index.py`."""

import os
import secrets
import threading
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from metier.domain import Between, Facts, Near, OneOf, Unless
from metier.errors import IndexMismatch, ServiceError, VectorIndexError
from metier.index.exact import ExactIndex
from metier.index.qdrant import MEMORY, QdrantIndex, to_filter

pytest.importorskip("qdrant_client", reason="the extra 'index' is not installed")
_URL = os.environ.get("METIER_QDRANT_URL")


def _unit(rows):
    vectors = np.array(rows, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@contextmanager
def _broken_server(answers):
    """A server that gives these statuses and bodies one after the other, and the last one for ever."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = answers.pop(0) if len(answers) > 1 else answers[0]
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_ties_at_the_end_of_the_list_go_by_id():
    index = QdrantIndex(MEMORY, dim=2)
    ids = [f"p{number:02}" for number in range(20)]
    index.upsert(ids[::-1], _unit([[1, 0]] * 20), [Facts()] * 20)
    assert [hit.id for hit in index.search(_unit([[1, 0]]), k=3)[0]] == ["p00", "p01", "p02"]


def test_server_that_is_not_there_is_named():
    with pytest.raises(ServiceError, match=r"http://127\.0\.0\.1:9 does not answer"):
        QdrantIndex("http://127.0.0.1:9", dim=2, patience_s=0)


def test_server_that_restarts_is_waited_for():
    exists = b'{"result": {"exists": true}, "status": "ok", "time": 0.1}'
    with (
        _broken_server([(503, b"{}"), (503, b"{}"), (200, exists), (403, b'{"status": {"error": "no key"}}')]) as url,
        pytest.raises(VectorIndexError, match=r"refused.*no key"),  # so the two failures before it were outlived
    ):
        QdrantIndex(url, dim=2)


def test_server_that_goes_on_failing_is_given_up():
    with _broken_server([(503, b"starting")]) as url, pytest.raises(ServiceError, match=r"failed.*starting.*repeat"):
        QdrantIndex(url, dim=2, patience_s=0.3)


def test_filter_that_lets_everything_pass_is_none():
    assert to_filter(()) is None


@pytest.mark.skipif(_URL is None, reason="METIER_QDRANT_URL is not set: there is no Qdrant server to ask")
def test_real_server_agrees_with_the_exact_index():
    draw = np.random.default_rng(3)
    ids = [f"p{number}" for number in range(2000)]
    vectors = _unit(draw.normal(size=(2000, 64)))
    facts = [
        Facts(
            country=draw.choice(["FR", "DE", None]),
            latitude=float(draw.uniform(40, 55)),
            longitude=float(draw.uniform(-5, 15)),
            day_rate=float(draw.uniform(50, 900)),
            languages=tuple(draw.choice(["fr", "de", "en"], size=2, replace=False)),
            available_from=date.fromordinal(int(draw.integers(739700, 740200))),
        )
        for _ in ids
    ]
    name = f"metier-test-{secrets.token_hex(6)}"
    index, exact = QdrantIndex(_URL, dim=64, collection=name), ExactIndex(64)
    try:
        for held in (index, exact):
            held.upsert(ids, vectors, facts)
            held.delete(ids[:100])
        queries = _unit(draw.normal(size=(20, 64)))
        for where in (
            (),
            (OneOf("country", ("FR",)), Between("day_rate", None, 500.0)),
            (Near(48.85, 2.35, 400.0), Unless(OneOf("languages", ("de",)))),
            (Between("available_from", date(2026, 6, 1), None),),
        ):
            found, wanted = (held.search(queries, k=50, where=where) for held in (index, exact))
            assert [[hit.id for hit in hits] for hits in found] == [[hit.id for hit in hits] for hits in wanted]
        with pytest.raises(IndexMismatch, match="64"):
            QdrantIndex(_URL, dim=32, collection=name)
    finally:
        index._client.delete_collection(name)
        index.close()
