// A bounded queue of received messages for any number of readers, each with its own position.

const MAX_UNREAD = 1024; // over a minute of predictions at the usual ten a second

/** Types that a reader who falls behind may lose: the `droppable` messages of the protocol, which
 * tests/clients/test_javascript.py compares. */
export const DROPPABLE = new Set(["frames", "glove", "glove_letter", "link", "prediction", "remark"]);

/** A queue that hands every message to every reader. When a reader falls behind, its oldest droppable message is dropped,
 * or the oldest where none is, and counted in `dropped`. */
export class ReceiveQueue {
  #readers = new Set();
  #ended = false;
  #failure = null;
  dropped = 0;

  put(message) {
    for (const reader of this.#readers) {
      if (reader.unread.length === MAX_UNREAD) {
        const oldest = reader.unread.findIndex(({ type }) => DROPPABLE.has(type));
        reader.unread.splice(Math.max(oldest, 0), 1);
        this.dropped += 1;
      }
      reader.unread.push(message);
      reader.wake();
    }
  }

  /** End the queue. Each reader first receives what is queued, then throws `failure` if there is one. */
  end(failure = null) {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    for (const reader of this.#readers) reader.wake();
  }

  /** Return an async iterator over the messages from now on that `wanted` accepts. */
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
