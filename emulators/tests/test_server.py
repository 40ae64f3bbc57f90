"""The base of the emulators speaks HTTP/1.1, and misbehaves exactly as it is told."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from threading import Thread

import pytest

from cratedig_contracts.patience import blocking_until
from cratedig_emulators.server import Fault, Request, Response, Service, file_response, json_response, route
from cratedig_emulators.switches import Switches

DATA = bytes(range(256)) * 1000


class Sample(Service):
    """A service with a file, an echo and a bug."""

    @route("/file/{name:path}")
    def file(self, request: Request) -> Response:
        return file_response(DATA)

    @route("/echo/{word}", methods=("GET", "POST"))
    def echo(self, request: Request) -> Response:
        return json_response({"word": request.params["word"], "q": request.multi, "body": request.json()})

    @route("/stream")
    def stream(self, request: Request) -> Response:
        return Response(body=iter([b"one", b"two"]))

    @route("/only", host="named.example")
    def only(self, request: Request) -> Response:
        return Response(body=b"named")

    @route("/bug")
    def bug(self, request: Request) -> Response:
        raise RuntimeError("a bug of the emulator")


@pytest.fixture
def service() -> Iterator[Sample]:
    with Sample() as sample:
        yield sample


def ask(
    service: Service, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", service.port)
    try:
        connection.request(
            method, path, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def test_routes_decode_segments_and_keep_repeated_keys(service: Sample) -> None:
    """An encoded slash stays in its segment, a key asked twice keeps both values."""
    _, body = ask(service, "/echo/a%2Fb%20c?k=1&k=2", "POST", b'{"x": 1}')
    assert body == b'{"word": "a/b c", "q": {"k": ["1", "2"]}, "body": {"x": 1}}'


def test_one_connection_serves_many_requests(service: Sample) -> None:
    """Connections are kept alive."""
    connection = HTTPConnection("127.0.0.1", service.port)
    for _ in range(3):
        connection.request("GET", "/echo/x")
        connection.getresponse().read()
        kept = connection.sock
        assert kept is not None
    connection.close()
    assert len(service.requests) == 3


def test_chunked_bodies_go_both_ways(service: Sample) -> None:
    """An iterator is sent in chunks, and a chunked request is read."""
    assert ask(service, "/stream")[1] == b"onetwo"
    connection = HTTPConnection("127.0.0.1", service.port)
    connection.request("POST", "/echo/x", iter([b'{"a"', b": 2}"]), encode_chunked=True)
    assert b'"body": {"a": 2}' in connection.getresponse().read()
    connection.close()


def test_host_tells_routes_apart(service: Sample) -> None:
    """A route for one host does not answer for another; an absolute address names the host too."""
    assert ask(service, "/only")[0].status == 404
    assert ask(service, "/only", Host="named.example")[1] == b"named"
    assert ask(service, "http://named.example/only")[1] == b"named"


def test_head_has_the_length_and_no_body(service: Sample) -> None:
    """HEAD answers with GET's headers alone."""
    answer, body = ask(service, "/file/x", "HEAD")
    assert (answer.headers["Content-Length"], body) == (str(len(DATA)), b"")


@pytest.mark.parametrize(
    ("asked", "part"),
    [("bytes=0-9", DATA[:10]), ("bytes=255990-", DATA[255990:]), ("bytes=-5", DATA[-5:])],
)
def test_ranges(service: Sample, asked: str, part: bytes) -> None:
    """A range is answered with 206, its bytes and where they are."""
    answer, body = ask(service, "/file/x", Range=asked)
    assert (answer.status, body) == (206, part)
    assert answer.headers["Content-Range"].endswith(f"/{len(DATA)}")


def test_range_past_the_end(service: Sample) -> None:
    """A range behind the end is answered with 416 and the length."""
    answer, _ = ask(service, "/file/x", Range="bytes=256000-")
    assert (answer.status, answer.headers["Content-Range"]) == (416, "bytes */256000")


def test_if_range_guards_the_range(service: Sample) -> None:
    """The range holds for the present ETag or date, and the whole file comes for another."""
    answer, _ = ask(service, "/file/x", "HEAD")
    for condition in (answer.headers["ETag"], answer.headers["Last-Modified"]):
        assert ask(service, "/file/x", Range="bytes=5-", If_Range=condition)[0].status == 206
    assert ask(service, "/file/x", Range="bytes=5-", If_Range='"other"')[0].status == 200


def test_faults_skip_last_and_heal(service: Sample) -> None:
    """A fault lets the first ones pass, happens so many times, and can be taken back."""
    service.fault("/echo/*", Fault(status=503, skip=1, times=2, retry_after=7))
    answers = [ask(service, "/echo/x")[0] for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 503, 503, 200]
    assert answers[1].headers["Retry-After"] == "7"
    service.fault("POST /echo/*", Fault(status=500))
    assert [ask(service, "/echo/x", method)[0].status for method in ("GET", "POST")] == [200, 500]
    service.heal()
    assert ask(service, "/echo/x", "POST")[0].status == 200


def test_html_and_planted_bodies(service: Sample) -> None:
    """An outage page comes with status 200, any other body as it was planted."""
    service.fault("/echo/html", Fault(html=True))
    service.fault("/echo/body", Fault(body=b"{", content_type="application/json"))
    answer, body = ask(service, "/echo/html")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"maintenance" in body
    assert ask(service, "/echo/body")[1] == b"{"


