"""The type of a secret setting: its text is not in its ``str`` or ``repr``; ``get_secret_value()`` has it."""

from typed_settings import SecretStr as Secret

__all__ = ["Secret"]
