"""Searches over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from cratedig_emulators.server import Request, Response, json_response, route
from cratedig_emulators.soulseek.program import API, BUSY, OFFLINE, Slskd, is_guid


class SearchRoutes(Slskd):
    """One search at a time."""

    @route(f"{API}/searches", methods=("POST",))
    def search(self, request: Request) -> Response:
        """Begin one."""
        if not self.search_slot.acquire(blocking=False):
            return json_response(BUSY, 429)
        try:
            self.take_time()
            return self._begin_search(request.json() or {})
        finally:
            self.search_slot.release()

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

    def _begin_search(self, given: dict[str, Any]) -> Response:
        text = given.get("searchText")
        if not isinstance(text, str) or not text.strip():
            return json_response("SearchText may not be null or empty", 400)
        if not self.connected:
            return json_response(OFFLINE, 409)
        search_id = given.get("id") or str(uuid4())
        with self.lock:
            if not is_guid(search_id) or search_id in self.searches.all:
                return json_response("Another search has that id", 400)
            return json_response(self.searches.begin(search_id, text).shown())