def test_spoilt_bodies(service: Sample) -> None:
    """A byte is wrong, a range is ignored, a validator is missing or new."""
    service.fault("/file/corrupt", Fault(corrupt_at=100))
    service.fault("/file/whole", Fault(ignore_range=True))
    service.fault("/file/bare", Fault(no_validators=True))
    service.fault("/file/new", Fault(new_etag="second"))
    body = ask(service, "/file/corrupt")[1]
    assert [at for at in range(len(DATA)) if body[at] != DATA[at]] == [100]
    assert ask(service, "/file/whole", Range="bytes=5-")[0].status == 200
    assert ask(service, "/file/bare")[0].headers["ETag"] is None
    assert ask(service, "/file/new")[0].headers["ETag"] == '"second"'


def test_truncated_and_reset(service: Sample) -> None:
    """The connection ends in the middle of a body, or before an answer."""
    service.fault("/file/*", Fault(truncate_at=1000))
    service.fault("/echo/*", Fault(reset=True))
    with pytest.raises(IncompleteRead) as cut:
        ask(service, "/file/x")
    assert cut.value.partial == DATA[:1000]
    with pytest.raises(ConnectionError):
        ask(service, "/echo/x")


def test_stall_ends_when_the_client_hangs_up(service: Sample) -> None:
    """Nothing comes after the stall, and the log says when the client gave up."""
    service.fault("/file/*", Fault(stall_at=1000))
    connection = HTTPConnection("127.0.0.1", service.port)
    connection.request("GET", "/file/x")
    answer = connection.getresponse()
    assert answer.read(1000) == DATA[:1000]
    connection.sock.settimeout(0.3)
    with pytest.raises(TimeoutError):
        answer.read(1)
    gave_up = time.monotonic()
    answer.close()
    connection.close()
    seen = service.requests[-1]
    assert blocking_until(lambda: seen.ended_at is not None, 30)
    assert seen.aborted
    assert seen.sent == 1000
    assert (seen.ended_at or 0.0) >= gave_up


def test_drip_and_delay(service: Sample) -> None:
    """Bytes come in small pieces, and answers late."""
    service.fault("/file/*", Fault(drip=(64_000, 0.02)))
    service.fault("/echo/*", Fault(delay=0.1))
    before = time.monotonic()
    assert ask(service, "/file/x")[1] == DATA
    ask(service, "/echo/x")
    assert time.monotonic() - before >= 0.18
    assert not any(seen.aborted for seen in service.requests)


def test_frozen_service_answers_after_the_thaw(service: Sample) -> None:
    """A frozen service takes requests and answers none of them until it is thawed."""
    service.freeze()
    got: list[int] = []
    thread = Thread(target=lambda: got.append(ask(service, "/echo/x")[0].status))
    thread.start()
    assert blocking_until(lambda: service.requests, 30)
    time.sleep(0.2)
    assert (len(service.requests), got) == (1, [])
    service.thaw()
    thread.join()
    assert got == [200]


def test_killed_service_comes_back_on_its_port(service: Sample) -> None:
    """A kill ends open connections and refuses new ones; a start takes the same port."""
    service.freeze()
    address = service.base_url
    open_one = socket.create_connection(("127.0.0.1", service.port), 30)
    open_one.sendall(b"GET /echo/x HTTP/1.1\r\nHost: x\r\n\r\n")
    assert blocking_until(lambda: service.requests, 30)
    service.kill()
    with pytest.raises(ConnectionRefusedError):
        ask(service, "/echo/x")
    with open_one, suppress(ConnectionResetError):
        assert open_one.recv(100) == b""
    service.thaw()
    service.start()
    assert service.base_url == address
    assert ask(service, "/echo/x")[0].status == 200


def test_log_counts_concurrency(service: Sample) -> None:
    """Each request knows how many were under way when it came."""
    service.fault("/echo/*", Fault(delay=0.3))
    threads = [Thread(target=ask, args=(service, "/echo/x")) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert sorted(seen.concurrency for seen in service.requests) == [1, 2, 3]


def test_bug_in_a_handler_is_kept_and_answered_with_500(service: Sample) -> None:
    """An exception of a handler is a 500 for the client and kept for the test."""
    assert ask(service, "/bug")[0].status == 500
    assert [str(error) for error in service.errors] == ["a bug of the emulator"]


def test_switches_for_a_whole_service(service: Sample) -> None:
    """The API and the files go wrong in the usual ways by one call, and behave again after another."""
    switches = Switches(service, api=["/echo/*"], files=["/file/*"])
    switches.status(429, retry_after=2)
    for path in ("/echo/x", "/file/x"):
        answer, _ = ask(service, path)
        assert (answer.status, answer.headers["Retry-After"]) == (429, "2")
    switches.clear()
    switches.truncate()
    with pytest.raises(IncompleteRead) as cut:
        ask(service, "/file/x")
    assert len(cut.value.partial) == len(DATA) // 2
    switches.html()
    assert b"<html>" in ask(service, "/echo/x")[1]
    switches.malformed_json()
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(ask(service, "/echo/x")[1])
    switches.hostile_json()
    assert isinstance(json.loads(ask(service, "/echo/x")[1]), dict)
    switches.clear()
    assert ask(service, "/file/x")[1] == DATA
    assert switches.active() == 0


def test_companion_shares_log_faults_and_fate() -> None:
    """A second address of one service is started, logged, spoilt and stopped with the first."""
    main = Sample()
    other = Sample(parent=main)
    main.companions.append(other)
    with main:
        main.fault("/echo/*", Fault(status=503))
        assert ask(other, "/echo/x")[0].status == 503
        assert [seen.port for seen in main.requests] == [other.port]
    with pytest.raises(ConnectionRefusedError):
        ask(other, "/echo/x")
