"""slskd itself: its people, its records, its events, and that it can be killed."""

from __future__ import annotations

import json
import shutil
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path
from threading import BoundedSemaphore, Event, RLock, Thread
from typing import Self
from uuid import UUID, uuid4

from cratedig_emulators.catalogue import DEFAULT, Catalogue
from cratedig_emulators.server import Cut, Request, Response, Service
from cratedig_emulators.soulseek.peers import Peer, people
from cratedig_emulators.soulseek.searches import Searches
from cratedig_emulators.soulseek.transfers import Downloads, Script, Transfer

API = "/api/v0"
TICK = 0.02
LOST = Response(status=500)
BUSY = "Only one concurrent operation is permitted. Wait until the previous request completes"
OFFLINE = "The server connection must be Connected and LoggedIn (currently: Disconnected)"
_OPEN = ("/health", f"{API}/session/enabled")


class Slskd(Service):
    """slskd on 127.0.0.1, without its API.

    ``peers`` are there besides those of the catalogue. ``folder`` is where it keeps its files, ``there`` what
    it calls that folder (a container would see ``/app``). It goes on by itself while it runs: ``script`` says
    what becomes of a download. Killed and started again, it remembers its records, with those under way
    failed, unless ``forgets`` is true. ``old`` makes it a version without batches, ``quiet`` one whose old
    enqueue call answers with an empty body. ``authentication`` off lets anybody in. Each call that begins
    something takes ``call_time`` seconds. ``list_places`` off tells a place in a queue only when it is asked
    for that one. The answers to the next ``lose_answers`` calls that enqueue get lost.
    """

    name = "soulseek"

    def __init__(
        self,
        *,
        catalogue: Catalogue = DEFAULT,
        peers: Iterable[Peer] = (),
        folder: Path | None = None,
        there: str = "",
    ) -> None:
        super().__init__()
        self.folder = folder or Path(tempfile.mkdtemp(prefix="slskd-"))
        if folder is None:
            weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self.there = there or str(self.folder)
        self.people = {peer.username: peer for peer in (*people(catalogue), *peers)}
        self.lock = RLock()
        self.events: list[dict[str, str]] = []
        self.downloads = Downloads(self.folder, self.people, self._announce)
        self.searches = Searches(self.people)
        self.api_key = f"planted-{uuid4().hex}"
        self.username, self.password = "me", f"planted-{uuid4().hex}"
        self.tokens: set[str] = set()
        self.authentication = True
        self.connected = True
        self.old = False
        self.quiet = False
        self.forgets = False
        self.version = "0.26.0"
        self.call_time = 0.0
        self.list_places = True
        self.lose_answers = 0
        self.search_slot = BoundedSemaphore(1)
        self.enqueue_slots = BoundedSemaphore(2)
        self._ended = Event()
        self._ran = False
        self._ticker: Thread | None = None

    def start(self) -> Self:
        """Listen, and go on with what there is to do."""
        if self._ran:
            with self.lock:
                self.downloads.interrupt(forget=self.forgets)
                self.searches.all.clear()
        self._ran = True
        super().start()
        self._ended = Event()
        self._ticker = Thread(target=self._run, args=(self._ended,), name="soulseek-ticker", daemon=True)
        self._ticker.start()
        return self

    def kill(self, *, abruptly: bool = True) -> None:
        """Stop everything where it is."""
        self._ended.set()
        if self._ticker is not None:
            self._ticker.join(5)
        super().kill(abruptly=abruptly)

    def plant(self, *peers: Peer) -> None:
        """Let people join, or take a namesake's place."""
        with self.lock:
            self.people |= {peer.username: peer for peer in peers}

    def script(self, script: Script, *, user: str = "*", path: str = "*") -> None:
        """Let ``script`` hold for the downloads that both patterns take, from now on."""
        with self.lock:
            self.downloads.script(script, user=user, path=path)

    def unscript(self) -> None:
        """Let every download succeed, those that hang included."""
        with self.lock:
            self.downloads.unscript()

    def transfers(self) -> list[Transfer]:
        """Every record there ever was."""
        with self.lock:
            return self.downloads.listed(removed=True)

    def prepare(self) -> Self:
        """Make all audio now, and not when it is first asked for."""
        for peer in self.people.values():
            for file in peer.files:
                file.data()
        return self

    def dispatch(self, request: Request) -> Response:
        """Let nobody in who does not say who he is."""
        login = request.method == "POST" and request.path == f"{API}/session"
        if self.authentication and not login and request.path not in _OPEN and not self._known(request):
            return Response(status=401)
        answer = super().dispatch(request)
        if answer is LOST:
            raise Cut
        return answer

    def not_found(self, _request: Request) -> Response:
        """Answer with an empty 404."""
        return Response(status=404)

    def seen(self, path: Path) -> str:
        """What slskd calls a path of its own."""
        return "/".join([self.there.rstrip("/"), *path.relative_to(self.folder).parts])

    def take_time(self) -> None:
        """Let a call last as long as it is to."""
        Event().wait(self.call_time)

    def _run(self, ended: Event) -> None:
        while not ended.wait(TICK):
            if not self._frozen.is_set():
                with self.lock:
                    self.downloads.step()
                    self.searches.step(TICK)

    def _known(self, request: Request) -> bool:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        return request.headers.get("x-api-key") == self.api_key or bearer in self.tokens

    def _announce(self, transfer: Transfer, path: Path) -> None:
        said = {
            "type": "DownloadFileComplete",
            "version": 0,
            "localFilename": self.seen(path),
            "remoteFilename": transfer.filename,
            "transfer": transfer.shown(),
        }
        event = {"timestamp": "2026-08-22T10:05:00Z", "type": "DownloadFileComplete", "id": str(uuid4())}
        self.events.append({**event, "data": json.dumps(said)})


def is_guid(value: object) -> bool:
    """Whether it is an id as slskd takes them."""
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
