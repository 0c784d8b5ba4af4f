// Round-trip times and their statistics, as ping(8) prints them.

/** Milliseconds in text, with three digits after the point. */
export function inMilliseconds(time: f64): string {
  const microseconds = <i64>Math.round(time * 1000);
  return `${microseconds / 1000}.${(microseconds % 1000).toString().padStart(3, "0")}`;
}

/** The times in which requests were answered. */
export class RoundTrips {
  count: i32 = 0;
  private least: f64 = Infinity;
  private most: f64 = 0;
  private sum: f64 = 0;
  private squares: f64 = 0;

  /** Adds a time in milliseconds. */
  add(time: f64): void {
    this.count++;
    this.least = Math.min(this.least, time);
    this.most = Math.max(this.most, time);
    this.sum += time;
    this.squares += time * time;
  }

  /** The least, mean and greatest time, and the standard deviation. */
  toString(): string {
    const mean = this.sum / this.count;
    const deviation = Math.sqrt(Math.max(this.squares / this.count - mean * mean, 0));
    const times = [this.least, mean, this.most, deviation].map<string>((time) =>
      inMilliseconds(time),
    );
    return `rtt min/avg/max/mdev = ${times.join("/")} ms`;
  }
}
