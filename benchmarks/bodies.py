"""Bytes: ``context.fetch`` beside curl and aria2c, one large file and many, from an nginx on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.measuring import Line, cpu_seconds
from cratedig._http.clients import make_sync_client
from cratedig._http.options import HttpOptions
from cratedig._runtime.pool import DaemonPool
from cratedig._transfer.fetch import fetch
from cratedig._transfer.request import FetchRequest

LARGE = 2 << 30
MANY, SMALL = 200, 20 << 20
ROUNDS = 3
GIB = 1 << 30
AT_ONCE = 4

CONFIG = """
worker_processes 1; daemon off; pid {root}/nginx.pid; error_log /dev/null;
events {{ worker_connections 256; }}
http {{ access_log off; sendfile on; server {{ listen 127.0.0.1:{port}; root {root}/www; }}
  client_body_temp_path {root}/t1; proxy_temp_path {root}/t2; fastcgi_temp_path {root}/t3;
  uwsgi_temp_path {root}/t4; scgi_temp_path {root}/t5; }}
"""


@contextlib.contextmanager
def _nginx(root: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (root / "www").mkdir()
    root.chmod(0o755)
    (root / "www").chmod(0o755)
    for name, size in (("large.bin", LARGE), ("small.bin", SMALL)):
        with (root / "www" / name).open("wb") as file:
            block = bytes(range(256)) * 4096
            for _ in range(size // len(block)):
                file.write(block)
        (root / "www" / name).chmod(0o644)
    config = root / "nginx.conf"
    config.write_text(CONFIG.format(root=root, port=port))
    server = subprocess.Popen(["nginx", "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        _until_up(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def _until_up(port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError("nginx did not start")


async def _fetch(urls: list[str], folder: Path) -> None:
    pool = DaemonPool("bench", AT_ONCE)
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, url: str) -> None:
        async with slots:
            request = FetchRequest(url=url, path=folder / f"{number}.bin")
            await fetch(request, clients=lambda: make_sync_client(HttpOptions()), pool=pool)

    await asyncio.gather(*(one(number, url) for number, url in enumerate(urls)))
    pool.shutdown()


def _ours(urls: list[str], folder: Path) -> None:
    asyncio.run(_fetch(urls, folder))


def _curl(urls: list[str], folder: Path) -> None:
    listed = [word for n, url in enumerate(urls) for word in ("-o", str(folder / f"{n}.bin"), url)]
    many = ["--parallel", "--parallel-max", str(AT_ONCE)] if len(urls) > 1 else []
    subprocess.run(["curl", "-sS", "--no-progress-meter", *many, *listed], check=True)


def _aria2c(urls: list[str], folder: Path) -> None:
    listing = folder / "urls"
    listing.write_text("".join(f"{url}\n  out={n}.bin\n" for n, url in enumerate(urls)))
    options = ["-q", "--file-allocation=none", "-x1", f"-j{AT_ONCE}", "-d", str(folder), "-i", str(listing)]
    subprocess.run(["aria2c", *options], check=True)


def _measure(way: Callable[[list[str], Path], None], urls: list[str], root: Path) -> tuple[float, float]:
    folder = Path(tempfile.mkdtemp(dir=root))
    try:
        return cpu_seconds(lambda: way(urls, folder))
    finally:
        shutil.rmtree(folder)


def _compare(what: str, urls: list[str], size: int, root: Path) -> list[Line]:
    best: dict[str, tuple[float, float]] = {}
    for _ in range(ROUNDS):
        for name, way in (("ours", _ours), ("curl", _curl), ("aria2c", _aria2c)):
            wall, cpu = _measure(way, urls, root)
            kept = best.get(name, (wall, cpu))
            best[name] = (min(kept[0], wall), min(kept[1], cpu))
    gib = size / GIB
    speed = {name: size / wall / 1e6 for name, (wall, _) in best.items()}
    cost = {name: cpu / gib for name, (_, cpu) in best.items()}
    return [
        Line(
            f"fetch {what}",
            f"{speed['ours']:,.0f} MB/s",
            f"curl: {speed['curl']:,.0f} MB/s",
            speed["ours"] / speed["curl"],
            0.5,
        ),
        Line(
            f"fetch {what}, CPU s per GiB",
            f"{cost['ours']:.2f}",
            f"aria2c: {cost['aria2c']:.2f} (curl {cost['curl']:.2f})",
            cost["ours"] / cost["aria2c"],
            1.0,
            higher_is_better=False,
        ),
    ]


def run() -> list[Line]:
    """Megabytes a second and CPU seconds per GiB; the best of three rounds each."""
    missing = [tool for tool in ("nginx", "curl", "aria2c") if shutil.which(tool) is None]
    if missing:
        print(f"bodies: left out, because {', '.join(missing)} is not installed")
        return []
    root = Path(tempfile.mkdtemp(prefix="cratedig-bench-"))
    try:
        with _nginx(root) as base:
            large = _compare("one file of 2 GiB", [f"{base}/large.bin"], LARGE, root)
            many = _compare("200 files of 20 MiB", [f"{base}/small.bin"] * MANY, MANY * SMALL, root)
            return large + many
    finally:
        shutil.rmtree(root)
