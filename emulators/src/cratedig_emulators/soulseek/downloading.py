"""Downloads over HTTP: begun by batch or the older way, listed, ended."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from cratedig_emulators.server import Request, Response, json_response, route
from cratedig_emulators.soulseek.program import API, BUSY, LOST, OFFLINE, Slskd, is_guid
from cratedig_emulators.soulseek.transfers import REMOTELY, Transfer


class DownloadRoutes(Slskd):
    """Two calls at a time that begin something."""

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
        if not is_guid(request.params["id"]):
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
        if not is_guid(request.params["id"]):
            return Response(status=400)
        with self.lock:
            self.downloads.cancel(request.params["id"], remove=request.args.get("remove") == "true")
        return Response(status=204)

    def _one_of_two(self, act: Any) -> Response:
        if not self.enqueue_slots.acquire(blocking=False):
            return json_response(BUSY, 429)
        try:
            self.take_time()
            with self.lock:
                answer: Response = act()
            if self.lose_answers:
                self.lose_answers -= 1
                return LOST
            return answer
        finally:
            self.enqueue_slots.release()

    def _enqueue_new(self, given: Any) -> Response:
        files = _files(given.get("files")) if isinstance(given, dict) else []
        if not files or not is_guid(given.get("id")) or not given.get("username"):
            return json_response("The batch is not valid", 400)
        if any(one.batch_id == given["id"] for one in self.downloads.all):
            return json_response(f"A batch with ID {given['id']} already exists", 409)
        if not self.connected:
            return json_response(OFFLINE, 500)
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
            return json_response(OFFLINE, 500)
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
