"""Many clients at once, in processes of their own, over kept connections: the client must not be the bottleneck."""

import multiprocessing
import socket
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit


class Connection:
    """A bare HTTP/1.1 connection: sends prepared bytes and reads one answer with a Content-Length."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self.address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.socket = self._connect()
        self.buffer = b""

    def _connect(self) -> socket.socket:
        made = socket.create_connection(self.address, timeout=30)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        """Status, head and body of the answer."""
        self.socket.sendall(request)
        while b"\r\n\r\n" not in self.buffer:
            self._read()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        length = _header(head, b"content-length")
        while len(self.buffer) < int(length or 0):
            self._read()
        body, self.buffer = self.buffer[: int(length or 0)], self.buffer[int(length or 0) :]
        if _header(head, b"connection").lower() == b"close":
            self.socket.close()
            self.socket, self.buffer = self._connect(), b""
        return int(head.split(b" ", 2)[1]), head, body

    def _read(self) -> None:
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the server closed the connection")
        self.buffer += part


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return b""


def get(path: str, cookie: bytes = b"") -> bytes:
    """The bytes of a GET as a phone's browser would send it."""
    extra = b"Cookie: " + cookie + b"\r\n" if cookie else b""
    return (
        f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: gzip\r\nAccept-Language: en\r\n".encode()
        + extra
        + b"\r\n"
    )


def run(worker: Callable[..., list[float]], shares: Sequence[tuple], processes: int = 2) -> tuple[float, list[float]]:
    """Run ``worker(*share)`` for every share, spread over processes with one thread per share, all starting together.

    Returns seconds from the common start to the last end, and the latencies (seconds) of all.
    """
    context = multiprocessing.get_context("fork")
    barrier, answers = context.Barrier(len(shares) + 1), context.SimpleQueue()
    groups = [shares[n::processes] for n in range(min(processes, len(shares)))]
    running = [context.Process(target=_process, args=(worker, group, barrier, answers)) for group in groups]
    for process in running:
        process.start()
    barrier.wait(60)
    start = time.perf_counter()
    latencies: list[float] = []
    for _ in shares:
        latencies += answers.get()
    elapsed = time.perf_counter() - start
    for process in running:
        process.join(10)
    return elapsed, latencies


def _process(worker: Callable[..., list[float]], shares: Sequence[tuple], barrier, answers) -> None:
    from threading import Thread

    def one(share: tuple) -> None:
        barrier.wait(60)
        answers.put(worker(*share))

    threads = [Thread(target=one, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def getter(base_url: str, path: str, seconds: float) -> list[float]:
    """One client that asks for a page again and again for so long; every answer must be 200."""
    connection, latencies = Connection(base_url), []
    request, end = get(path), time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        status, _, _ = connection.ask(request)
        assert status == 200, f"{path}: {status}"
        latencies.append(time.perf_counter() - begun)
    return latencies


def pages_per_second(base_url: str, path: str, clients: int = 16, seconds: float = 5) -> tuple[float, list[float]]:
    """How many times per second a page is answered to so many clients, and the latencies in seconds."""
    elapsed, latencies = run(getter, [(base_url, path, seconds)] * clients)
    return len(latencies) / elapsed, latencies


def percentiles(latencies: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 in milliseconds."""
    ordered = sorted(latencies)
    return {f"p{p}": round(ordered[min(len(ordered) - 1, len(ordered) * p // 100)] * 1000, 2) for p in (50, 95, 99)}
