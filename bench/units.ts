// What the table counts in.

/** How a measured quantity (seconds, bytes) becomes the figure of a row. */
export interface Unit {
  readonly label: string;
  /** Which figure is the better one. */
  readonly better: "less" | "more";
  /** The figure, from the quantity that an amount of work took. */
  figure(quantity: number, amount: number): number;
}

function each(label: string, scale: number): Unit {
  return { label, better: "less", figure: (quantity, amount) => (quantity / amount) * scale };
}

function perSecond(label: string, scale: number): Unit {
  return { label, better: "more", figure: (seconds, amount) => amount / seconds / scale };
}

export const units = {
  microseconds: each("µs", 1e6),
  milliseconds: each("ms", 1e3),
  bytes: each("B", 1),
  kibibytes: each("KiB", 1 / 1024),
  gigabytesPerSecond: perSecond("GB/s", 1e9),
  millionsPerSecond: perSecond("M/s", 1e6),
  thousandsPerSecond: perSecond("k/s", 1e3),
} as const;
