"""The type of a secret setting: a text that a ``repr`` shows as stars. ``str(secret)`` is the text itself."""

from typed_settings import SecretStr as Secret

__all__ = ["Secret"]
