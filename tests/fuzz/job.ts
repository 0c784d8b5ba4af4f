// What a watcher and its child tell each other: a job on the child's standard input, reports line by line on its
// standard output.

import type { Failure, ProfileName, Step } from "./step.js";

/** The work of a child. */
export interface Job {
  readonly profile: ProfileName;
  /** The run's own loopback address, and the port of [::1] that nobody may reach. */
  readonly address: string;
  readonly forbidden6: number;
  /** Guests by their seed and numbers, or one by its steps. */
  readonly guests:
    | { readonly seed: number; readonly from: number; readonly calls: number }
    | { readonly steps: readonly Step[] };
}

/** How often a function was called, and how often it succeeded. */
export type Counts = Readonly<
  Record<string, { readonly calls: number; readonly successes: number }>
>;

/** A report of a child. */
export type Report =
  /** A guest begins. */
  | { readonly guest: number }
  /** Something went wrong; nothing more is run. */
  | { readonly failure: Failure }
  /** All is done. */
  | { readonly counts: Counts };
