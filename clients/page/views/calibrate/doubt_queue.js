// The shapes that the service asks about, { stream, held, left, passed }: `left` are still to be answered, the next one
// first, and `passed` are the numbers of those that the wearer does not know. Pure.

export const NOTHING_ASKED = { stream: null, held: 0, left: [], passed: [] };

/** Return the queue with what the service asks about a stream now. */
export function asked(queue, stream, { held, doubts }) {
  const passed = stream === queue.stream ? queue.passed : []; // another stream counts its shapes from 0
  return { stream, held, left: doubts.filter(({ shape }) => !passed.includes(shape)), passed };
}

/** Return the queue after its first shape was answered. */
export function answered(queue) {
  return { ...queue, left: queue.left.slice(1) };
}

/** Return the queue after its first shape was left open. */
export function passed(queue) {
  return { ...answered(queue), passed: [...queue.passed, queue.left[0].shape] };
}
