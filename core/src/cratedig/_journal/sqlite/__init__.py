"""Records in an SQLite file: durable, and shared by the processes of one machine.

callers ──queue──▶ writer thread ──one transaction per batch──▶ file ◀── reader connection ◀── callers
                      heartbeat, progress                        ▲
                                                watcher thread ──╯  requests of other processes
"""

from cratedig._journal.sqlite.journal import SqliteJournal

__all__ = ["SqliteJournal"]
