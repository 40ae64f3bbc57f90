"""What a person can set, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import attrs

from cratedig import Secret, SettingsError, SourceInfo, SourceState
from cratedig_contracts.checks.given import Given
from cratedig_contracts.demand import demand, leave
from cratedig_contracts.rig import Rig, Session

_SOUNDS_SECRET = re.compile(r"token|secret|passw|cookie|api_?key|credential|(^|_)arl($|_)|(^|_)auth($|_)")
_IS_ADDRESS = re.compile(r"(^|_)(url|base|address|endpoint)$")
_WRONG: dict[Any, Any] = {
    "int": "planted words",
    "float": "planted words",
    "bool": "planted words",
    "str": {"planted": "table"},
}


class SettingsChecks(Given):
    """Ready or not, wrong values, secrets, reload, the probe of the connection."""

    def test_settings_ready(self, rig: Rig) -> None:
        """With the settings of this contract it is ready to be asked."""

        async def use(session: Session) -> SourceState:
            return session.engine.sources()[0].state

        state = rig.run(use, ready=False)
        demand(state is SourceState.READY, f"with these settings it is {state}; see is_configured")

    def test_settings_missing(self, rig: Rig) -> None:
        """Without any settings it works, or is not configured; it is never broken."""
        rig.factory()
        _loadable(rig)
        try:
            engine, _ = rig.build(rig.tree({}))
        except Exception as error:  # noqa: BLE001 - a check of exactly that
            demand(False, f"without settings it is broken: {error!r}")
            return
        state = engine.sources()[0].state
        demand(state in {SourceState.READY, SourceState.NOT_CONFIGURED}, f"without settings it is {state}")

    def test_settings_wrong_value(self, rig: Rig) -> None:
        """A wrong value and an unknown key are errors that name the key."""
        fields = _fields(rig)
        wrong = {_key(field): _wrong(field) for field in fields}
        for key, value in {**wrong, "planted_unknown_key": 1}.items():
            if value is not None:
                _demand_refusal(rig, key, value)

    def test_settings_secrets(self, rig: Rig) -> None:
        """What is secret has the type for it, and a repr of the settings does not show it."""
        # An address of the login server (`auth_base`) is an address.
        fields = [
            field
            for field in _fields(rig)
            if _SOUNDS_SECRET.search(field.name) and not _IS_ADDRESS.search(field.name)
        ]
        plain = [field.name for field in fields if _kind(field) == "str"]
        demand(not plain, f"{', '.join(plain)}: use cratedig.Secret for what nobody may read in a log")
        planted = {_key(field): f"planted-{uuid4()}" for field in fields if _is_secret(field)}
        if not planted:
            return
        try:
            engine, spy = rig.build(rig.tree({**rig.settings, **planted}))
        except SettingsError as error:
            shown = str(error)
        else:
            shown = f"{engine.sources()!r} {vars(spy.source)!r}"
        leaked = [key for key, value in planted.items() if value in shown]
        demand(not leaked, f"the value of {', '.join(leaked)} can be read in a repr or an error")

    def test_settings_reload(self, rig: Rig, other_settings: Mapping[str, Any]) -> None:
        """After a reload it works with the new settings, not with what it has kept of the old ones."""
        if other_settings == rig.settings:
            leave("nothing can be set here that changes where it looks; override other_settings")
        tree = rig.tree(other_settings)

        async def use(session: Session) -> tuple[int, int, str]:
            before, _ = await session.search()
            tree["sources"][self.name] = dict(rig.settings)
            await session.engine.reload_settings(self.name)
            after, outcome = await session.search()
            return len(before), len(after), outcome.reason

        before, after, reason = rig.run(use, tree=tree, ready=False)
        demand(not before, "other_settings find something, so this check cannot tell whether it reloads")
        if not after:
            _demand_results(rig)
        demand(after, f"after a reload it still goes by the old settings: nothing was found ({reason})")

    def test_settings_connection(self, rig: Rig) -> None:
        """check_connection says that the service is there."""

        async def use(session: Session) -> str:
            return (await session.engine.diagnose([self.name]))[self.name]

        problem = rig.run(use)
        demand(not problem, f"check_connection has to be true with these settings: {problem}")


def _loadable(rig: Rig) -> None:
    async def nothing(_session: Session) -> None:
        pass

    rig.run(nothing, ready=False)


def _fields(rig: Rig) -> tuple[attrs.Attribute[Any], ...]:
    async def use(session: Session) -> object:
        return session.spy.info

    info = rig.run(use, ready=False)
    cls: Any = info.settings_class if isinstance(info, SourceInfo) else None
    return attrs.fields(attrs.resolve_types(cls)) if cls is not None else ()


def _key(field: attrs.Attribute[Any]) -> str:
    """How the setting is written in a file."""
    return field.alias or field.name


def _kind(field: attrs.Attribute[Any]) -> str:
    return str(getattr(field.type, "__name__", ""))


def _wrong(field: attrs.Attribute[Any]) -> object:
    """A value that cannot be meant; ``None`` where anything can be."""
    if _kind(field) == "str" and _IS_ADDRESS.search(field.name):
        return "planted words"
    return _WRONG.get(_kind(field))


def _is_secret(field: attrs.Attribute[Any]) -> bool:
    return field.type is Secret or Secret in getattr(field.type, "__args__", ())


def _demand_refusal(rig: Rig, key: str, value: object) -> None:
    try:
        rig.build(rig.tree({**rig.settings, key: value}))
    except SettingsError as error:
        demand(key in str(error), f"the error for a wrong {key} does not name it: {error}")
    except Exception as error:  # noqa: BLE001 - anything else is not an error that a person understands
        demand(False, f"a wrong {key} raises {error!r}, expected a SettingsError that names it")
    else:
        demand(False, f"{key} accepts {value!r}: give it a type or a validator that refuses it")


def _demand_results(rig: Rig) -> None:
    async def use(session: Session) -> bool:
        return bool((await session.search())[0])

    if not rig.run(use):
        leave("the query has no results at all; see search_results")
