"""How evenly gloves would spread over workers if the kernel gave them out, as servers usually let it.

    python -m benchmarks.serve.spread

Eight connections, opened one after another and kept, to two workers; how many the fuller one has, over 100 rounds. (The
supervisor gives each 4 of 8, which `tests/service/workers/test_workers.py` holds it to.)
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
    """A worker: says its number to whoever connects, and keeps the connection."""

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
    """How many of some connections the worker has that has the most."""
    clients = [socket.create_connection(address) for _ in range(CONNECTIONS)]
    greetings = Counter(client.recv(1) for client in clients)
    for client in clients:
        client.close()
    return max(greetings.values())


def measure(address: tuple[str, int], get_socket: Callable[[], socket.socket]) -> Counter[int]:
    fork = multiprocessing.get_context("fork")  # the workers take `get_socket` along as it is
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
        tell("one shared socket", measure(shared.getsockname(), lambda: shared))
    with socket.socket() as reserved:  # bound and not listening: it keeps the port and takes no connection
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        address = reserved.getsockname()
        tell("SO_REUSEPORT", measure(address, lambda: socket.create_server(address, reuse_port=True)))


def tell(way: str, rounds: Counter[int]) -> None:
    mean = sum(most * times for most, times in rounds.items()) / ROUNDS
    print(f"{way}: the fuller of {WORKERS} workers has {mean:.1f} of {CONNECTIONS} in the mean, {max(rounds)} at worst")


if __name__ == "__main__":
    main()
