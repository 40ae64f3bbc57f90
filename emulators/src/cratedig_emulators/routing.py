"""Which handler answers which address."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from attrs import evolve, frozen

from cratedig_emulators.messages import Request, Response

Handler = Callable[[Any, Request], Response]
_FIELD = re.compile(r"\{(\w+)(:path)?\}")


@frozen(kw_only=True)
class Route:
    """A pattern such as ``/metadata/{identifier}`` or ``/download/{identifier}/{name:path}``."""

    pattern: re.Pattern[str]
    methods: frozenset[str]
    host: str

    @classmethod
    def of(cls, path: str, methods: tuple[str, ...], host: str) -> Route:
        """``{name}`` takes one segment, ``{name:path}`` any number of them."""
        parts, end = [], 0
        for match in _FIELD.finditer(path):
            parts += [
                re.escape(path[end : match.start()]),
                f"(?P<{match[1]}>{'.*' if match[2] else '[^/]+'})",
            ]
            end = match.end()
        return cls(
            pattern=re.compile("".join(parts) + re.escape(path[end:])), methods=frozenset(methods), host=host
        )

    def match(self, request: Request) -> Request | None:
        """Return the request with its ``params``, or ``None`` when the route is not for it."""
        if request.method not in self.methods or not fnmatchcase(request.host, self.host):
            return None
        # Matched before decoding: an encoded slash is part of a name and no separator.
        found = self.pattern.fullmatch(request.raw_path)
        params = found and {name: unquote(value) for name, value in found.groupdict().items()}
        return None if params is None else evolve(request, params=params)


def route(path: str, *, methods: tuple[str, ...] = ("GET",), host: str = "*") -> Callable[[Handler], Handler]:
    """Make a method of a service the answer to ``path``; HEAD comes with GET, ``host`` is a glob."""
    made = Route.of(path, (*methods, "HEAD") if "GET" in methods else methods, host)

    def mark(handler: Handler) -> Handler:
        routes: list[Route] = getattr(handler, "routes", [])
        handler.routes = [*routes, made]  # type: ignore[attr-defined]
        return handler

    return mark


def routes_of(service: type) -> list[tuple[Route, str]]:
    """Every route of a class and its parents, with the name of the method that answers."""
    found: dict[str, list[Route]] = {}
    for parent in reversed(service.__mro__):
        for name, member in vars(parent).items():
            if hasattr(member, "routes"):
                found[name] = member.routes
    return [(one, name) for name, routes in found.items() for one in routes]
