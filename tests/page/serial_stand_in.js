// A stand-in for the browser's serial ports alone: one port, whose bytes come and go through the WebSocket at ADDRESS.
// `serial.plugIn()` is the cable plugged in again: as in a browser, the same device is then another object.

(() => {
  class Port extends EventTarget {
    readable = null;
    writable = null;
    #socket = null;

    getInfo() {
      return { usbVendorId: 0x1a86, usbProductId: 0x7523 };
    }

    async open({ baudRate }) {
      if (this.#socket !== null) throw new DOMException("The port is already open.", "InvalidStateError");
      if (!(baudRate > 0)) throw new TypeError("baudRate");
      const socket = new WebSocket("ADDRESS");
      socket.binaryType = "arraybuffer";
      await new Promise((resolve, reject) => {
        socket.onmessage = resolve;
        socket.onclose = () => reject(new DOMException("Failed to open serial port.", "NetworkError"));
      });
      this.#socket = socket;
      this.readable = new ReadableStream({
        start: (controller) => this.#pass(socket, controller),
        cancel: () => (socket.onmessage = null),
      });
      this.writable = new WritableStream({ write: (bytes) => socket.send(bytes) });
    }

    async close() {
      if (this.readable?.locked || this.writable?.locked) throw new TypeError("Cannot close a locked port.");
      const socket = this.#socket;
      this.#socket = this.readable = this.writable = null;
      socket?.close();
    }

    #pass(socket, controller) {
      socket.onmessage = ({ data }) => controller.enqueue(new Uint8Array(data));
      socket.onclose = () => {
        if (this.#socket !== socket) return; // closed by the page
        this.#socket = this.readable = this.writable = null;
        serial.unplug(this);
        controller.error(new DOMException("The device has been lost.", "NetworkError"));
      };
    }
  }

  const serial = new (class extends EventTarget {
    #port = new Port();
    #isGranted = IS_GRANTED;

    async requestPort() {
      if (!navigator.userActivation.isActive) throw new DOMException("Must be handling a user gesture.", "SecurityError");
      this.#isGranted = true;
      return this.#port;
    }

    async getPorts() {
      return this.#isGranted && this.#port !== null ? [this.#port] : [];
    }

    unplug(port) {
      this.#port = null;
      this.#tell("disconnect", port);
    }

    plugIn() {
      this.#port = new Port();
      this.#tell("connect", this.#port);
    }

    /** Dispatch an event as if it came up from the port, which is its target. */
    #tell(type, port) {
      const event = new Event(type);
      Object.defineProperty(event, "target", { value: port });
      this.dispatchEvent(event);
    }
  })();

  Object.defineProperty(navigator, "serial", { value: serial, configurable: true });
})();
