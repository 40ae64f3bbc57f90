"""Version words count where they describe, and not where they are the song's own."""

# ruff: noqa: RUF001 - the look-alike signs are what it is about

from __future__ import annotations

import pytest

from cratedig._matching import Version, versions

V = Version


@pytest.mark.parametrize(
    ("title", "version"),
    [
        ("Hotel California - Live On MTV, 1994", V.LIVE),
        ("Wonderwall (Live at Knebworth)", V.LIVE),
        ("Ojos Así (En Vivo)", V.LIVE),
        ("Hello (Official Live Video)", V.LIVE),
        ("Bohemian Rhapsody - Live Aid", V.LIVE),
        ("R U Mine? live at Glastonbury 2013", V.LIVE),
        ("Levels (Skrillex Remix)", V.REMIX),
        ("Taxman (2022 Mix)", V.MIX),
        ("Hello (Karaoke Version)", V.KARAOKE),
        ("Hello (In the Style of Adele)", V.KARAOKE),
        ("Africa - Toto (metal cover)", V.COVER),
        ("Still D.R.E. - Instrumental", V.INSTRUMENTAL),
        ("One More Time (A Cappella)", V.A_CAPPELLA),
        ("Everlong (Acoustic Version)", V.ACOUSTIC),
        ("Sappy (Early Demo)", V.DEMO),
        ("So What (Alternate Take)", V.ALTERNATE),
        ("Bohemian Rhapsody - Remastered 2011", V.REMASTER),
        ("One More Time - Radio Edit", V.RADIO_EDIT),
        ('Relax (12" Extended Version)', V.EXTENDED),
        ("Opus - Edit", V.EDIT),
        ("HUMBLE. (Clean Version)", V.CLEAN),
        ("Bloody Mary (Sped Up)", V.SPED_UP),
        ("Change (slowed + reverb)", V.SLOWED),
        ("Blinding Lights (8D AUDIO)", V.EIGHT_D),
        ("Nightcore - Believer", V.NIGHTCORE),
        ("Levitating (Bass Boosted)", V.BASS_BOOSTED),
        ("Love Story (Taylor’s Version)", V.REMAKE),
        ("Good Vibrations (Mono)", V.MONO),
        ("No Surprises (Preview)", V.PREVIEW),
        ("Das Model (English Version)", V.TRANSLATED),
        ("Кукушка (кавер)", V.COVER),
    ],
)
def test_a_described_version_is_named(title: str, version: Version) -> None:
    """Brackets, dashes and unmistakable endings name the version, in several languages."""
    assert versions(title) == {version}


@pytest.mark.parametrize(
    "title",
    [
        *(
            "Live and Let Die",
            "Live Forever",
            "Oasis - Live Forever",
            "Long Live",
            "Live Your Life",
            "Doll Parts",
        ),
        *(
            "Cover Me",
            "Demons",
            "Remix to Ignition",
            "Intro",
            "Tribute",
            "Piano Man",
            "Clean",
            "Edit",
            "Radio Ga Ga",
        ),
        *(
            "Strobe (Original Mix)",
            "Heart-Shaped Box (Album Version)",
            "Hello (Official Video)",
            "Song (Explicit)",
        ),
        *('Perfect Day (From "Trainspotting")', "Stan (feat. Dido)", "Don't You (Forget About Me)", "8 Mile"),
    ],
)
def test_the_songs_own_words_name_no_version(title: str) -> None:
    """A word that could describe a version is left alone inside a title."""
    assert versions(title) == set()


def test_the_album_gives_a_live_recording_away() -> None:
    """A plain title on a live album is live; an album that only has the word in its name is not."""
    assert versions("About a Girl", "MTV Unplugged in New York") == {V.LIVE}
    assert versions("My Generation", "Live at Leeds") == {V.LIVE}
    assert versions("Doll Parts", "Live Through This") == set()
