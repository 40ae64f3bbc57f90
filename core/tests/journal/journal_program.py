"""Another process: ``journal_program.py publish|adopt|own FILE ...``."""
# ruff: noqa: T201 - what it prints is what it tells the test

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

from journal_cases import new_record  # type: ignore[import-not-found]

from cratedig._journal.opening import open_journal
from cratedig._journal.port import Action


def publish(journal_path: str, folder: str) -> None:
    """Publish files and save their records for ever, printing each id once it is durable."""
    journal = open_journal(journal_path)
    journal.start()
    print("ready", flush=True)
    for number in range(1_000_000):
        record = new_record(f"t{number}")
        journal.save(record)
        file = Path(folder, f"{number}.flac")
        file.write_bytes(b"x" * (number % 97 + 1))
        journal.save(record.complete(file)).result()
        print(record.id, flush=True)


def adopt(journal_path: str) -> None:
    """Adopt as soon as a line comes in; print what was got, then die without a word."""
    journal = open_journal(journal_path)
    journal.start()
    print("ready", flush=True)
    sys.stdin.readline()
    print(*[row.download.id for row in journal.adopt()], flush=True)
    sys.stdin.readline()


def own(journal_path: str, count: str) -> None:
    """Hold records and print them, then print what is asked of them until a line comes in."""
    journal = open_journal(journal_path)
    known = threading.Event()

    def on_request(download_id: str, action: Action) -> None:
        if not known.is_set():
            known.set()
            raise LookupError(download_id)
        print(download_id, action, flush=True)

    journal.start(on_request)
    records = [new_record(f"t{number}") for number in range(int(count))]
    for future in [journal.save(record) for record in records]:
        future.result()
    print(*[record.id for record in records], flush=True)
    sys.stdin.readline()
    journal.close()


PARTS: dict[str, Callable[..., None]] = {"publish": publish, "adopt": adopt, "own": own}

if __name__ == "__main__":
    PARTS[sys.argv[1]](*sys.argv[2:])
