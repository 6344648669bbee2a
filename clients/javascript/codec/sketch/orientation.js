// Pitch, roll and yaw from raw motion sensors: the filter of the firmware (firmware_bridge/firmware/core/orientation.c and
// gyro_bias.c, which name the sources). Pure.

const DEGREES = 180 / Math.PI;
const LEAN_S = 1; // far longer than the strokes of signing, far shorter than the gyroscope's drift
const [LEAST_G, MOST_G] = [0.7, 1.3]; // beyond these the hand is being swung or hit
const STILL_S = 1;
const STILL_SAMPLES = 10;
const STILL_RATE = 2; // degrees/s about the mean
const STILL_ACCELERATION = 0.05; // g about the mean
const LARGEST_BIAS = 20;
const LARGEST_CHANGE = 1; // once known, a bias only drifts; a steady turn faster than this is a turn

/** The zero-rate output of a gyroscope, learned while the hand is still. */
class GyroBias {
  bias = [0, 0, 0];
  #isFound = false;
  #samples = 0;
  #seconds = 0;
  #turn = [0, 0, 0];
  #acceleration = [0, 0, 0];

  update(acceleration, turn, seconds) {
    const isStill = within(turn, this.#turn, STILL_RATE) && within(acceleration, this.#acceleration, STILL_ACCELERATION);
    if (this.#samples > 0 && !isStill) this.#begin();
    if (this.#samples > 0) this.#seconds += seconds;
    this.#samples += 1;
    const mean = (old, values) => old.map((each, axis) => each + (values[axis] - each) / this.#samples);
    this.#turn = mean(this.#turn, turn);
    this.#acceleration = mean(this.#acceleration, acceleration);
    if (this.#seconds < STILL_S || this.#samples < STILL_SAMPLES) return;
    const isSmall = within(this.#turn, [0, 0, 0], LARGEST_BIAS);
    if (isSmall && (!this.#isFound || within(this.#turn, this.bias, LARGEST_CHANGE))) {
      this.bias = this.#turn;
      this.#isFound = true;
    }
    this.#begin();
  }

  #begin() {
    this.#samples = this.#seconds = 0;
    this.#turn = this.#acceleration = [0, 0, 0];
  }
}

/** The attitude of a hand, as a quaternion. */
export class Orientation {
  #attitude = [1, 0, 0, 0];
  #isLevelled = false;
  #bias = new GyroBias();

  /** Take an acceleration (g), a turn rate (degrees/s, null without a gyroscope) and the time since the last one; return
   * pitch, roll and yaw in degrees, yaw null without a gyroscope. */
  update(acceleration, turn, seconds) {
    const size = Math.hypot(...acceleration);
    const isUsable = size >= LEAST_G && size <= MOST_G;
    if (turn === null) {
      this.#attitude = level(acceleration);
      return [...this.#lean(), null];
    }
    this.#bias.update(acceleration, turn, seconds);
    if (isUsable && !this.#isLevelled) {
      this.#attitude = level(acceleration);
      this.#isLevelled = true;
    } else {
      this.#turn(turn.map((rate, axis) => ((rate - this.#bias.bias[axis]) / DEGREES) * seconds));
      if (isUsable) this.#turn(pull(acceleration, vertical(this.#attitude), seconds / (LEAN_S + seconds) / size));
    }
    const [w, x, y, z] = this.#attitude;
    return [...this.#lean(), wrap(DEGREES * Math.atan2(2 * (x * y + w * z), w * w + x * x - y * y - z * z))];
  }

  #lean() {
    const [x, y, z] = vertical(this.#attitude);
    return [DEGREES * Math.atan2(-x, Math.hypot(y, z)), wrap(DEGREES * Math.atan2(y, z))];
  }

  #turn(radians) {
    const angle = Math.hypot(...radians);
    const scale = angle > 1e-3 ? Math.sin(angle / 2) / angle : 0.5;
    const turned = multiply(this.#attitude, [Math.cos(angle / 2), ...radians.map((each) => scale * each)]);
    const norm = Math.hypot(...turned);
    this.#attitude = turned.map((each) => each / norm);
  }
}

function multiply([pw, px, py, pz], [rw, rx, ry, rz]) {
  return [
    pw * rw - px * rx - py * ry - pz * rz,
    pw * rx + px * rw + py * rz - pz * ry,
    pw * ry - px * rz + py * rw + pz * rx,
    pw * rz + px * ry - py * rx + pz * rw,
  ];
}

function vertical([w, x, y, z]) {
  return [2 * (x * z - w * y), 2 * (w * x + y * z), w * w - x * x - y * y + z * z];
}

function level([x, y, z]) {
  const [pitch, roll] = [Math.atan2(-x, Math.hypot(y, z)) / 2, Math.atan2(y, z) / 2];
  const [cp, sp, cr, sr] = [Math.cos(pitch), Math.sin(pitch), Math.cos(roll), Math.sin(roll)];
  return [cp * cr, cp * sr, sp * cr, -sp * sr];
}

/** Return the turn by which the acceleration pulls the vertical `up` towards itself. */
function pull([ax, ay, az], [ux, uy, uz], gain) {
  return [gain * (ay * uz - az * uy), gain * (az * ux - ax * uz), gain * (ax * uy - ay * ux)];
}

function wrap(degrees) {
  return degrees >= 180 ? degrees - 360 : degrees < -180 ? degrees + 360 : degrees;
}

function within(values, about, distance) {
  return values.every((value, axis) => Math.abs(value - about[axis]) <= distance);
}
