"""Which of yt-dlp's parameters a person may set, and why the others are refused."""

# mypy: allow-untyped-calls

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from yt_dlp import parse_options

from cratedig._errors import NotConfigured

_REFUSED: dict[str, str] = {
    "the engine chooses folder and name": (
        "outtmpl outtmpl_na_placeholder paths restrictfilenames windowsfilenames trim_file_name nopart "
        "updatetime overwrites nooverwrites keepvideo final_ext"
    ),
    "the engine keeps the records": (
        "download_archive break_on_existing force_write_download_archive max_downloads load_info_filename"
    ),
    "the engine retries, source by source": (
        "retries fragment_retries extractor_retries file_access_retries retry_sleep_functions ignoreerrors "
        "skip_unavailable_fragments wait_for_video"
    ),
    "the bytes come in through the engine; see the limits of the source": (
        "ratelimit throttledratelimit buffersize noresizebuffer http_chunk_size continuedl socket_timeout "
        "concurrent_fragment_downloads external_downloader external_downloader_args hls_prefer_native "
        "hls_use_mpegts sleep_interval max_sleep_interval sleep_interval_requests sleep_interval_subtitles "
        "source_address impersonate client_certificate client_certificate_key client_certificate_password"
    ),
    "the setting `proxy` says it for every request of this source": "proxy geo_verification_proxy",
    "the setting `verify_tls` says it for every request of this source": (
        "nocheckcertificate legacyserverconnect prefer_insecure"
    ),
    "the setting `cookies_file` says it": "cookiefile",
    "the engine listens there": (
        "logger progress_hooks postprocessor_hooks post_hooks quiet no_warnings verbose noprogress "
        "consoletitle logtostderr progress_with_newline progress_template progress_delta debug_printtraffic "
        "color no_color"
    ),
    "a download here is one recording": (
        "extract_flat skip_download simulate noplaylist playlist_items playliststart playlistend "
        "playlistreverse playlistrandom lazy_playlist default_search allowed_extractors match_filter "
        "live_from_start download_ranges force_generic_extractor allow_unplayable_formats "
        "ignore_no_formats_error"
    ),
    "the engine delivers the recording alone": (
        "writethumbnail write_all_thumbnails writeinfojson writedescription writesubtitles writeautomaticsub "
        "writelink writeurllink writewebloclink writedesktoplink getcomments allow_playlist_files "
        "forceprint print_to_file forcejson dump_single_json list_thumbnails listformats listsubtitles"
    ),
    "what yt-dlp remembers is kept with the source's own state": "cachedir",
}
_WHY = {key: why for why, keys in _REFUSED.items() for key in keys.split()}


def checked(options: Mapping[str, Any]) -> dict[str, Any]:
    """``options`` for yt-dlp, or :class:`~cratedig.NotConfigured` naming the first that cannot stand.

    Keys that yt-dlp does not know are refused too, because it ignores those without a word.
    """
    for problem in _problems(options):
        raise NotConfigured(problem)
    browser = options.get("cookiesfrombrowser")
    # A settings file has no tuples, and yt-dlp would take a text for seven arguments.
    return {**options, "cookiesfrombrowser": (browser,)} if isinstance(browser, str) else dict(options)


def _problems(options: Mapping[str, Any]) -> Iterator[str]:
    for key in options:
        if key in _WHY:
            yield f"options.{key} cannot be set: {_WHY[key]}"
        elif key not in _known():
            yield f"options.{key} is nothing yt-dlp knows{_alike(key)}"


def _alike(key: str) -> str:
    near = get_close_matches(key, _known() - _WHY.keys(), n=1)
    return f"; did you mean {near[0]}?" if near else "; its names are those of yt_dlp.YoutubeDL's parameters"


@cache
def _known() -> frozenset[str]:
    """Every parameter that yt-dlp's own command line can set."""
    return frozenset(key for key in parse_options(["--ignore-config"]).ydl_opts if not key.startswith("_"))
