// The first kind of fuzzing: every import of every ABI, with any numbers and any memory.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ABIS } from "./abi.js";
import { episode } from "./episode.js";
import { isolation } from "./isolation.js";
import { makeModule } from "./modules.js";
import { minimise } from "./minimise.js";
import type { Counts, Job, ModulesJob } from "./job.js";
import type { Case, ProfileName, Step } from "./step.js";
import { judge, tracing } from "./strace.js";
import { watch, Surroundings, type Outcome, type Running } from "./watcher.js";

/** How long a child may be silent while its steps are made fewer, in milliseconds. */
const IMPATIENCE = 5000;

/** How many guests may begin before it is seen what one has done. */
const LATE = 8;

/** What a run of calls is to do. */
export interface CallsOptions {
  readonly profile: ProfileName;
  readonly seed: number;
  readonly calls: number;
  /** The number of the first guest: 0. */
  readonly from?: number;
  /** Whether strace(1) watches as well, where it is there. */
  readonly strace?: boolean;
  readonly progress?: (guest: number) => void;
}

/** What a run of calls found. */
export interface CallsOutcome {
  /** The failure with the least steps that still show it. */
  readonly failed?: Case;
  readonly counts: Counts;
  /** How many socket addresses strace saw and judged. */
  readonly addresses?: number;
  /** Why nothing was run. */
  readonly skipped?: string;
}

/** How many modules a process tries: one that is ended leaves its sockets behind. */
const CHUNK = 500;
/** What the memory of one may grow to, in pages of WebAssembly. */
const PAGES_MAX = 1024;

/** What a run of modules found. */
export interface ModulesOutcome {
  /** How many there were of each kind, and how many of them could be instantiated. */
  readonly counts: Counts;
  readonly failed?: string;
  /** The module that failed. */
  readonly bytes?: Uint8Array;
}

/** Runs fuzzed guests in children. */
export class Calls implements AsyncDisposable {
  readonly #surroundings: Surroundings;
  readonly #isolation = isolation();

  private constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Opens what its guests may reach, and may not. */
  static async open(): Promise<Calls> {
    return new Calls(await Surroundings.open());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#surroundings[Symbol.asyncDispose]();
  }

  /** What stands before a child of a profile; a string says why there can be none. */
  #prefix(profile: ProfileName): readonly string[] | string {
    if (profile === "listed") return [];
    return this.#isolation ?? `the profile "${profile}" takes user and network namespaces`;
  }

  async #watch(
    profile: ProfileName,
    guests: Job["guests"],
    running: Running = {},
  ): Promise<Outcome> {
    const prefix = this.#prefix(profile);
    if (typeof prefix === "string") throw new Error(prefix);
    return watch(this.#surroundings, profile, guests, {
      ...running,
      prefix: [...prefix, ...(running.prefix ?? [])],
    });
  }

  /** Runs one list of steps: what went wrong; undefined where nothing did. */
  async replay(
    profile: ProfileName,
    steps: readonly Step[],
    patience?: number,
  ): Promise<string | undefined> {
    const prefix = this.#prefix(profile);
    if (typeof prefix === "string") return undefined;
    const { failure } = await this.#watch(
      profile,
      { steps },
      patience === undefined ? {} : { patience },
    );
    return failure?.what;
  }

  /** The same without a namespace of its own: the sockets that are watched can be reached. */
  async replayHere(profile: ProfileName, steps: readonly Step[]): Promise<string | undefined> {
    return (await watch(this.#surroundings, profile, { steps })).failure?.what;
  }

  /** Runs guests by their seed. */
  async run(options: CallsOptions): Promise<CallsOutcome> {
    const { profile, seed, calls, from = 0, strace = false, progress } = options;
    const prefix = this.#prefix(profile);
    if (typeof prefix === "string") return { counts: {}, skipped: prefix };
    const directory = mkdtempSync(join(tmpdir(), "wasi-sockets-strace-"));
    try {
      const file = join(directory, "trace");
      const traced = strace ? tracing(file) : undefined;
      const running = { ...(traced && { prefix: traced }), ...(progress && { progress }) };
      const outcome = await this.#watch(profile, { seed, from, calls }, running);
      const { counts } = outcome;
      if (outcome.failure !== undefined) {
        return { counts, failed: await this.#shorten(profile, seed, outcome) };
      }
      if (traced === undefined) return { counts };
      const { address, forbidden6 } = this.#surroundings;
      const { addresses, trespasses } = judge(file, address, forbidden6);
      const about = `seed ${seed}, guests from ${from}: ${trespasses[0]}`;
      return {
        counts,
        addresses,
        ...(trespasses.length > 0 && { failed: { about, profile, steps: [] } }),
      };
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  /** Tries modules. */
  async modules(job: ModulesJob): Promise<ModulesOutcome> {
    const counts: Record<string, { calls: number; successes: number }> = {};
    const end = job.from + job.count;
    for (let from = job.from; from < end; from += CHUNK) {
      const modules = { ...job, from, count: Math.min(CHUNK, end - from) };
      const running = { node: [`--wasm-max-mem-pages=${PAGES_MAX}`] };
      const { failure, guest, ...outcome } = await watch(
        this.#surroundings,
        "listed",
        { modules },
        running,
      );
      for (const [name, { calls, successes }] of Object.entries(outcome.counts)) {
        const sum = (counts[name] ??= { calls: 0, successes: 0 });
        sum.calls += calls;
        sum.successes += successes;
      }
      if (failure === undefined) continue;
      const failed = `seed ${job.seed}, module ${guest}: ${failure.what}`;
      const { bytes } = makeModule(
        job,
        guest,
        job.sources.map((path) => readFileSync(path)),
      );
      return { counts, failed, bytes };
    }
    return { counts };
  }

  /** The failure of a guest with as few steps as still show it. */
  async #shorten(profile: ProfileName, seed: number, { failure, guest }: Outcome): Promise<Case> {
    const about = (number: number): string => `seed ${seed}, guest ${number}: ${failure!.what}`;
    const fails = async (steps: readonly Step[]) =>
      (await this.replay(profile, steps, IMPATIENCE)) !== undefined;
    // What reaches a peer is seen a little later.
    for (let number = guest; number >= Math.max(0, guest - LATE); number--) {
      const all = episode(ABIS, seed, number);
      if (await fails(all))
        return { about: about(number), profile, steps: await minimise(all, fails) };
    }
    return { about: `${about(guest)} (not when it runs alone)`, profile, steps: [] };
  }
}
