"""Where in a title a version may be named: in front, behind a dash, or at the end without any sign."""

from __future__ import annotations

import re

from cratedig._matching.phrases import any_of

HEAD = re.compile(
    any_of("nightcore, karaoke, instrumental, 8d(?: audio)?, sped up, slowed(?: and)?(?: reverb)?, mashup")
)
"""A first folded segment that names a version and no artist (fullmatch)."""

_KIND = any_of("karaoke, instrumental, acoustic, demo, orchestral, piano, live, extended, club, clean, dance")
TAIL = re.compile(
    " "
    + any_of(
        r"live (?:at|from|on) ?.*, live in (?:concert|session|the live lounge|\w+ \d{4}) ?.*, live \d{4},"
        r" live in (?:the )?studio ?.*, live (?:session|performance|version|video|hd),"
        r" official live(?: video| hd)?, live aid(?: \d{4})?,"
        rf" (?:the )?{_KIND} (?:version|ver|mix|edit), karaoke.*, instrumental, acoustic, a ?cappella,"
        r" nightcore, sped up.*, slowed.*, 8d(?: audio)?, bass boosted, (?:\w+ ){0,2}cover by .*,"
        r" (?:(?:acoustic|guitar|piano|violin|drum|metal|rock|live) )?cover, in the style of .*,"
        r" made famous by .*, originally performed by .*, (?:\w+ )?remix, radio edit, extended mix,"
        r" mashup, tutorial, reaction, remaster(?:ed)?(?: \d{4})?"
    )
    + "$"
)
"""A version named at the end of a folded title, with nothing to set it apart from the song's own words."""

_MADE = any_of(
    "remix, rmx, mix, edit, rework, bootleg, version, ver, re ?master(?:ed)?, demo, take, sessions?,"
    " flip, dub, cut,"
    " cover, remiks, unplugged"
)
_LEADING = any_of(
    "radio, single, album, extended, original, remix, bonus, demo, acoustic, instrumental, mono,"
    " stereo, outtake,"
    " alternate, unplugged, from, tribute to, covered by, in the style of, made famous by,"
    " originally performed by"
)
DASHED = re.compile(
    any_of(
        rf"live\b.*, (?:\w+ ){{0,6}}{_MADE}(?: \d{{4}})?, {_LEADING} .*,"
        r" (?:\d{4} )?(?:digital(?:ly)? )?re ?master(?:ed)?.*, (?:en|ao) vivo.*, en directo.*, take \d+.*,"
        r" acoustic, acustico, instrumental, mono, reprise, intro, outro, interlude, skit, extended, outtake,"
        r" clean, preview, a ?cappella, nightcore, karaoke.*, sped up.*, slowed.*, 8d.*, backing track.*,"
        r" piano solo, bass boosted, mashup, (?:\w+ )?(?:tutorial|lesson), reaction"
    )
)
"""A folded segment behind a dash that may describe a version (fullmatch); the words decide."""

WORDS = frozenset(
    re.findall(
        r"\S+",
        """
        live at in from on for with the a an of by and mtv version ver mix edit remix remixed remaster
        remastered digital digitally acoustic instrumental instrumentals karaoke cover covered demo
        radio single extended original official video audio lyrics lyric hd hq 4k unplugged session
        sessions performance recording recorded take alternate alternative outtake mono stereo sped
        speed up slowed down reverb nightcore 8d tribute to style made famous originally performed
        cappella acapella club dance full album bonus track edition anniversary tour concert feat ft
        rework bootleg re rerecorded bbc studio clean piano guitar solo intro outro reprise interlude
        preview en vivo ao dal directo in concierto inch 7 12 long short music no vocals vocal only off
        backing
        """,
    )
)
"""Words of descriptions; the others in them tell one live or remixed recording from the next."""
