"""DTR, RTS and the rate as a serial server (RFC 2217) on a real socket is asked to set them."""

from __future__ import annotations

import socket
import termios
import threading
from collections.abc import Iterator
from typing import IO

import pytest
from serial.rfc2217 import PortManager

from firmware_bridge.link.open_serial import open_serial
from firmware_bridge.link.serial_line import SerialLine, Signal
from tests.deadlines import EVENT_S

ON, OFF, PULSE, KEEP = Signal


class ServedPort:
    """The serial port of a server; it notes what is set."""

    def __init__(self) -> None:
        self.set: list[tuple[str, object]] = []
        self.__dict__.update(baudrate=9600, bytesize=8, parity="N", stopbits=1, dtr=None, rts=None, rtscts=False)
        self.__dict__.update(xonxoff=False, cts=True, dsr=True, ri=False, cd=True, break_condition=False, timeout=0)

    def __setattr__(self, name: str, value: object) -> None:
        if name in {"dtr", "rts", "baudrate"}:
            self.set.append((name, value))
        self.__dict__[name] = value

    def reset_input_buffer(self) -> None:
        """Have nothing to drop."""

    def reset_output_buffer(self) -> None:
        """Have nothing to drop."""


@pytest.fixture
def server() -> Iterator[tuple[str, ServedPort]]:
    """Serve a port to one client."""
    port = ServedPort()
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        listening.settimeout(5)
        connection, _ = listening.accept()
        with connection:
            connection.settimeout(5)

            class Writer:
                def write(self, data: bytes) -> None:
                    connection.sendall(data)

            manager = PortManager(port, Writer())
            while data := connection.recv(1024):
                b"".join(manager.filter(data))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"rfc2217://127.0.0.1:{listening.getsockname()[1]}", port
    listening.close()
    thread.join(EVENT_S)


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # pyserial's client
@pytest.mark.parametrize(
    ("line", "dtr", "rts"),
    [
        (SerialLine(), [True], [True]),
        (SerialLine(dtr=OFF, rts=ON), [False], [True]),
        (SerialLine(dtr=PULSE, rts=OFF), [False, True], [False]),
        (SerialLine(dtr=PULSE, rts=PULSE), [False, True], [False, True]),
        (SerialLine(dtr=KEEP, rts=KEEP), [], []),
        (SerialLine(dtr=KEEP, rts=ON), [], [True]),
    ],
    ids=str,
)
def test_the_lines_are_set_as_asked(
    server: tuple[str, ServedPort], line: SerialLine, dtr: list[bool], rts: list[bool]
) -> None:
    name, served = server
    port = open_serial(name, line, 57_600)
    port.close()
    assert [value for what, value in served.set if what == "dtr"] == dtr
    assert [value for what, value in served.set if what == "rts"] == rts
    assert served.__dict__["baudrate"] == 57_600


@pytest.mark.parametrize("signal", list(Signal))
def test_a_pseudo_terminal_which_has_no_such_lines_opens_with_each(pty: tuple[IO[bytes], str], signal: Signal) -> None:
    attributes = termios.tcgetattr(pty[0].fileno())
    attributes[2] |= termios.HUPCL
    termios.tcsetattr(pty[0].fileno(), termios.TCSANOW, attributes)
    port = open_serial(pty[1], SerialLine(dtr=signal, rts=signal), 115_200)
    clears_when_closed = bool(termios.tcgetattr(port.fileno())[2] & termios.HUPCL)
    assert clears_when_closed == (signal is not KEEP)
    port.close()
