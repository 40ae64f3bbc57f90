"""A small news server: real NNTP over TCP, on 127.0.0.1, that can lose articles and hold them back."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Self

_HEADERS = "From: poster@news.invalid\r\nSubject: part\r\nMessage-ID: <{}>\r\n"


class NewsServer:
    """Serves the articles that were added to it. Use it as a context manager.

    ``lost`` are message ids that it does not have; ``served`` counts the bodies that went out. After
    :meth:`hold`, further bodies wait until :meth:`release`, with the connection open.
    """

    def __init__(self) -> None:
        self.articles: dict[str, bytes] = {}
        self.lost: set[str] = set()
        self.logins: set[tuple[str, str]] = set()
        self.served: list[str] = []
        self._lock = threading.Lock()
        self._left: int | None = None
        self._open = threading.Event()
        self._open.set()
        self._server = _Listener(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def add(self, articles: Mapping[str, bytes]) -> None:
        """Have these, too."""
        self.articles |= articles

    def lose(self, ids: Iterable[str]) -> None:
        """Answer 430 for these from now on."""
        self.lost |= set(ids)

    def hold(self, after: int = 0) -> None:
        """Let ``after`` more bodies out, then none until :meth:`release`."""
        with self._lock:
            self._left = after
            self._open.clear()

    def release(self) -> None:
        """Let everything out, beginning with what waits."""
        with self._lock:
            self._left = None
            self._open.set()

    def body(self, message_id: str) -> bytes | None:
        """An article's body when it may go out; ``None`` for one that is lost or unknown."""
        if message_id in self.lost or message_id not in self.articles:
            return None
        self._wait_for_turn()
        with self._lock:
            self.served.append(message_id)
        return self.articles[message_id]

    def _wait_for_turn(self) -> None:
        with self._lock:
            if self._left:
                self._left -= 1
                return
        self._open.wait()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def __init__(self, news: NewsServer) -> None:
        self.news = news
        super().__init__(("127.0.0.1", 0), _Session)


class _Session(socketserver.StreamRequestHandler):
    """One connection, by RFC 3977 as far as a download client goes."""

    server: _Listener

    def handle(self) -> None:
        self._user = ""
        self._say("200 news.invalid ready")
        try:
            while line := self.rfile.readline(4096):
                words = line.decode("utf-8", "replace").split()
                if not words:
                    continue
                if words[0].upper() == "QUIT":
                    self._say("205 bye")
                    return
                self._commands().get(words[0].upper(), self._unknown)(words[1:])
        except OSError:
            return  # a client that is killed does not say goodbye

    def _commands(self) -> Mapping[str, Callable[[list[str]], None]]:
        return {
            "AUTHINFO": self._authinfo,
            "ARTICLE": lambda words: self._article(words, "220", headers=True, body=True),
            "BODY": lambda words: self._article(words, "222", headers=False, body=True),
            "HEAD": lambda words: self._article(words, "221", headers=True, body=False),
            "STAT": lambda words: self._article(words, "223", headers=False, body=False),
            "GROUP": lambda words: self._say(f"211 1 1 1 {words[0]}"),
            "MODE": lambda _words: self._say("200 reader"),
            "DATE": lambda _words: self._say("111 20260101000000"),
        }

    def _authinfo(self, words: list[str]) -> None:
        if words[0].upper() == "USER":
            self._user = words[1]
            self._say("381 password?")
            return
        self.server.news.logins.add((self._user, words[1]))
        self._say("281 welcome")

    def _article(self, words: list[str], code: str, *, headers: bool, body: bool) -> None:
        message_id = words[0].strip("<>")
        found = self.server.news.body(message_id)
        if found is None:
            self._say("430 no such article")
            return
        self._say(f"{code} 0 <{message_id}>")
        if not (headers or body):
            return
        head = _HEADERS.format(message_id).encode() if headers else b""
        middle = b"\r\n" if headers and body else b""
        self._send(head + middle + (found if body else b""))

    def _send(self, text: bytes) -> None:
        stuffed = b"\r\n".join(b"." + line if line[:1] == b"." else line for line in text.split(b"\r\n"))
        self.wfile.write(stuffed + b".\r\n")

    def _unknown(self, _words: list[str]) -> None:
        self._say("500 what?")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
