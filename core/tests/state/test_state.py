"""The private store: durable, private, shared between processes, and never replaced when unreadable."""

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratedig._errors import NotConfigured
from cratedig._redaction import Redactor
from cratedig._state import MemoryState, State
from cratedig._state.lock import file_lock

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def state_in(folder: Path) -> State:
    """The state of one source, as the engine opens it."""
    return State.for_source(folder, "qobuz")


@given(st.dictionaries(st.text(max_size=20), JSON, max_size=4))
def test_a_value_comes_back_as_it_was_given(values: dict[str, object]) -> None:
    """Every JSON value under every key survives a round trip through memory."""
    state = MemoryState()
    for key, value in values.items():
        state.set(key, value)
    assert {key: state.get(key) for key in state.keys()} == values  # noqa: SIM118


def test_a_value_outlives_the_process(tmp_path: Path) -> None:
    """Another store on the same file has the value, and no longer after delete."""
    state_in(tmp_path).set("token", {"access": "ä", "expires": 5})
    assert state_in(tmp_path).get("token") == {"access": "ä", "expires": 5}
    state_in(tmp_path).delete("token")
    assert state_in(tmp_path).get("token", "gone") == "gone"


def test_nothing_is_written_before_the_first_value(tmp_path: Path) -> None:
    """Reading creates neither file nor folder."""
    assert state_in(tmp_path / "new").get("token") is None
    assert not (tmp_path / "new").exists()


def test_two_open_stores_see_each_other(tmp_path: Path) -> None:
    """A store notices that another one has replaced the file, and keeps the other's keys."""
    one, other = state_in(tmp_path), state_in(tmp_path)
    one.set("a", 1)
    other.set("b", 2)
    assert one.get("b") == 2
    one.set("a", 3)
    assert other.get("a") == 3
    assert other.get("b") == 2


@pytest.mark.skipif(os.name != "posix", reason="POSIX modes")
def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    """Folder and file are private under any umask, also when somebody had opened them up."""
    before = os.umask(0)
    try:
        state = state_in(tmp_path)
        state.set("token", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE(state.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.path.parent.stat().st_mode) == 0o700
    state.path.chmod(0o644)
    assert state_in(tmp_path).get("token") == "x"
    assert stat.S_IMODE(state.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "{", '["list"]', "nonsense \x00", "[" * 100_000])
def test_pain_25_unreadable_state_is_never_replaced(tmp_path: Path, content: str) -> None:
    """A damaged file stops every method, says what to do, and stays byte for byte."""
    state = state_in(tmp_path)
    state.path.parent.mkdir(parents=True)
    state.path.write_text(content)
    for method in (lambda: state.get("a"), lambda: state.set("a", 1), lambda: state.delete("a"), state.keys):
        with pytest.raises(NotConfigured, match=r"qobuz.json is damaged.*move it away and log in again"):
            method()
    assert state.path.read_text() == content


def test_a_damaged_file_is_not_quoted(tmp_path: Path) -> None:
    """The error's chain has nothing of the document, which holds tokens."""
    secret = f"planted-{uuid4()}"
    state = state_in(tmp_path)
    state.path.parent.mkdir(parents=True)
    state.path.write_text(f'{{"token": "{secret}"')
    with pytest.raises(NotConfigured) as caught:
        state.get("token")
    assert secret not in str(caught.value)
    assert caught.value.__suppress_context__


def test_an_unwritable_place_is_an_error_with_advice(tmp_path: Path) -> None:
    """A file where the folder should be is reported, not worked around."""
    (tmp_path / "sources").write_text("")
    with pytest.raises(NotConfigured, match=r"cannot be written.*check its folder"):
        state_in(tmp_path).set("token", "x")


def test_a_failed_write_keeps_the_old_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full the file and the store still have what they had."""
    state = state_in(tmp_path)
    state.set("token", "old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotConfigured, match="No space left on device"):
        state.set("token", "new")
    assert state.get("token") == state_in(tmp_path).get("token") == "old"


def test_what_a_crash_left_behind_is_overwritten(tmp_path: Path) -> None:
    """A half-written file beside the real one harms nothing and does not stay."""
    state = state_in(tmp_path)
    state.set("a", 1)
    state.path.with_suffix(".new").write_text("half")
    state.set("a", 2)
    assert sorted(path.name for path in state.path.parent.iterdir()) == ["qobuz.json", "qobuz.lock"]


def test_a_copy_is_handed_out() -> None:
    """Changing what came out of the store, or what went in, changes nothing in it."""
    state = MemoryState()
    given = {"list": [1]}
    state.set("a", given)
    given["list"].append(2)
    state.get("a")["list"].append(3)
    assert state.get("a") == {"list": [1]}


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan"), b"bytes"])
def test_what_json_cannot_hold_is_refused_unseen(value: object) -> None:
    """The error names key and type, not the value."""
    with pytest.raises(TypeError, match="token: a state value is what JSON can hold, not") as caught:
        MemoryState().set("token", value)
    assert caught.value.__suppress_context__


def test_the_repr_shows_keys_only(tmp_path: Path) -> None:
    """A token is not in the store's repr."""
    secret = f"planted-{uuid4()}"
    for state in (MemoryState(), state_in(tmp_path)):
        state.set("token", secret)
        assert "token" in repr(state)
        assert secret not in repr(state)


def test_what_is_kept_or_read_is_planted(tmp_path: Path) -> None:
    """The redactor hears of values when they are set and when they are read from the file."""
    secret = f"planted-{uuid4()}"
    first, second = Redactor(), Redactor()
    State.for_source(tmp_path, "a", first).set("token", secret)
    assert secret not in first.redact(f"it is {secret}")
    State.for_source(tmp_path, "a", second).get("other")
    assert secret not in second.redact(f"it is {secret}")


WRITER = """
import sys
from pathlib import Path
from cratedig._redaction import Redactor
from cratedig._state import State
state = State.for_source(Path(sys.argv[1]), "qobuz")
for number in range(20):
    state.set(f"{sys.argv[2]}{number}", number)
"""


def write_twenty(state: State, name: str) -> None:
    """Twenty values, one after the other."""
    for number in range(20):
        state.set(f"{name}{number}", number)


def test_no_write_of_another_process_is_lost(tmp_path: Path) -> None:
    """Three processes and two threads write different keys at once; all are there in the end."""
    shared = state_in(tmp_path)
    processes = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name]) for name in "abc"]
    threads = [threading.Thread(target=write_twenty, args=(shared, name)) for name in "de"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait(50) for process in processes] == [0, 0, 0]
    assert len(state_in(tmp_path).keys()) == len(shared.keys()) == 100


def test_a_lock_that_is_never_released_ends_the_wait(tmp_path: Path) -> None:
    """Waiting for another holder has a limit."""
    with file_lock(tmp_path / "x.lock"), pytest.raises(TimeoutError), file_lock(tmp_path / "x.lock", 0.05):
        pytest.fail("two hold the lock")


def test_the_file_is_json_that_a_person_can_repair(tmp_path: Path) -> None:
    """The file is a plain JSON object."""
    state_in(tmp_path).set("token", "x")
    assert json.loads((tmp_path / "sources" / "qobuz.json").read_text()) == {"token": "x"}
