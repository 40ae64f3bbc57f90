"""Usenet's programs over HTTP: indexers (Newznab, Prowlarr) and download clients (SABnzbd, NZBGet).

The clients fetch no articles over a network: what is posted lies in a :class:`Spool` of this process. They do
read the NZB, put files together from its segments, miss those that are not there, and write into folders.
"""

from cratedig_emulators.usenet.clients import DownloadClient, Job
from cratedig_emulators.usenet.newznab import NewznabEmulator
from cratedig_emulators.usenet.nzbget import NzbgetEmulator
from cratedig_emulators.usenet.posts import NEWS, Release, Spool, post
from cratedig_emulators.usenet.prowlarr import ProwlarrEmulator
from cratedig_emulators.usenet.sabnzbd import SabnzbdEmulator

__all__ = [
    "NEWS",
    "DownloadClient",
    "Job",
    "NewznabEmulator",
    "NzbgetEmulator",
    "ProwlarrEmulator",
    "Release",
    "SabnzbdEmulator",
    "Spool",
    "post",
]
