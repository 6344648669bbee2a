"""Opening of a serial port with the settings of `serial_line.py`, in the calling thread."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import Final

import serial

from firmware_bridge.link.serial_line import SerialLine, Signal

_PULSE_S: Final = 0.1
"""Time for which a pulse clears a line: the capacitor of an Arduino's reset line discharges within milliseconds."""

_THREAD_READ_S: Final = 0.05
"""Time that a read in a thread waits for the first byte, and so the longest time that closing takes."""

_THREAD_WRITE_S: Final = 1.0


def open_serial(name: str, line: SerialLine, baud: int) -> serial.SerialBase:
    """Open a port in this thread; it raises pyserial's errors."""
    port = serial.serial_for_url(
        name,
        do_not_open=True,
        baudrate=baud,
        timeout=_THREAD_READ_S,
        write_timeout=None if name.startswith("rfc2217://") else _THREAD_WRITE_S,  # pyserial's has none
        exclusive=True,
    )
    port.dtr, port.rts = line.dtr is Signal.ON, line.rts is Signal.ON
    # pyserial writes both lines while it opens a port, and has no setting to leave them alone.
    if line.dtr is Signal.KEEP:
        port._update_dtr_state = _leave
    if line.rts is Signal.KEEP:
        port._update_rts_state = _leave
    port.open()
    if Signal.KEEP in {line.dtr, line.rts}:
        _keep_when_closed(port)
    if Signal.PULSE in {line.dtr, line.rts}:
        _end_pulse(port, line)
    return port


def _leave() -> None:
    """Leave a line as it is."""


def _end_pulse(port: serial.SerialBase, line: SerialLine) -> None:
    """Set the lines that were opened cleared for a pulse."""
    time.sleep(_PULSE_S)
    # A pseudo-terminal has no such lines.
    with suppress(OSError):
        if line.dtr is Signal.PULSE:
            port.dtr = True
        if line.rts is Signal.PULSE:
            port.rts = True


if sys.platform == "win32":

    def _keep_when_closed(port: serial.SerialBase) -> None:
        """Do nothing: Windows has no such setting."""

else:
    import termios

    def _keep_when_closed(port: serial.SerialBase) -> None:
        """Clear HUPCL, by which the system clears the lines when a port is closed: the next opening sets them, and
        that edge restarts a board."""
        if not isinstance(port, serial.Serial):
            return
        attributes = termios.tcgetattr(port.fileno())
        attributes[2] &= ~termios.HUPCL
        termios.tcsetattr(port.fileno(), termios.TCSANOW, attributes)
