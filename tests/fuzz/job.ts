// What a watcher and its child tell each other: a job on the child's standard input, reports line by line on its
// standard output.

import type { Failure, ProfileName, Step } from "./step.js";

/** Guests by their seed and numbers, or one by its steps. */
export type GuestsJob =
  | { readonly seed: number; readonly from: number; readonly calls: number }
  | { readonly steps: readonly Step[] };

/** Modules by their seed and numbers. */
export interface ModulesJob {
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  /** Paths of real modules. */
  readonly sources: readonly string[];
  /** Whether these themselves are tried, the first of them as the module 0. */
  readonly unchanged?: boolean;
}

/** The work of a child. */
export interface Job {
  readonly profile: ProfileName;
  /** The run's own loopback address, and the port of [::1] that nobody may reach. */
  readonly address: string;
  readonly forbidden6: number;
  readonly guests: GuestsJob | { readonly modules: ModulesJob };
}

/** How often a function was called, and how often it succeeded. */
export type Counts = Readonly<
  Record<string, { readonly calls: number; readonly successes: number }>
>;

/** How a job ends: with what went wrong, or when all is done. */
export type Ending = { readonly failure: Failure } | { readonly counts: Counts };

/** A report of a child: a guest, or a module, begins; or the job ends. */
export type Report = { readonly guest: number } | Ending;
