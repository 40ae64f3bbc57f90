"""The playback queue of version 2.10: a busy account answers 202 and is asked again."""

from __future__ import annotations

from uuid import uuid4

from attrs import define, field

from cratedig_emulators.messages import Response, json_response


@define
class Ticket:
    """One request that waits; ``polls`` more times it is not its turn. ``answer`` is what it will get."""

    answer: Response
    polls: int
    cancelled: bool = False


@define
class Queue:
    """What waits at one instance. ``most`` is how many have waited at once."""

    tickets: dict[str, Ticket] = field(factory=dict)
    most: int = 0

    def put(self, answer: Response, polls: int) -> Response:
        """Let a request wait."""
        key = uuid4().hex
        self.tickets[key] = Ticket(answer, polls)
        self.most = max(self.most, self.waiting)
        return self._pending(key)

    @property
    def waiting(self) -> int:
        """How many requests hold a place now."""
        return sum(not ticket.cancelled for ticket in self.tickets.values())

    def poll(self, key: str) -> Response:
        """Answer a question after one of them."""
        ticket = self.tickets.get(key)
        if ticket is None:
            return json_response({"detail": "Playback request not found or expired"}, 404)
        if ticket.cancelled:
            return json_response({"detail": "Playback request was cancelled"}, 410)
        ticket.polls -= 1
        if ticket.polls > 0:
            return self._pending(key, "processing")
        del self.tickets[key]
        return ticket.answer

    def cancel(self, key: str) -> Response:
        """Give a place up."""
        if key not in self.tickets:
            return json_response({"detail": "Playback request not found or expired"}, 404)
        self.tickets[key].cancelled = True
        return json_response({"status": "cancelled", "requestId": key})

    def _pending(self, key: str, status: str = "pending") -> Response:
        address = f"/playback/requests/{key}"
        body = {
            "status": status,
            "requestId": key,
            "queuePosition": 1,
            "statusUrl": address,
            "cancelUrl": address,
            "playbackAccounts": 1,
            "activePlaybackRequests": 1,
        }
        answer = json_response(body, 202, Location=address, Retry_After="1")
        return answer.with_headers(X_Playback_Queue_Position="1", X_Playback_Request_Id=key)
