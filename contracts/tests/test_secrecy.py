"""A secret is found wherever it stands, and however it is written."""

from __future__ import annotations

import base64
import json
import logging
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from attrs import frozen

from cratedig_contracts import everything_logged, leaks, written

SECRET = f"planted/{uuid4()}@ü"


@frozen
class Told:
    value: str


WAYS: dict[str, object] = {
    "plain": SECRET,
    "in a path": f"GET /x?token={quote(SECRET)}",
    "in a query": f"GET /x?token={quote(SECRET, safe='')}&y",
    "in JSON": json.dumps({"token": SECRET}),
    "in a header": f"Basic {base64.b64encode(f'collector:{SECRET}'.encode()).decode()}",
    "in a header, with another name": f"Basic {base64.b64encode(f'me:{SECRET}'.encode()).decode()}",
    "in bytes": SECRET.encode(),
    "in lists": [b"x", ["y", SECRET]],
    "in an object": Told(SECRET),
    "in an error": ValueError(SECRET),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_writing_is_known(way: str) -> None:
    """Addresses, JSON, headers, bytes, lists and objects; what is said of it does not show it again."""
    found = leaks([SECRET], {"place": WAYS[way]})
    assert found
    assert all(one.startswith("place: ") and SECRET not in one for one in found)


def test_nothing_is_found_where_nothing_is() -> None:
    """An empty secret is none, and other texts have none."""
    assert leaks(["", SECRET], {"place": f"planted {uuid4()}", "number": 7}) == []


def test_files_are_looked_at_with_their_names(tmp_path: Path) -> None:
    """All but the private stores, in which tokens are kept."""
    secret = uuid4().hex
    (tmp_path / "state" / "sources").mkdir(parents=True)
    (tmp_path / "state" / "sources" / "x.json").write_text(secret)
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / f"{secret}.flac").write_bytes(b"fLaC")
    (tmp_path / "journal.db").write_bytes(b"\0" + secret.encode())
    found = leaks([secret], written(tmp_path))
    assert sorted(one.partition(":")[0].partition("/")[0] for one in found) == ["journal.db", "music"]


def test_everything_that_is_logged_is_seen(caplog: pytest.LogCaptureFixture) -> None:
    """At every level, with arguments and tracebacks; afterwards the root logger is as it was."""
    before = logging.getLogger().level
    with everything_logged() as logged:
        logging.getLogger("any.library").debug("a %s", {"b": SECRET})
        try:
            raise ValueError(SECRET)
        except ValueError:
            logging.getLogger("other").info("it failed", exc_info=True)
    assert len(leaks([SECRET], {"log": logged[:1], "trace": logged[1:]})) >= 2
    assert logging.getLogger().level == before
