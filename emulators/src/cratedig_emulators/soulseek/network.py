"""The people of the network, what has happened, and what lies in slskd's folders."""

from __future__ import annotations

from cratedig_emulators.server import Request, Response, json_response, route
from cratedig_emulators.soulseek.files import listing
from cratedig_emulators.soulseek.peers import Peer
from cratedig_emulators.soulseek.program import API, Slskd


class NetworkRoutes(Slskd):
    """Users, events and files."""

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

    def _online(self, request: Request) -> Peer | None:
        peer = self.people.get(request.params["username"])
        return peer if peer and peer.online else None
