"""A planted secret never comes out, in whatever way it is written."""

import json
import threading
from collections.abc import Iterator
from urllib.parse import quote, quote_plus
from uuid import uuid4

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st
from typed_settings import Secret, SecretStr

from cratedig._redaction import MASK, Redactor, hide_userinfo, is_secret_name, mask_patterns, secrets_in

SECRETS = st.text(st.characters(exclude_categories=["Cs"]), min_size=4, max_size=40).filter(
    lambda text: len(text.strip()) >= 4 and "*" not in text
)


@given(SECRETS, st.text(max_size=50), st.text(max_size=50))
def test_a_planted_secret_is_gone_from_any_text(secret: str, before: str, after: str) -> None:
    """Wherever it stands, plain, quoted for a URL, in JSON or in a repr, it is masked."""
    redactor = Redactor()
    redactor.plant(secret)
    for written in (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret), repr(secret)):
        assert written.strip("'\"") not in redactor.redact(f"{before}{written}{after}")


@given(st.lists(SECRETS, min_size=1, max_size=5), st.text(max_size=20))
def test_no_order_of_secrets_lets_one_through(secrets: list[str], glue: str) -> None:
    """Secrets that contain each other are all masked."""
    redactor = Redactor()
    redactor.plant(*secrets)
    redacted = redactor.redact(glue.join(secrets))
    assert not [secret for secret in secrets if secret in redacted]


@given(st.text(max_size=300))
def test_redacting_twice_changes_nothing(text: str) -> None:
    """What is redacted stays as it is."""
    once = mask_patterns(text)
    assert mask_patterns(once) == once


def test_a_short_secret_is_masked_where_it_stands_alone() -> None:
    """Three characters in the middle of a word stay: every log would be stars."""
    redactor = Redactor()
    redactor.plant("abc")
    assert redactor.redact("pin abc, alphabcde") == f"pin {MASK}, alphabcde"


def test_an_empty_secret_masks_nothing() -> None:
    """A secret that is not set is no secret."""
    redactor = Redactor()
    redactor.plant("", "  ")
    assert redactor.redact("plain words") == "plain words"


PLANTED = uuid4().hex


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer SECRET",
        "authorization: Basic SECRET==",
        "[(b'Content-Type', b'x'), (b'Set-Cookie', b'sid=SECRET; Path=/')]",
        "Cookie: arl=SECRET; other=SECRET",
        "{'X-User-Auth-Token': 'SECRET'}",
        "GET https://user:SECRET@host/path",
        "https://SECRET@host",
        "https://host/api?apikey=SECRET&x=1",
        "https://host/?a=1&access_token=SECRET",
        '{"accessToken": "SECRET", "a": 1}',
        "{'password': 'two words SECRET'}",
        "X-Api-Key=SECRET",
        "arl=SECRET",
        "https://host/file?hdnea=exp=1790000000~acl=/*~hmac=SECRET",
    ],
)
def test_credentials_are_known_by_their_place(text: str) -> None:
    """Headers, addresses, queries and JSON lose their credentials though nobody planted them."""
    masked = mask_patterns(text.replace("SECRET", PLANTED))
    assert PLANTED not in masked
    assert MASK in masked


