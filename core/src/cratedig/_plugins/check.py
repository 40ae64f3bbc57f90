"""What a source finds when it looks at the program or service that it talks to."""

from __future__ import annotations

from attrs import field, frozen
from attrs.validators import instance_of

from cratedig._model import checks


@frozen(kw_only=True)
class Check:
    """One thing that was looked at: ``name`` says what, ``ok`` how it stands.

    ``detail`` is what was found (a version, a path, what is wrong), ``hint`` what a person can do about it.
    """

    name: str = field(validator=checks.filled_text)
    ok: bool = field(validator=instance_of(bool))
    detail: str = field(default="", validator=checks.text)
    hint: str = field(default="", validator=checks.text)
