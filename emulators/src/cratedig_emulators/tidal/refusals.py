"""How Tidal says no."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attrs import frozen

from cratedig_emulators.messages import Response, json_response


@frozen
class Refusal:
    """A status, the number that tells refusals of one status apart, and a text for people."""

    status: int
    sub_status: int
    message: str

    def answer(self) -> Response:
        """Return it as the first version of the API writes it."""
        body = {"status": self.status, "subStatus": self.sub_status, "userMessage": self.message}
        return json_response(body, self.status)

    def answer_v2(self) -> Response:
        """Return it as the open API writes it."""
        error = {"status": str(self.status), "code": str(self.sub_status), "detail": self.message}
        return json_response({"errors": [error]}, self.status)


REFUSALS: Mapping[str, Refusal] = MappingProxyType(
    {
        "expired": Refusal(401, 11003, "The token has expired. (Expired on time)"),
        "unverified": Refusal(401, 11002, "Token could not be verified"),
        "no_header": Refusal(401, 6005, "Missing authorization header"),
        "no_country": Refusal(401, 6001, "countryCode parameter missing"),
        "not_ready": Refusal(401, 4005, "Asset is not ready for playback"),
        "elsewhere": Refusal(401, 4006, "Streaming privileges lost"),
        "quota": Refusal(401, 4010, "Monthly stream quota exceeded"),
        "client": Refusal(403, 4030, "Client is not entitled"),
        "region": Refusal(403, 4032, "Asset is not available in this region"),
        "purchase": Refusal(403, 4033, "Content requires a purchase"),
        "prerequisite": Refusal(403, 4034, "Prerequisite missing"),
        "gone": Refusal(404, 2001, "Track not found"),
    }
)
"""By what they mean."""
