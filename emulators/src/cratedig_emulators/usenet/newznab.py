"""A Newznab indexer: capabilities, two kinds of search, NZBs, and its errors, which come with status 200."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from email.utils import formatdate
from uuid import uuid4
from xml.sax.saxutils import escape, quoteattr

from cratedig_emulators.catalogue import DEFAULT, Catalogue
from cratedig_emulators.messages import EPOCH
from cratedig_emulators.server import Request, Response, Service, html_response, route
from cratedig_emulators.usenet.posts import NEWS, Release, Spool, releases, words_of

_NAMES = {3000: "Audio", 3010: "MP3", 3020: "Video", 3030: "Audiobook", 3040: "Lossless"}
_MOST = 100


class NewznabEmulator(Service):
    """An indexer with one account.

    ``api_key`` is for the API; the links that it hands out hold ``rss_key``, which is another. Switches:
    ``music_search`` and ``has_get`` say what it can do; ``error`` (code and words) is what every request of
    the API is answered with, ``nzb_error`` what an NZB's address is answered with; ``nzb_page`` sends a page
    in place of an NZB. ``removed`` are guids that it has no NZB of any more.
    """

    name = "newznab"

    def __init__(
        self, *, catalogue: Catalogue = DEFAULT, spool: Spool = NEWS, title: str = "Planted"
    ) -> None:
        super().__init__()
        self.title = title
        self.spool = spool
        self.releases: dict[str, Release] = {}
        self.offer(*releases(catalogue, spool))
        self.api_key = f"planted{uuid4().hex}"
        self.rss_key = f"planted{uuid4().hex}"
        self.music_search = True
        self.has_get = True
        self.error: tuple[int, str] | None = None
        self.nzb_error: tuple[int, str] | None = None
        self.nzb_page = False
        self.removed: set[str] = set()

    def offer(self, *found: Release) -> None:
        """List releases."""
        self.releases |= {release.guid: release for release in found}

    def release(self, words: str) -> Release:
        """The first release with these words.

        :raises LookupError: there is none.
        """
        return next(self.find(words))

    def find(self, query: str, categories: Iterable[int] = ()) -> Iterator[Release]:
        """Releases with all the words; a category of a thousand stands for all in it."""
        wanted, chosen = words_of(query), set(categories)
        for release in list(self.releases.values()):
            fits = not chosen or {release.category, release.category // 1000 * 1000} & chosen
            if fits and wanted <= release.words:
                yield release

    def link(self, release: Release) -> str:
        """Where its NZB is; anybody who has this address may fetch it."""
        return f"{self.base_url}/getnzb/{release.guid}.nzb&i=1&r={self.rss_key}"

    def guid(self, release: Release) -> str:
        """The release's guid as it is written in answers."""
        return f"{self.base_url}/details/{release.guid}"

    @route("/api")
    def api(self, request: Request) -> Response:
        """All functions have one address."""
        args = request.args
        if args.get("t") == "caps":
            return _xml(self._caps())
        if args.get("apikey") != self.api_key:
            return _error(100, "Incorrect user credentials")
        return _error(*self.error) if self.error is not None else self._function(args)

    def _function(self, args: dict[str, str]) -> Response:
        function = args.get("t")
        if function == "get" and self.has_get:
            return self._nzb(args.get("id", ""))
        if function == "search":
            return self._found(args, args.get("q", ""))
        if function == "music" and self.music_search:
            return self._found(args, f"{args.get('artist', '')} {args.get('album', '')} {args.get('q', '')}")
        return _error(202, "No such function")

    @route("/getnzb/{rest:path}")
    def getnzb(self, request: Request) -> Response:
        """The address that answers and enclosures name."""
        guid, _, arguments = request.params["rest"].partition(".nzb")
        if f"&r={self.rss_key}" not in arguments:
            return _error(100, "Incorrect user credentials")
        return self._nzb(guid)

    def _nzb(self, guid: str) -> Response:
        if self.nzb_error is not None:
            return _error(*self.nzb_error)
        release = self.releases.get(guid.rpartition("/")[2])
        if release is None or release.guid in self.removed:
            return _error(300, "No such item")
        if self.nzb_page:
            return html_response("<html><body>Log in to download.</body></html>")
        named = {"Content-Disposition": f'attachment; filename="{release.title}.nzb"'}
        return Response(body=release.nzb, content_type="application/x-nzb", headers=named)

    def _found(self, args: dict[str, str], query: str) -> Response:
        categories = [int(one) for one in args.get("cat", "").split(",") if one.isdecimal()]
        found = list(self.find(query, categories))
        offset, limit = (
            int(args.get(name, default)) for name, default in (("offset", "0"), ("limit", str(_MOST)))
        )
        shown = found[offset : offset + min(limit, _MOST)]
        items = "".join(map(self._item, shown))
        return _xml(
            '<rss version="2.0" xmlns:newznab="http://www.newznab.com/DTD/2010/feeds/attributes/"><channel>'
            f'<title>{escape(self.title)}</title><newznab:response offset="{offset}" total="{len(found)}"/>'
            f"{items}</channel></rss>"
        )

    def _item(self, release: Release) -> str:
        link, date = escape(self.link(release)), formatdate(EPOCH, usegmt=False)
        attributes = {
            "category": str(release.category // 1000 * 1000),
            "size": str(release.size),
            "grabs": str(release.grabs),
            "usenetdate": date,
            "artist": release.artist,
            "album": release.album,
            "year": str(release.year or ""),
        }
        told = [("category", str(release.category)), *((k, v) for k, v in attributes.items() if v)]
        attrs = "".join(f"<newznab:attr name={quoteattr(k)} value={quoteattr(v)}/>" for k, v in told)
        return (
            f"<item><title>{escape(release.title)}</title>"
            f'<guid isPermaLink="true">{escape(self.guid(release))}</guid><link>{link}</link>'
            f"<pubDate>{date}</pubDate><category>Audio &gt; {_NAMES[release.category]}</category>"
            f'<enclosure url="{link}" length="{release.size}" type="application/x-nzb"/>{attrs}</item>'
        )

    def _caps(self) -> str:
        music = "yes" if self.music_search else "no"
        subs = "".join(f'<subcat id="{n}" name="{name}"/>' for n, name in _NAMES.items() if n % 1000)
        return (
            f'<caps><server title={quoteattr(self.title)}/><limits max="{_MOST}" default="50"/><searching>'
            '<search available="yes" supportedParams="q"/>'
            f'<audio-search available="{music}" supportedParams="q,artist,album"/></searching>'
            f'<categories><category id="3000" name="Audio">{subs}</category></categories></caps>'
        )


def _xml(body: str) -> Response:
    whole = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode()
    return Response(body=whole, content_type="application/xml; charset=utf-8")


def _error(code: int, description: str) -> Response:
    return _xml(f'<error code="{code}" description={quoteattr(description)}/>')
