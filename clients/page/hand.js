// A hand drawn in SVG from a frame: the five flex values bend the fingers; pitch, roll and yaw turn the hand. It is not to
// scale: it shows what changes.

const NS = "http://www.w3.org/2000/svg";
const STRAIGHT = [778, 772, 780, 795, 800]; // ADC counts of a straight finger, and of a bent one
const BENT = [862, 866, 892, 892, 912];
const LARGEST_BEND = [0.9, 1.45, 1.5, 1.5, 1.45]; // radians at each joint
const THUMB_TURN = 0.8;

// For each finger: its root on the palm, its direction and the lengths of its three bones. The palm faces the viewer: x
// points to the right, y up, z to the viewer.
const FINGERS = [
  { root: [-34, -22, 4], splay: 0.85, bones: [26, 22, 16], width: 17 },
  { root: [-27, 36, 0], splay: 0.16, bones: [34, 22, 16], width: 15 },
  { root: [-9, 41, 0], splay: 0.03, bones: [38, 25, 17], width: 15 },
  { root: [9, 38, 0], splay: -0.1, bones: [35, 23, 16], width: 15 },
  { root: [26, 29, 0], splay: -0.24, bones: [28, 18, 14], width: 13 },
];
const PALM = [[-36, 30], [-12, 40], [14, 38], [34, 26], [32, -30], [16, -46], [-16, -46], [-36, -30]];
const WRIST = [[-17, -44], [17, -44], [16, -78], [-16, -78]];

/** Return a frame of a hand whose fingers are bent by `bends`, thumb first, from 0 to 1. */
export function handShape(bends) {
  return [...STRAIGHT.map((straight, finger) => straight + bends[finger] * (BENT[finger] - straight)), 0, 0, 0];
}

/** A picture of a hand; `draw` changes its shape. */
export class Hand {
  #bones;
  #palm;
  #wrist;

  /** `label` is the text for screen readers; without one they skip the picture. */
  constructor(label = null) {
    this.element = document.createElementNS(NS, "svg");
    this.element.setAttribute("viewBox", "-112 -124 224 224");
    this.element.setAttribute("class", "hand");
    this.label(label);
    this.#wrist = this.#part("polygon", "wrist");
    this.#palm = this.#part("polygon", "palm");
    this.#bones = FINGERS.map(({ width }) => {
      const path = this.#part("polyline", "finger");
      path.style.strokeWidth = `${width}px`;
      return path;
    });
  }

  label(text) {
    if (text === null) {
      this.element.setAttribute("aria-hidden", "true");
      return;
    }
    this.element.removeAttribute("aria-hidden");
    this.element.setAttribute("role", "img");
    this.element.setAttribute("aria-label", text);
  }

  /** Show a frame of eight numbers, flex1 to flex5, pitch, roll and yaw, or with null a hand at rest. */
  draw(frame) {
    const [pitch, roll, yaw] = frame === null ? [0, 0, 0] : frame.slice(5).map((degrees) => (degrees * Math.PI) / 180);
    const turn = rotation(pitch, roll, yaw);
    const fingers = FINGERS.map((finger, i) => joints(finger, bendOf(frame, i), i === 0).map(turn));
    const palm = PALM.map(([x, y]) => turn([x, y, 0]));
    this.#wrist.setAttribute("points", points(WRIST.map(([x, y]) => turn([x, y, 0]))));
    this.#palm.setAttribute("points", points(palm));
    fingers.forEach((finger, i) => this.#bones[i].setAttribute("points", points(finger)));
    this.#order(fingers, mean(palm.map(([, , z]) => z)));
  }

  /** Draw what is farther away first. */
  #order(fingers, palm) {
    const depths = [[this.#wrist, palm - 1], [this.#palm, palm]];
    fingers.forEach((finger, i) => depths.push([this.#bones[i], mean(finger.map(([, , z]) => z))]));
    const order = depths.sort(([, one], [, other]) => one - other).map(([part]) => part);
    if (order.some((part, i) => part !== this.element.children[i])) this.element.replaceChildren(...order);
  }

  #part(tag, name) {
    const part = document.createElementNS(NS, tag);
    part.setAttribute("class", name);
    this.element.append(part);
    return part;
  }
}

function bendOf(frame, finger) {
  if (frame === null) return 0.15;
  const share = (frame[finger] - STRAIGHT[finger]) / (BENT[finger] - STRAIGHT[finger]);
  return Math.min(1, Math.max(0, share));
}

/** Return the four points of a finger whose joints are bent by `bend`, 0 to 1; a thumb bends across the palm. */
function joints({ root, splay, bones }, bend, isThumb) {
  const found = [root];
  let [x, y, z] = root;
  let angle = 0;
  const each = bend * LARGEST_BEND[isThumb ? 0 : 1];
  for (const bone of bones) {
    angle += isThumb ? bend * THUMB_TURN : each;
    const away = isThumb ? splay - angle : splay;
    const forward = isThumb ? Math.cos(bend * 0.6) : Math.cos(angle);
    const up = isThumb ? Math.sin(bend * 0.6) : Math.sin(angle);
    x -= bone * Math.sin(away) * (isThumb ? 1 : forward);
    y += bone * Math.cos(away) * forward;
    z += bone * up;
    found.push([x, y, z]);
  }
  return found;
}

/** Return the rotation of a point: yaw turns in the picture's plane, pitch tips to the viewer, roll turns about the forearm. */
function rotation(pitch, roll, yaw) {
  const [cp, sp, cr, sr, cy, sy] = [pitch, roll, yaw].flatMap((angle) => [Math.cos(angle), Math.sin(angle)]);
  return ([x, y, z]) => {
    const [x1, z1] = [x * cr + z * sr, z * cr - x * sr];
    const [y2, z2] = [y * cp - z1 * sp, y * sp + z1 * cp];
    return [x1 * cy - y2 * sy, x1 * sy + y2 * cy, z2];
  };
}

function points(found) {
  return found.map(([x, y]) => `${x.toFixed(1)},${(-y).toFixed(1)}`).join(" ");
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
