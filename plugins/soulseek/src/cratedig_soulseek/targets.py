r"""What a target id holds: all that slskd needs to be told to download it.

A file is ``user/size/path``, an album ``user/album/folder`` or, on several discs,
``user/album/folder/folder``. The user name is percent-encoded, so that it has no slash; paths are the peer's
own, with backslashes, and go back to him as they came.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from attrs import frozen

from cratedig import NotFound

ALBUM = "album"
_LONGEST = 3000
_USABLE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]+")
_SIZE = re.compile(r"[1-9][0-9]{0,17}")


def exact(value: object) -> str:
    """Return a user name or a path as it is, "" where it cannot be sent back or printed."""
    return value if isinstance(value, str) and len(value) <= _LONGEST and _USABLE.fullmatch(value) else ""


def split(path: str) -> tuple[str, str]:
    """Return folder and name of a peer's path."""
    folder, _, name = path.rpartition("\\")
    return folder, name


@frozen
class Target:
    """A peer's file (``path`` and ``size`` in bytes), or his ``folders``, which are an album."""

    user: str
    path: str = ""
    size: int = 0
    folders: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The target id."""
        rest = (ALBUM, *self.folders) if self.folders else (str(self.size), self.path)
        return "/".join((quote(self.user, safe=" "), *rest))

    def covers(self, user: str, path: str) -> bool:
        """Whether a peer's file belongs to it."""
        if user != self.user:
            return False
        return split(path)[0] in self.folders if self.folders else path == self.path


def parse(text: str) -> Target:
    """Read a target id.

    :raises NotFound: it is none.
    """
    head, *rest = text.split("/", 2)
    user = unquote(head)
    if len(rest) == 2 and exact(user).strip() and exact(rest[1]).strip():  # noqa: PLR2004 - kind and path
        if rest[0] == ALBUM and all(rest[1].split("/")):
            return Target(user=user, folders=tuple(rest[1].split("/")))
        if _SIZE.fullmatch(rest[0]):
            return Target(user=user, path=rest[1], size=int(rest[0]))
    raise NotFound("that is no file of a peer", hint="take the target from a search, as it is")
