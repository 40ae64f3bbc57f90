"""Start every emulator and say where it listens, until Ctrl-C."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from threading import Event

from cratedig_emulators import emulators


def main() -> None:
    """Run them all."""
    with ExitStack() as stack:
        for service_class in emulators():
            service = stack.enter_context(service_class())
            sys.stdout.write(f"{service.name:12} {service.base_url}\n")
        sys.stdout.flush()
        Event().wait()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
