// What a fuzzed guest does, step by step: a list that can be run again, made shorter, and kept.

/** One step. Addresses in memory are the guest's. */
export type Step =
  /** Calls an import, "module.name", with numbers. */
  | readonly ["call", name: string, ...args: number[]]
  /** Writes bytes, in hexadecimal, as far as there is memory. */
  | readonly ["write", at: number, hex: string]
  /** Writes the socket address of a place, as far as there is memory: see places.ts. */
  | readonly ["address", at: number, place: string]
  /** Grows the memory by pages. */
  | readonly ["grow", pages: number]
  /** Lets the next call wait for a few milliseconds, where it would have to wait. */
  | readonly ["wait"];

/** What a guest is allowed: a name of PROFILES in places.ts. */
export type ProfileName = "listed" | "open" | "trusted";

/** A list of steps that failed once, as it is kept in cases/. */
export interface Case {
  /** What went wrong. */
  readonly about: string;
  readonly profile: ProfileName;
  readonly steps: readonly Step[];
}

/** What went wrong in a list of steps. */
export interface Failure {
  /** What, in one line. */
  readonly what: string;
  /** The index of the step, where it is known. */
  readonly step?: number | undefined;
}
