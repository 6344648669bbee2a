// Why a file cannot be read: `key` and the details are for words/recordings.js. As plain data, it passes from a worker.

export class Unreadable extends Error {
  constructor(key, details = {}) {
    super(key);
    this.why = { key, ...details };
  }
}
