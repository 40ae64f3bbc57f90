"""What Lidarr does, over HTTP: commands, queue, history."""

from __future__ import annotations

from typing import Any

from cratedig_emulators.lidarr import answers
from cratedig_emulators.lidarr.program import API, Lidarr, fits
from cratedig_emulators.lidarr.work import EVENTS, Grab
from cratedig_emulators.server import Request, Response, json_response, route

FOREIGN = 12
"""Records of other albums in the queue: more than a page has unless one asks for more."""


class WorkRoutes(Lidarr):
    """Begun, listed, taken out."""

    @route(f"{API}/command", methods=("POST",))
    def start_command(self, request: Request) -> Response:
        """Begin something."""
        body = request.json() or {}
        about = {key: value for key, value in body.items() if key != "name"}
        return json_response(answers.command(self.work.command(body.get("name", ""), about)), 201)

    @route(f"{API}/command")
    def commands(self, _request: Request) -> Response:
        """What was begun lately."""
        return json_response([answers.command(one) for one in self.work.commands.values()])

    @route(f"{API}/command/{{number}}")
    def one_command(self, request: Request) -> Response:
        """One of them."""
        found = self.work.commands.get(int(request.params["number"]))
        return json_response(answers.command(found)) if found else Response(status=404)

    @route(f"{API}/command/{{number}}", methods=("DELETE",))
    def cancel_command(self, request: Request) -> Response:
        """Cancel one that has not started; one that has goes on."""
        found = self.work.commands.get(int(request.params["number"]))
        if found is None:
            return Response(status=404)
        if found.status == "queued":
            found.status = "cancelled"
        return json_response({})

    @route(f"{API}/queue/details")
    def queue_details(self, request: Request) -> Response:
        """The records of some albums; a plain list."""
        asked = request.multi.get("albumIds", ())
        shown = [grab for grab in self.work.shown if not asked or str(grab.shelved.id) in asked]
        return json_response([answers.queued(grab) for grab in shown])

    @route(f"{API}/queue")
    def queue(self, request: Request) -> Response:
        """One page of all records, the others' first."""
        rows = [answers.foreign(number) for number in range(FOREIGN)]
        return _page(request, rows + [answers.queued(grab) for grab in self.work.shown])

    @route(f"{API}/queue/bulk", methods=("DELETE",))
    def remove_several(self, request: Request) -> Response:
        """Take records out of the queue."""
        for number in (request.json() or {}).get("ids", ()):
            self.work.remove(number, request.args)
        return json_response({})

    @route(f"{API}/queue/{{number}}", methods=("DELETE",))
    def remove(self, request: Request) -> Response:
        """Take one record out of the queue."""
        number = request.params["number"]
        there = number.isdecimal() and self.work.remove(int(number), request.args)
        return json_response({}) if there else Response(status=404)

    @route(f"{API}/history")
    def history(self, request: Request) -> Response:
        """One page of what has happened, by date."""
        asked = request.multi
        kinds = {EVENTS[int(one)] for one in asked.get("eventType", ())}
        rows = [
            row
            for row in self.work.history
            if fits(asked, "albumId", str(row["albumId"])) and (not kinds or row["eventType"] in kinds)
        ]
        return _page(request, rows[::-1] if request.args.get("sortDirection") == "descending" else rows)

    def grabs(self) -> list[Grab]:
        """What the download client works on now."""
        with self.lock:
            return list(self.work.grabs)


def _page(request: Request, rows: list[dict[str, Any]]) -> Response:
    number, size = int(request.args.get("page", "1")), int(request.args.get("pageSize", "10"))
    shown = rows[(number - 1) * size : number * size]
    return json_response({"page": number, "pageSize": size, "totalRecords": len(rows), "records": shown})