@pytest.mark.parametrize(
    "text",
    [
        "Searching archive for 'artist - title'",
        "https://host/@user/track?id=5",
        "The key of this song is C major",
        "set the cookie jar aside, then go on",
        "3 of 10 files, 45 %",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    """Words that only sound like credentials stay."""
    assert mask_patterns(text) == text


def test_hostile_text_does_not_take_long() -> None:
    """A megabyte made to mislead the patterns takes well under a second each (the test has a time limit)."""
    for piece in (
        "://",
        "://a:",
        "token",
        "token=",
        "x-",
        "x-token-",
        "'",
        "key': ",
        "bearer ",
        "a@",
        "-arl",
    ):
        mask_patterns(piece * (1_000_000 // len(piece)))


def test_data_is_redacted_in_depth() -> None:
    """Keys, values, lists, and what stands under a secret-sounding key."""
    redactor = Redactor()
    redactor.plant(PLANTED)
    data = {"a": [f"x {PLANTED}", 1], PLANTED: None, "token": "anything", "b": ("t", 2.0)}
    assert redactor.redact_data(data) == {"a": [f"x {MASK}", 1], MASK: None, "token": MASK, "b": ("t", 2.0)}


def test_a_traceback_is_redacted_with_its_causes() -> None:
    """The cause's message is part of the traceback."""
    redactor = Redactor()
    redactor.plant(PLANTED)
    try:
        try:
            raise ValueError(PLANTED)
        except ValueError as error:
            raise KeyError("outer") from error
    except KeyError as error:
        text = redactor.traceback(error)
    assert PLANTED not in text
    assert f"ValueError: {MASK}" in text


@frozen(kw_only=True)
class Indexer:
    base_url: str
    api_key: SecretStr


@frozen(kw_only=True)
class Settings:
    arl: SecretStr
    wrapped: Secret[str]
    indexers: list[Indexer] = field(factory=list)
    options: dict[str, object] = field(factory=dict)
    mode: str = "plain"


def test_every_secret_of_a_settings_object_is_found() -> None:
    """Secret types at any depth, addresses with a password, and secret-sounding keys of free tables."""
    settings = Settings(
        arl=SecretStr("arl-value"),
        wrapped=Secret("wrapped-value"),
        indexers=[Indexer(base_url="http://me:hunter22@host", api_key=SecretStr("indexer-key"))],
        options={"password": "options-password", "token_type": "Bearer", "deep": {"secret": "deep-secret"}},
    )
    found = {"arl-value", "wrapped-value", "hunter22", "indexer-key", "options-password", "deep-secret"}
    assert set(secrets_in(settings)) == found


def test_planting_from_many_threads_loses_nothing() -> None:
    """Secrets planted at once from four threads are all masked while others redact."""
    redactor = Redactor()
    names = [[f"secret-{thread}-{number}" for number in range(25)] for thread in range(4)]

    def plant(secrets: list[str]) -> None:
        for secret in secrets:
            redactor.plant_from({"token": secret})
            assert secret not in redactor.redact(f"a {secret} b")

    threads = [threading.Thread(target=plant, args=(secrets,)) for secrets in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert redactor.redact(" ".join(name for secrets in names for name in secrets)).split() == [MASK] * 100


def test_the_oldest_secrets_are_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that is renewed every minute for a year does not fill the memory."""
    monkeypatch.setattr("cratedig._redaction.redactor._MOST", 3)
    redactor = Redactor()
    for number in range(5):
        redactor.plant(f"renewed-{number}")
    assert redactor.redact("renewed-1 renewed-4") == f"renewed-1 {MASK}"


def test_the_repr_does_not_tell() -> None:
    """A redactor that is printed shows a count."""
    redactor = Redactor()
    redactor.plant(PLANTED)
    assert repr(redactor) == "<Redactor of 1 secrets>"


@pytest.mark.parametrize(
    "name", ["api_key", "accessToken", "user_auth_token", "arl", "Set-Cookie", "client_password"]
)
def test_names_of_secrets_are_known(name: str) -> None:
    """Snake case, camel case and headers."""
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["title", "keyword", "monkey", "passes", "token_type", "base_url", "charles"]
)
def test_names_of_other_things_are_not(name: str) -> None:
    """Words that only contain the word."""
    assert not is_secret_name(name)


def test_an_address_keeps_its_host() -> None:
    """Only name and password go."""
    assert hide_userinfo("http://a:b@host:80/x") == f"http://{MASK}@host:80/x"


def _texts() -> Iterator[str]:
    yield from ("", "plain")


def test_nothing_planted_costs_nothing() -> None:
    """Without a hint of a credential the very same text comes back."""
    for text in _texts():
        assert Redactor().redact(text) is text


def test_the_address_of_a_redirect_is_masked_as_httpcore_writes_it() -> None:
    """Where an answer leads to may hold a signature that nobody has seen before."""
    line = "return_value=(b'HTTP/1.1', 301, b'Moved', [(b'Location', b'http://127.0.0.1/nzb&r=planted')])"
    masked = mask_patterns(line)
    assert "planted" not in masked
    assert masked.startswith("return_value=(b'HTTP/1.1', 301")
    assert mask_patterns(masked) == masked
