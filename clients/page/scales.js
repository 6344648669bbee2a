// The time scales of every model, in frames: SCALES of models/contract.py.

export const SCALES = [3, 5, 7];
