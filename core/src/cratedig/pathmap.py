"""Where a path on another program's machine is on this one.

slskd, Lidarr or a Usenet client name files as they see them: inside a container, on a NAS, on Windows. A
``path_map`` says which folder there is which folder here; for sources that take over what such a program has
brought.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

from cratedig._errors import NotFound
from cratedig._plugins import Check

_HOW = "set path_map so that {there!r} leads to the same folder on this machine"


class PathMap:
    r"""Prefixes of the other program's paths, each with the folder of this machine that it stands for.

    The longest prefix wins; a path that none fits is taken to be the same here. Windows paths (``C:\Music``,
    ``\\nas\music``) are recognised and compared without regard to letter case, as Windows does.
    """

    def __init__(self, folders: Mapping[str, str | Path]) -> None:
        pairs = [(pure(there), Path(here)) for there, here in folders.items()]
        self._pairs = sorted(pairs, key=lambda pair: len(pair[0].parts), reverse=True)

    def local(self, there: str) -> Path:
        """Where ``there`` is on this machine; whether it exists is not looked at.

        :raises NotFound: it leads out of its folder by ``..``.
        """
        path = pure(there)
        if ".." in path.parts:
            raise NotFound(f"the other program names a path that leads elsewhere: {there!r}")
        for prefix, here in self._pairs:
            if type(prefix) is type(path) and path.is_relative_to(prefix):
                return here.joinpath(*path.relative_to(prefix).parts)
        return Path(there)

    def found(self, there: str) -> Path:
        """The same, when it exists.

        :raises NotFound: it does not; the message names both paths and how to set the map.
        """
        here = self.local(there)
        if not here.exists():
            raise NotFound(
                f"{there!r} would be {str(here)!r} on this machine, and is not there",
                hint=_HOW.format(there=there),
            )
        return here

    def prove(self, there: str, size: int | None = None) -> Check:
        """Whether a file that the other program has named is here, with as many bytes as it says."""
        try:
            here = self.found(there)
        except NotFound as error:
            return Check(name="path_map", ok=False, detail=error.message, hint=error.hint or "")
        if size is not None and here.is_file() and here.stat().st_size != size:
            return Check(
                name="path_map",
                ok=False,
                detail=f"{str(here)!r} has {here.stat().st_size} bytes, {there!r} has {size} over there",
                hint=_HOW.format(there=there),
            )
        return Check(name="path_map", ok=True, detail=f"{there} is {here}")


def pure(there: str) -> PurePath:
    """A path of the other program's, read by the rules of its system."""
    windows = there[1:2] == ":" or ("\\" in there and not there.startswith("/"))
    return PureWindowsPath(there) if windows else PurePosixPath(there)
