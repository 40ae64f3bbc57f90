"""slskd's REST API over an invented Soulseek network, with real files at the end."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
import weakref
from collections.abc import Iterable
from pathlib import Path
from threading import BoundedSemaphore, Event, RLock, Thread
from typing import Any, Self
from urllib.parse import quote
from uuid import UUID, uuid4

from cratedig_emulators.catalogue import DEFAULT, Catalogue
from cratedig_emulators.handler import Cut
from cratedig_emulators.server import Request, Response, Service, json_response, route
from cratedig_emulators.soulseek.files import listing
from cratedig_emulators.soulseek.peers import Peer, people
from cratedig_emulators.soulseek.searches import Searches
from cratedig_emulators.soulseek.transfers import REMOTELY, Downloads, Script, Transfer

API = "/api/v0"
TICK = 0.02
_LOST = Response(status=500)
_OPEN = ("/health", f"{API}/session/enabled")
_BUSY = "Only one concurrent operation is permitted. Wait until the previous request completes"
_OFFLINE = "The server connection must be Connected and LoggedIn (currently: Disconnected)"


class SlskdEmulator(Service):
    """slskd on 127.0.0.1.

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
        self._searching = BoundedSemaphore(1)
        self._enqueuing = BoundedSemaphore(2)
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
        if answer is _LOST:
            raise Cut
        return answer

    def not_found(self, _request: Request) -> Response:
        """Answer with an empty 404."""
        return Response(status=404)

    # -- the program -------------------------------------------------------------------------------------

    @route("/health")
    def health(self, _request: Request) -> Response:
        """Say that it is up."""
        return Response(body=b"Healthy")

    @route(f"{API}/application")
    def application(self, _request: Request) -> Response:
        """Tell the program's state."""
        return json_response(
            {
                "version": {"full": f"{self.version}.0", "current": self.version, "isUpdateAvailable": False},
                "pendingReconnect": False,
                "pendingRestart": False,
                "server": self._soulseek(),
                "user": {"username": "me", "isPrivileged": False} if self.connected else {},
                "shares": {"scanPending": False, "ready": True, "directories": 3, "files": 120},
                "rooms": [],
                "users": [],
            }
        )

    @route(f"{API}/application/version")
    def application_version(self, _request: Request) -> Response:
        """Tell the version."""
        return json_response(self.version)

    @route(f"{API}/server")
    def server(self, _request: Request) -> Response:
        """Tell how the connection to Soulseek stands."""
        return json_response(self._soulseek())

    @route(f"{API}/options")
    def options(self, _request: Request) -> Response:
        """Tell the options that matter."""
        return json_response(
            {
                "directories": {
                    "downloads": self._seen(self.downloads.downloads),
                    "incomplete": self._seen(self.downloads.incomplete),
                }
            }
        )

    @route(f"{API}/session", methods=("POST",))
    def login(self, request: Request) -> Response:
        """Hand a token to who knows the password."""
        given = request.json() or {}
        if not isinstance(given, dict) or not given.get("username") or not given.get("password"):
            return json_response("Username and/or Password missing or invalid", 400)
        if (given["username"], given["password"]) != (self.username, self.password):
            return Response(status=401)
        token = f"planted-{uuid4().hex}"
        self.tokens.add(token)
        now = int(time.time())
        return json_response(
            {
                "expires": now + 604800,
                "issued": now,
                "name": self.username,
                "notBefore": now,
                "token": token,
                "tokenType": "Bearer",
            }
        )

    @route(f"{API}/session")
    def session(self, _request: Request) -> Response:
        """Say yes: whoever gets here is known."""
        return Response()

    @route(f"{API}/session/enabled")
    def session_enabled(self, _request: Request) -> Response:
        """Tell whether one has to log in."""
        return json_response(self.authentication)

    # -- searches ----------------------------------------------------------------------------------------

    @route(f"{API}/searches", methods=("POST",))
    def search(self, request: Request) -> Response:
        """Begin one."""
        if not self._searching.acquire(blocking=False):
            return json_response(_BUSY, 429)
        try:
            self._take_time()
            return self._begin_search(request.json() or {})
        finally:
            self._searching.release()

    @route(f"{API}/searches")
    def all_searches(self, _request: Request) -> Response:
        """List them."""
        with self.lock:
            return json_response([one.shown() for one in self.searches.all.values()])

    @route(f"{API}/searches/{{id}}")
    def one_search(self, request: Request) -> Response:
        """Show one."""
        with self.lock:
            found = self.searches.all.get(request.params["id"])
            responses = request.args.get("includeResponses") == "true"
            return json_response(found.shown(responses=responses)) if found else Response(status=404)

    @route(f"{API}/searches/{{id}}/responses")
    def responses(self, request: Request) -> Response:
        """Show what one has found; nothing until it has ended."""
        with self.lock:
            found = self.searches.all.get(request.params["id"])
            return json_response(found.shown(responses=True)["responses"]) if found else Response(status=404)

    @route(f"{API}/searches/{{id}}", methods=("PUT",))
    def stop_search(self, request: Request) -> Response:
        """End one."""
        with self.lock:
            return Response(status=200 if self.searches.stop(request.params["id"]) else 404)

    @route(f"{API}/searches/{{id}}", methods=("DELETE",))
    def delete_search(self, request: Request) -> Response:
        """Forget one."""
        with self.lock:
            return Response(status=204 if self.searches.all.pop(request.params["id"], None) else 404)

    # -- downloads ---------------------------------------------------------------------------------------

    @route(f"{API}/transfers/downloads/batches", methods=("POST",))
    def enqueue_batch(self, request: Request) -> Response:
        """Take a batch of files on."""
        if self.old:
            return self._enqueue_old("batches", request.json())
        return self._one_of_two(lambda: self._enqueue_new(request.json() or {}))

    @route(f"{API}/transfers/downloads/batches/{{id}}")
    def batch(self, request: Request) -> Response:
        """Show a batch."""
        with self.lock:
            mine = [one for one in self.downloads.all if one.batch_id == request.params["id"]]
        if not mine or self.old:
            return Response(status=404)
        return json_response(_batch(mine))

    @route(f"{API}/transfers/downloads/{{username}}", methods=("POST",))
    def enqueue(self, request: Request) -> Response:
        """Take files on, the older way."""
        return self._one_of_two(lambda: self._enqueue_old(request.params["username"], request.json()))

    @route(f"{API}/transfers/downloads")
    def list_transfers(self, request: Request) -> Response:
        """List all."""
        removed = request.args.get("includeRemoved") == "true"
        with self.lock:
            listed = self.downloads.listed(removed=removed)
            names = dict.fromkeys(one.username for one in listed)
            return json_response([self._user(name, listed) for name in names])

    @route(f"{API}/transfers/downloads/all/completed", methods=("DELETE",))
    def clear(self, _request: Request) -> Response:
        """Remove every record that has ended."""
        with self.lock:
            for one in self.downloads.all:
                one.removed = one.removed or not one.alive
        return Response(status=204)

    @route(f"{API}/transfers/downloads/{{username}}")
    def list_of_user(self, request: Request) -> Response:
        """List one user's."""
        with self.lock:
            username = request.params["username"]
            listed = self.downloads.listed(username)
            return json_response(self._user(username, listed)) if listed else Response(status=404)

    @route(f"{API}/transfers/downloads/{{username}}/{{id}}")
    def one_transfer(self, request: Request) -> Response:
        """Show one."""
        if not _is_guid(request.params["id"]):
            return Response(status=400)
        found = self._transfer(request)
        return json_response(found.shown()) if found else Response(status=404)

    @route(f"{API}/transfers/downloads/{{username}}/{{id}}/position")
    def position(self, request: Request) -> Response:
        """Ask the peer how far down his queue it is."""
        found = self._transfer(request)
        if found is None or found.state != REMOTELY:
            return Response(status=404)
        return json_response(found.place or 0)

    @route(f"{API}/transfers/downloads/{{username}}/{{id}}", methods=("DELETE",))
    def cancel(self, request: Request) -> Response:
        """End one, remove one that has ended; always 204."""
        if not _is_guid(request.params["id"]):
            return Response(status=400)
        with self.lock:
            self.downloads.cancel(request.params["id"], remove=request.args.get("remove") == "true")
        return Response(status=204)

    # -- peers, events, files ----------------------------------------------------------------------------

    @route(f"{API}/users/{{username}}/status")
    def user_status(self, request: Request) -> Response:
        """Tell whether somebody is there."""
        peer = self.people.get(request.params["username"])
        if peer is None:
            return Response(status=404)
        return json_response({"isPrivileged": False, "presence": "Online" if peer.online else "Offline"})

    @route(f"{API}/users/{{username}}/info")
    def user_info(self, request: Request) -> Response:
        """Tell of somebody."""
        peer = self._online(request)
        if peer is None:
            return Response(status=404)
        return json_response(
            {
                "description": "",
                "hasFreeUploadSlot": peer.free_slot,
                "hasPicture": False,
                "queueLength": peer.queue_length,
                "uploadSlots": 2,
            }
        )

    @route(f"{API}/users/{{username}}/directory", methods=("POST",))
    def directory(self, request: Request) -> Response:
        """List somebody's folder; the older version has one object in place of a list."""
        peer, wanted = self._online(request), (request.json() or {}).get("directory")
        if peer is None:
            return json_response(f"User {request.params['username']} appears to be offline", 404)
        files = [file for file in peer.files if file.folder == wanted and not file.locked]
        shown = {
            "name": wanted,
            "fileCount": len(files),
            "files": [{**file.shown(), "filename": file.name, "attributeCount": 0} for file in files],
        }
        return json_response(shown if self.old else [shown])

    @route(f"{API}/events")
    def list_events(self, request: Request) -> Response:
        """List what has happened, the newest first."""
        offset, limit = int(request.args.get("offset") or 0), int(request.args.get("limit") or 100)
        with self.lock:
            page = self.events[::-1][offset : offset + limit]
            return json_response(page, X_Total_Count=str(len(self.events)))

    @route(f"{API}/files/downloads/directories")
    def list_files(self, request: Request) -> Response:
        """List the downloads folder."""
        recursive = request.args.get("recursive") == "true"
        return json_response(listing(self.downloads.downloads, recursive=recursive))

    @route(f"{API}/files/incomplete/directories")
    def list_incomplete(self, request: Request) -> Response:
        """List the folder of what is under way."""
        recursive = request.args.get("recursive") == "true"
        return json_response(listing(self.downloads.incomplete, recursive=recursive))

    # -- inside ------------------------------------------------------------------------------------------

    def _run(self, ended: Event) -> None:
        while not ended.wait(TICK):
            if not self._frozen.is_set():
                with self.lock:
                    self.downloads.step()
                    self.searches.step(TICK)

    def _known(self, request: Request) -> bool:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        return request.headers.get("x-api-key") == self.api_key or bearer in self.tokens

    def _soulseek(self) -> dict[str, Any]:
        on = self.connected
        return {
            "address": "server.example:2271",
            "state": "Connected, LoggedIn" if on else "Disconnected",
            "isConnected": on,
            "isLoggedIn": on,
            "isTransitioning": False,
        }

    def _take_time(self) -> None:
        Event().wait(self.call_time)

    def _begin_search(self, given: dict[str, Any]) -> Response:
        text = given.get("searchText")
        if not isinstance(text, str) or not text.strip():
            return json_response("SearchText may not be null or empty", 400)
        if not self.connected:
            return json_response(_OFFLINE, 409)
        search_id = given.get("id") or str(uuid4())
        with self.lock:
            if not _is_guid(search_id) or search_id in self.searches.all:
                return json_response("Another search has that id", 400)
            return json_response(self.searches.begin(search_id, text).shown())

    def _one_of_two(self, act: Any) -> Response:
        if not self._enqueuing.acquire(blocking=False):
            return json_response(_BUSY, 429)
        try:
            self._take_time()
            with self.lock:
                answer: Response = act()
            if self.lose_answers:
                self.lose_answers -= 1
                return _LOST
            return answer
        finally:
            self._enqueuing.release()

    def _enqueue_new(self, given: Any) -> Response:
        files = _files(given.get("files")) if isinstance(given, dict) else []
        if not files or not _is_guid(given.get("id")) or not given.get("username"):
            return json_response("The batch is not valid", 400)
        if any(one.batch_id == given["id"] for one in self.downloads.all):
            return json_response(f"A batch with ID {given['id']} already exists", 409)
        if not self.connected:
            return json_response(_OFFLINE, 500)
        username, destination = given["username"], (given.get("options") or {}).get("destination") or ""
        if username not in self.people or not self.people[username].online:
            return json_response(f"User {username} appears to be offline", 404)
        if ".." in destination or destination.startswith("/"):
            return json_response("The destination must be within the downloads folder", 400)
        accepted, failures = self.downloads.enqueue(username, files, given["id"], destination)
        status = (207 if failures else 201) if accepted else 200
        return json_response({"batch": _batch(accepted), "failures": failures}, status)

    def _enqueue_old(self, username: str, given: Any) -> Response:
        files = _files(given)
        if not files:
            return json_response("At least one file is required", 400)
        if not self.connected:
            return json_response(_OFFLINE, 500)
        if username not in self.people or not self.people[username].online:
            return json_response(f"User {username} appears to be offline", 500)
        accepted, failures = self.downloads.enqueue(username, files)
        if self.quiet:
            return Response(status=201)
        body = {"enqueued": [one.shown() for one in accepted], "failed": [{} for _ in failures]}
        return json_response(body, 201)

    def _user(self, username: str, transfers: list[Transfer]) -> dict[str, Any]:
        folders: dict[str, list[dict[str, Any]]] = {}
        for one in transfers:
            if one.username == username:
                shown = one.shown()
                if not self.list_places:
                    shown.pop("placeInQueue", None)
                folders.setdefault(one.filename.rpartition("\\")[0], []).append(shown)
        directories = [
            {"directory": folder, "fileCount": len(files), "files": files}
            for folder, files in folders.items()
        ]
        return {"username": username, "directories": directories}

    def _transfer(self, request: Request) -> Transfer | None:
        with self.lock:
            listed = self.downloads.listed(request.params["username"], removed=True)
            return next((one for one in listed if one.id == request.params["id"]), None)

    def _online(self, request: Request) -> Peer | None:
        peer = self.people.get(request.params["username"])
        return peer if peer and peer.online else None

    def _announce(self, transfer: Transfer, path: Path) -> None:
        said = {
            "type": "DownloadFileComplete",
            "version": 0,
            "localFilename": self._seen(path),
            "remoteFilename": transfer.filename,
            "transfer": transfer.shown(),
        }
        event = {"timestamp": "2026-08-22T10:05:00Z", "type": "DownloadFileComplete", "id": str(uuid4())}
        self.events.append({**event, "data": json.dumps(said)})

    def _seen(self, path: Path) -> str:
        """What slskd calls a path of its own."""
        return "/".join([self.there.rstrip("/"), *path.relative_to(self.folder).parts])


def transfer_path(username: str, *more: str) -> str:
    """The address of a user's transfers, for tests that ask themselves."""
    return "/".join([f"{API}/transfers/downloads/{quote(username, safe='')}", *more])


def _files(given: Any) -> list[tuple[str, int]]:
    rows = given if isinstance(given, list) else []
    return [
        (row["filename"], row["size"])
        for row in rows
        if isinstance(row, dict) and isinstance(row.get("filename"), str) and isinstance(row.get("size"), int)
    ]


def _batch(transfers: list[Transfer]) -> dict[str, Any]:
    if not transfers:
        return {"transfers": []}
    first = transfers[0]
    return {
        "id": first.batch_id,
        "username": first.username,
        "direction": "Download",
        "transfers": [one.shown() for one in transfers],
        "options": {"destination": first.destination},
    }


def _is_guid(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
