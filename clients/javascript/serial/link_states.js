// The state machine of the link to a glove. Pure: time is an argument, in milliseconds; serial_link.js opens, reads and
// waits. docs/reference/link-states.md describes the states, which are those of the bridge.
//
//   ┌──> opening ──> waiting <──> streaming
//   │       │           │             │
//   └───────┴── lost <──┴─────────────┘

import { BackOff } from "../back_off.js";

/** Times in milliseconds, each as in firmware_bridge/link/state.py, which has the reasons. */
export const TIMING = { silent: 2000, reopen: 10_000, maxReopen: 60_000, header: 5000 };

const NO_FRAME = { code: "no_frame", detail: "no frame received yet" };

/** The link's state with its timers; `status` is { state, detail, code }, where `code` is null if `detail` is empty. */
export class LinkStates {
  #timing;
  #retries = new BackOff();
  #silences = 0; // how often the port was opened without a frame since
  #reopenAfter = 0;
  #byteAt = 0;
  #frameAt = 0;
  #reopenAt = 0;
  status = { state: "opening", detail: "", code: null };

  constructor(timing = TIMING) {
    this.#timing = timing;
  }

  opening() {
    this.status = { state: "opening", detail: "", code: null };
  }

  /** Enter `waiting` for the first frame of an open port. */
  opened(now) {
    this.#byteAt = this.#frameAt = now;
    this.#wait(now, NO_FRAME);
  }

  /** Record the arrival of bytes; `readable`: they contained a frame or a letter. */
  arrived(now, readable) {
    this.#byteAt = now;
    this.#reopenAt = now + this.#reopenAfter;
    if (!readable) return;
    this.#frameAt = now;
    if (this.status.state === "streaming") return;
    this.#retries.success();
    this.#silences = 0;
    this.status = { state: "streaming", detail: "", code: null };
  }

  /** Return the time until `elapsed` has to be called, while a port is open. */
  due(now) {
    return (this.status.state === "streaming" ? this.#frameAt + this.#timing.silent : this.#reopenAt) - now;
  }

  /** Apply the timeouts, and return whether the port has to be reopened. */
  elapsed(now) {
    if (this.due(now) > 0) return false;
    if (this.status.state !== "streaming") return true;
    const isSilent = now - this.#byteAt >= this.#timing.silent;
    const what = isSilent ? "no data" : "no readable frame";
    this.#wait(now, { code: isSilent ? "silent" : "unreadable", detail: `${what} for ${this.#timing.silent / 1000} s` });
    return false;
  }

  /** Enter `lost`, and return the milliseconds until the next attempt. */
  lost(code, detail) {
    this.status = { state: "lost", detail, code };
    return this.#retries.failure();
  }

  #wait(now, reason) {
    this.#reopenAfter = Math.min(this.#timing.reopen * 2 ** this.#silences++, this.#timing.maxReopen);
    this.#reopenAt = now + this.#reopenAfter;
    this.status = { state: "waiting", ...reason };
  }
}
