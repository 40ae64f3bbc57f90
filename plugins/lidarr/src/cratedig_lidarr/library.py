"""Having an album in Lidarr's library: as it is there, or added in the way that the settings say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cratedig import NotConfigured, NotFound, SourceContext, Unavailable
from cratedig.reading import flag, items, mapping, require_items, text, whole
from cratedig_lidarr.albums import Entry, entry, mbid
from cratedig_lidarr.api import SLOW, Api, Rejected
from cratedig_lidarr.jobs import Job, Note, Notes


class Library:
    """Adds to it. Whatever was in it before this source came stays as it is."""

    def __init__(self, context: SourceContext, api: Api, notes: Notes) -> None:
        self._context = context
        self._api = api
        self._notes = notes

    async def begin(self, target: str, download_id: str) -> Job:
        """Have the album in the library; the job that waits for it, the same one when it is asked for again.

        :raises NotFound: Lidarr does not know the release group.
        :raises NotConfigured: Lidarr has no root folder or profile as the settings want it.
        """
        note = self._notes.of(target)
        found = await self._api.find(target)
        going = self._going(note, download_id)
        if going is not None and found is not None and going.album == found.id:
            return going
        mine = note.added or note.adding == download_id
        if found is None:
            found, mine = await self._added(target, download_id)
        mine = mine or self._came_along(found)
        job = Job(
            album=found.id,
            history=(await self._api.history(found.id)).last,
            commands=(await self._api.commands()).last,
            there=found.complete,
            download_id=download_id,
        )
        self._notes.keep(target, Note(job=job.id, added=mine))
        return job

    def _going(self, note: Note, download_id: str) -> Job | None:
        """The job that is under way already, for this record or for another one."""
        job = Job.read(note.job)
        waited_for = {one.transfer_id for one in self._context.transfers()}
        return job if job and (job.download_id == download_id or job.id in waited_for) else None

    async def _added(self, target: str, download_id: str) -> tuple[Entry, bool]:
        """Add the album; the entry, and whether it was not somebody else who has added it meanwhile."""
        body = await self._order(target)
        await self._note_artist(mapping(body["artist"]))
        # Before the request: after a crash in the middle of it, it is still known whose album that is.
        self._notes.keep(target, Note(adding=download_id))
        try:
            made = entry(await self._api.ask("POST", "/album", json=body))
            mine = True
        except Rejected as error:
            self._notes.forget(target)
            if not error.exists:
                raise error.meaning() from error
            made, mine = None, False
        found = made or await self._api.find(target)
        if found is None:
            raise Unavailable("Lidarr has taken the album, and does not show it")
        return found, mine

    def _came_along(self, found: Entry) -> bool:
        """Whether the album is there only because this source has added its artist.

        A moment after an artist is added, Lidarr adds everything else that the artist has made.
        """
        nobodys = not (found.monitored or found.there)
        return nobodys and self._notes.artist_added(found.foreign_artist_id)

    async def _order(self, target: str) -> dict[str, Any]:
        """Everything that Lidarr wants to be told of a new album."""
        answer = await self._api.get("/album/lookup", params={"term": f"lidarr:{target}"}, timeout=SLOW)
        rows = [mapping(row) for row in require_items(answer, "album look-up")]
        row = next((row for row in rows if mbid(row.get("foreignAlbumId")) == target), None)
        if row is None:
            raise NotFound("MusicBrainz has no such release group, or no longer")
        options = {"monitor": "none", "albumsToMonitor": [target], "searchForMissingAlbums": False}
        artist = {
            **mapping(row.get("artist")),
            **await place_of_new(self._api),
            "monitored": True,
            "monitorNewItems": "none",
            "addOptions": options,
        }
        plain = {"monitored": True, "anyReleaseOk": True, "releases": []}
        return {**row, **plain, "artist": artist, "addOptions": {"searchForNewAlbum": False}}

    async def _note_artist(self, artist: Mapping[str, Any]) -> None:
        """Remember an artist that is going to be new, where that will matter."""
        name = mbid(artist.get("foreignArtistId"))
        if not (name and self._api.settings.remove_added):
            return
        known = {mbid(mapping(row).get("foreignArtistId")) for row in items(await self._api.get("/artist"))}
        if name not in known:
            self._notes.keep_artist(name)


async def root_folder(api: Api) -> Mapping[str, Any]:
    """The root folder for artists that are new.

    :raises NotConfigured: there is none as the settings want it.
    """
    return chosen_root(await api.get("/rootfolder"), api.settings.root_folder)


async def place_of_new(api: Api) -> dict[str, Any]:
    """Root folder and profiles for an artist that is new, as Lidarr wants to be told of them.

    :raises NotConfigured: there are none as the settings want them.
    """
    root, settings = await root_folder(api), api.settings
    place: dict[str, Any] = {"rootFolderPath": text(root.get("path"))}
    for kind, wish in (("quality", settings.quality_profile), ("metadata", settings.metadata_profile)):
        rows, usual = await api.get(f"/{kind}profile"), whole(root.get(f"default{kind.title()}ProfileId"))
        place[f"{kind}ProfileId"] = chosen_profile(rows, kind, wish or str(usual or ""))
    return place


def chosen_root(answer: Any, wanted: str) -> Mapping[str, Any]:
    """The root folder that the settings name, else the first that can be written.

    :raises NotConfigured: there is none.
    """
    roots = [mapping(row) for row in require_items(answer, "root folders")]
    if not wanted:
        chosen = [row for row in roots if flag(row.get("accessible", True))] or roots
    else:
        chosen = [row for row in roots if text(row.get("path")).rstrip("/\\") == wanted.rstrip("/\\")]
    if chosen:
        return chosen[0]
    if wanted:
        there = ", ".join(text(row.get("path")) for row in roots)
        raise NotConfigured(f"root_folder: Lidarr has no {wanted!r}", hint=f"it has: {there or 'none'}")
    raise NotConfigured(
        "Lidarr has no root folder", hint="add one on Lidarr's page Settings, Media Management"
    )


def chosen_profile(answer: Any, kind: str, wanted: str) -> int:
    """The number of the profile of that name or number, or of the first.

    :raises NotConfigured: there is none.
    """
    rows = [mapping(row) for row in require_items(answer, f"{kind} profiles")]
    names = {whole(row.get("id")) or 0: text(row.get("name")) for row in rows}
    key = wanted.casefold().strip()
    fitting = [number for number, name in names.items() if key in {"", name.casefold(), str(number)}]
    if not fitting:
        hint = f"it has: {', '.join(names.values()) or 'none'}"
        raise NotConfigured(f"{kind}_profile: Lidarr has no {wanted!r}", hint=hint)
    return fitting[0]
