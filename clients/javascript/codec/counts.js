// The counters of a link since its start.

/** Counts of events; `partial` counts messages that opening the link cut off, which are no damage. */
export class LinkCounts {
  frames = 0;
  missingBySequence = 0;
  missingByTime = 0;
  repeated = 0;
  restarts = 0;
  remarks = 0;
  partial = 0;
  letters = 0;
  /** Counts by kind: one of FAULTS. */
  damagedBy = new Map();

  /** The number of frames that the glove sent, or should have, and that did not arrive. */
  get missing() {
    return this.missingBySequence + this.missingByTime;
  }

  get damaged() {
    return [...this.damagedBy.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Count an event of the decoder. */
  add(event) {
    switch (event.event) {
      case "frame":
        this.frames += 1;
        break;
      case "missing":
        if (event.reason === "sequence") this.missingBySequence += event.count;
        else this.missingByTime += event.count;
        break;
      case "repeated":
        this.repeated += 1;
        break;
      case "letter":
        this.letters += 1;
        break;
      case "restarted":
        this.restarts += 1;
        break;
      case "remark":
        this.remarks += 1;
        break;
      case "damaged":
        this.damagedBy.set(event.reason, (this.damagedBy.get(event.reason) ?? 0) + 1);
        break;
    }
  }
}
