"""The JSON of Lidarr's resources: camel case, no nulls, no id where there is none."""

from __future__ import annotations

from typing import Any

from cratedig_emulators.catalogue import Track
from cratedig_emulators.lidarr.shelf import Artist, Known, Shelf, Shelved, mbid
from cratedig_emulators.lidarr.work import Command, Grab

Json = dict[str, Any]

FLAC = {"quality": {"id": 6, "name": "FLAC"}, "revision": {"version": 1, "real": 0, "isRepack": False}}
FIRST_TRACK, FIRST_FILE = 71, 31


def album(known: Known, shelved: Shelved | None, artist_in: Artist | None) -> Json:
    """An album, of a look-up where ``shelved`` is ``None``; releases are known once it has been read."""
    about = known.album
    seen = shelved is None or shelved.ready
    told = {
        "title": about.title,
        "disambiguation": "",
        "overview": "An invented album.",
        "artistId": artist_in.id if artist_in else 0,
        "foreignAlbumId": known.foreign_id,
        "monitored": shelved.monitored if shelved else False,
        "anyReleaseOk": True,
        "profileId": 1 if shelved else 0,
        "duration": _milliseconds(known) if seen else 0,
        "albumType": "Album",
        "secondaryTypes": [],
        "mediumCount": 1,
        "ratings": {"votes": 3, "value": 8.0},
        "releaseDate": f"{about.year}-02-02T00:00:00Z",
        "releases": [_release(known, shelved)] if seen else [],
        "genres": ["Rock"],
        "media": [{"mediumNumber": 1, "mediumName": "", "mediumFormat": "CD"}] if seen else [],
        "artist": artist(known.artist_id, about.artist, artist_in),
        "images": [],
        "links": [],
        "grabbed": False,
    }
    return {"id": shelved.id, **told, "statistics": _statistics(shelved)} if shelved else told


def _milliseconds(known: Known) -> int:
    return sum(round(track.seconds * 1000) for track in known.album.tracks)


def _release(known: Known, shelved: Shelved | None) -> Json:
    return {
        "id": shelved.id * 10 if shelved else 0,
        "albumId": shelved.id if shelved else 0,
        "foreignReleaseId": mbid("release", known.album.artist, known.album.title),
        "title": known.album.title,
        "status": "Official",
        "duration": _milliseconds(known),
        "trackCount": len(known.album.tracks),
        "media": [{"mediumNumber": 1, "mediumName": "", "mediumFormat": "CD"}],
        "mediumCount": 1,
        "country": ["Europe"],
        "label": ["L"],
        "format": "CD",
        "monitored": True,
    }


def _statistics(shelved: Shelved) -> Json:
    """Of an album that is not monitored, only tracks that have a file are counted as wanted."""
    have = len(shelved.files)
    total = len(shelved.known.album.tracks) if shelved.ready else 0
    wanted = total if shelved.monitored else have
    return {
        "trackFileCount": have,
        "trackCount": wanted,
        "totalTrackCount": total,
        "sizeOnDisk": sum(path.stat().st_size for path in shelved.files.values() if path.exists()),
        "percentOfTracks": 100.0 * have / wanted if wanted else 0.0,
    }


def artist(foreign_id: str, name: str, known: Artist | None, files: int | None = None) -> Json:
    """An artist, in the library or not."""
    told: Json = {
        "artistName": name,
        "foreignArtistId": foreign_id,
        "artistType": "Group",
        "status": "continuing",
        "qualityProfileId": 1 if known else 0,
        "metadataProfileId": 1 if known else 0,
        "monitored": known is not None,
        "monitorNewItems": "none" if known else "all",
        "tags": [],
        "genres": [],
    }
    if known is None:
        return told
    statistics = {} if files is None else {"statistics": {"trackFileCount": files}}
    return {"id": known.id, "path": f"{known.root}/{name}", **told, **statistics}


def track(shelved: Shelved, one: Track) -> Json:
    """A track of a library album; its number is a string."""
    has = one.number in shelved.files
    return {
        "id": FIRST_TRACK + shelved.id * 100 + one.number,
        "title": one.title,
        "trackNumber": str(one.number),
        "absoluteTrackNumber": one.number,
        "mediumNumber": 1,
        "duration": round(one.seconds * 1000),
        "hasFile": has,
        "trackFileId": _file_id(shelved, one.number) if has else 0,
        "foreignTrackId": mbid("track", one.artist, one.title),
        "foreignRecordingId": mbid("recording", one.artist, one.title),
        "explicit": False,
    }


def track_files(shelf: Shelf, shelved: Shelved) -> list[Json]:
    """The imported files of an album."""
    return [
        {
            "id": _file_id(shelved, number),
            "artistId": shelved.artist.id,
            "albumId": shelved.id,
            "path": shelf.named(path),
            "size": path.stat().st_size if path.exists() else 0,
            "dateAdded": "2026-08-22T10:05:00Z",
            "quality": FLAC,
            "qualityWeight": 10,
            "qualityCutoffNotMet": False,
            "mediaInfo": {
                "audioChannels": 2,
                "audioBitRate": "900 kbps",
                "audioCodec": "FLAC",
                "audioBits": "16bit",
                "audioSampleRate": "44.1kHz",
            },
        }
        for number, path in sorted(shelved.files.items())
    ]


def _file_id(shelved: Shelved, number: int) -> int:
    return FIRST_FILE + shelved.id * 100 + number


def queued(grab: Grab) -> Json:
    """A record of the queue."""
    step = grab.step
    messages = [{"title": grab.title, "messages": list(step.messages)}] if step.messages else []
    return {
        "id": grab.number,
        "artistId": grab.shelved.artist.id,
        "albumId": grab.shelved.id,
        "quality": FLAC,
        "size": float(grab.size),
        "sizeleft": float(round(grab.size * (1 - step.share))),
        "timeleft": "00:01:10",
        "added": "2026-08-22T10:01:00Z",
        "title": grab.title,
        "status": step.status,
        "trackedDownloadStatus": step.health,
        "trackedDownloadState": step.state,
        "statusMessages": messages,
        "downloadId": grab.download_id,
        "protocol": "usenet",
        "downloadClient": "SAB",
        "indexer": "Idx",
        "outputPath": f"/complete/{grab.title}",
        "trackFileCount": len(grab.shelved.known.album.tracks),
        "trackHasFileCount": len(grab.shelved.files),
        "downloadForced": False,
    }


def foreign(number: int) -> Json:
    """A record of somebody else's download, for an artist that nobody here asks for."""
    return {
        "id": 100 + number,
        "artistId": 1,
        "albumId": 1,
        "quality": FLAC,
        "size": 3e8,
        "sizeleft": 1e8,
        "timeleft": "01:01:10",
        "title": f"Somebody-Else-{number}-WEB-FLAC-2020-GRP",
        "status": "downloading",
        "trackedDownloadStatus": "ok",
        "trackedDownloadState": "downloading",
        "statusMessages": [],
        "downloadId": f"SABnzbd_nzo_foreign{number}",
        "protocol": "usenet",
        "downloadClient": "SAB",
    }


def command(one: Command) -> Json:
    """A command."""
    told: Json = {
        "id": one.id,
        "name": one.name,
        "commandName": one.name,
        "message": one.message,
        "body": {**one.body, "sendUpdatesToClient": True, "trigger": "manual"},
        "priority": "normal",
        "status": one.status,
        "result": one.result,
        "queued": "2026-08-22T10:00:00Z",
        "trigger": "manual",
    }
    return told | ({"exception": one.exception} if one.exception else {})
