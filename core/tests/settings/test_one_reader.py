"""Settings classes are read by one thread at a time, and each of them once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import pytest
from typed_settings.cls_utils import deep_options

from cratedig._settings import section


def test_classes_are_read_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading parses source code, which two threads of Python 3.11 must not do at once."""
    classes = [attrs.make_class(f"Planted{number}", {"size": attrs.field(type=int)}) for number in range(4)]
    under_way, most = 0, 0
    lock = threading.Lock()

    def slowly(cls: type) -> Any:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.02)
        with lock:
            under_way -= 1
        calls.append(cls)
        return deep_options(cls)

    calls: list[type] = []
    monkeypatch.setattr(section, "deep_options", slowly)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(section.options_of, classes * 3))
    assert all(set(options) == {"size"} for options in found)
    assert most == 1
    assert sorted(calls, key=str) == sorted(classes, key=str)
