"""Spread of connections over workers where the kernel assigns them, as most servers let it.

    python -m benchmarks.serve.worker_spread

Eight connections to two workers, opened one after another and kept; printed is the number of the fuller worker over 100
rounds. (This project's supervisor gives each worker 4 of 8, as `tests/service/workers/test_workers.py` checks.)
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
from collections import Counter
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from typing import Final

WORKERS: Final = 2
CONNECTIONS: Final = 8
ROUNDS: Final = 100


def serve(number: int, get_socket: Callable[[], socket.socket], begun: Barrier) -> None:
    """Run a worker that sends its number to each client and keeps the connection open."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes([number]))
        await reader.read()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(greet, sock=get_socket())
        begun.wait()
        await server.serve_forever()

    asyncio.run(run())


def fuller(address: tuple[str, int]) -> int:
    """Return the number of connections of the fuller worker."""
    clients = [socket.create_connection(address) for _ in range(CONNECTIONS)]
    greetings = Counter(client.recv(1) for client in clients)
    for client in clients:
        client.close()
    return max(greetings.values())


def measure(address: tuple[str, int], get_socket: Callable[[], socket.socket]) -> Counter[int]:
    fork = multiprocessing.get_context("fork")  # so that the workers inherit `get_socket`
    begun = fork.Barrier(WORKERS + 1)
    workers = [fork.Process(target=serve, args=(number, get_socket, begun)) for number in range(WORKERS)]
    for worker in workers:
        worker.start()
    begun.wait()
    try:
        return Counter(fuller(address) for _ in range(ROUNDS))
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as shared:
        shared.setblocking(False)
        show("one shared socket", measure(shared.getsockname(), lambda: shared))
    with socket.socket() as reserved:  # bound but not listening: it reserves the port and accepts no connection
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        address = reserved.getsockname()
        show("SO_REUSEPORT", measure(address, lambda: socket.create_server(address, reuse_port=True)))


def show(way: str, rounds: Counter[int]) -> None:
    mean = sum(most * times for most, times in rounds.items()) / ROUNDS
    print(f"{way}: the fuller of {WORKERS} workers has {mean:.1f} of {CONNECTIONS} on average, {max(rounds)} at worst")


if __name__ == "__main__":
    main()
