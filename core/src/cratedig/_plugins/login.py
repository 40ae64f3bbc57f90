"""What a person has to do to log in."""

from __future__ import annotations

from attrs import field, frozen

from cratedig._model import checks


@frozen(kw_only=True)
class LoginStep:
    """Something to do elsewhere: open ``link`` and, where it asks for one, enter ``code``.

    ``expires_in`` is for how many seconds that is possible. None of it is a secret of the account's.
    """

    link: str = field(validator=checks.filled_text)
    code: str = field(default="", validator=checks.text)
    expires_in: float | None = field(default=None, validator=checks.maybe(checks.number))
