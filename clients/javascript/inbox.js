// What has come and is not read yet, for any number of readers, each of whom sees everything from when it began to read.

const MAX_UNREAD = 1024; // over a minute of predictions at the usual ten a second

/** Hands every message to every reader. A slow reader loses its oldest predictions first, counted in `dropped`. */
export class Inbox {
  #readers = new Set();
  #ended = false;
  #failure = null;
  dropped = 0;

  put(message) {
    for (const reader of this.#readers) {
      if (reader.unread.length === MAX_UNREAD) {
        const oldest = reader.unread.findIndex(({ type }) => type === "prediction");
        reader.unread.splice(Math.max(oldest, 0), 1);
        this.dropped += 1;
      }
      reader.unread.push(message);
      reader.wake();
    }
  }

  /** Nothing more comes; readers throw `failure`, if there is one, when they have read what is there. */
  end(failure = null) {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    for (const reader of this.#readers) reader.wake();
  }

  /** An async iterator over what comes from now on, and for which `wanted` holds. */
  read(wanted = () => true) {
    const reader = { unread: [], wake: () => {} };
    this.#readers.add(reader);
    return this.#messages(reader, wanted, () => this.#readers.delete(reader));
  }

  #messages(reader, wanted, leave) {
    const next = async () => {
      while (true) {
        while (reader.unread.length > 0) {
          const message = reader.unread.shift();
          if (wanted(message)) return { done: false, value: message };
        }
        if (this.#ended) break;
        await new Promise((resolve) => (reader.wake = resolve));
      }
      leave();
      if (this.#failure !== null) throw this.#failure;
      return { done: true, value: undefined };
    };
    const leaveNow = async () => {
      leave();
      return { done: true, value: undefined };
    };
    return { next, return: leaveNow, [Symbol.asyncIterator]() { return this; } };
  }
}
