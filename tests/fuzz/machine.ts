// Runs the steps of a guest in this process, and finds what no step may do.

import { instantiate, type Allow } from "wasi-sockets";
import type { Abi, Hosted, Range } from "./abi.js";
import { DESCRIPTORS, PAGES } from "./generator.js";
import { forwarding } from "./module.js";
import type { Failure, Step } from "./step.js";
import { WatchedMemory } from "./view.js";

const PATTERN = 0xa5;
const NOTHING: readonly Range[] = [];

/** What a machine is given. */
export interface Setting {
  readonly abis: readonly Abi[];
  readonly allow: Allow | true;
  /** The file that its guests find open. */
  readonly file: string;
  /** Socket addresses by their names. */
  readonly places: Readonly<Record<string, Uint8Array>>;
  /** What ends the waits of its guests: a descriptor, and how it is written. */
  readonly wake: { readonly descriptor: number; wake(): void; drain(): void };
}

interface Guest {
  readonly memory: WebAssembly.Memory;
  readonly [name: string]: unknown;
}

type Export = (...args: (number | bigint)[]) => number | bigint | undefined;

/** Runs lists of steps. */
export class Machine {
  readonly #setting: Setting;
  readonly #module: WebAssembly.Module;
  readonly #functions = new Map<string, { abi: Abi; name: string }>();
  /** How many calls there were, and how many of them succeeded, by name. */
  readonly counts = new Map<string, { calls: number; successes: number }>();

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#module = new WebAssembly.Module(forwarding(setting.abis, [PAGES.initial, PAGES.maximum]));
    for (const abi of setting.abis) {
      for (const name of Object.keys(abi.imports)) {
        this.#functions.set(`${abi.module}.${name}`, { abi, name });
        this.counts.set(`${abi.module}.${name}`, { calls: 0, successes: 0 });
      }
    }
  }

  /**
   * Runs the steps of one guest.
   *
   * @param inspect finds what is wrong with the process, while the guest that is done is still alive
   * @returns what went wrong; undefined where nothing did
   */
  async run(
    steps: readonly Step[],
    inspect?: () => string | undefined,
  ): Promise<Failure | undefined> {
    const { abis } = this.#setting;
    const hosted: [module: string, hosted: Hosted][] = [];
    for (const { module, host } of abis) {
      if (host !== undefined) hosted.push([module, await host(this.#setting)]);
    }
    try {
      return await this.#run(steps, hosted, inspect);
    } finally {
      for (const [, guest] of hosted) guest.close();
    }
  }

  async #run(
    steps: readonly Step[],
    hosted: readonly (readonly [module: string, Hosted])[],
    inspect?: () => string | undefined,
  ): Promise<Failure | undefined> {
    const { allow, file, wake } = this.#setting;
    using instance = await instantiate<Guest>(this.#module, {
      allow,
      descriptors: DESCRIPTORS.limit,
      preopens: [file],
      imports: Object.fromEntries(hosted.map(([module, { imports }]) => [module, imports])),
      wake: wake.descriptor,
    });
    const memory = new WatchedMemory(instance.exports.memory, PATTERN);
    for (const [, guest] of hosted) guest.attach(instance.exports.memory);
    let waits = false;
    for (const [index, step] of steps.entries()) {
      if (step[0] === "wait") {
        waits = true;
        wake.drain();
        continue;
      }
      if (step[0] === "call" && !waits) wake.wake();
      const what = this.#step(step, instance.exports, memory);
      if (what !== undefined) return { what, step: index };
      if (step[0] === "call") waits = false;
    }
    const what = inspect?.();
    return what === undefined ? undefined : { what };
  }

  #step(
    step: Exclude<Step, readonly ["wait"]>,
    guest: Guest,
    memory: WatchedMemory,
  ): string | undefined {
    switch (step[0]) {
      case "write":
        memory.write(step[1], Buffer.from(step[2], "hex"));
        return undefined;
      case "address":
        memory.write(step[1], this.#setting.places[step[2]]!);
        return undefined;
      case "grow":
        memory.grow(step[1]);
        return undefined;
      case "call": {
        const [, name, ...args] = step;
        return this.#call(name, args, guest[name] as Export, memory);
      }
    }
  }

  #call(
    name: string,
    args: readonly number[],
    call: Export,
    memory: WatchedMemory,
  ): string | undefined {
    const { abi, name: short } = this.#functions.get(name)!;
    const count = this.counts.get(name)!;
    const { parameters, writes } = abi.imports[short]!;
    const ranges = writes?.(memory, args) ?? NOTHING;
    let result: number | undefined;
    count.calls++;
    try {
      const given = call(
        ...args.map((value, i) => (parameters[i] === "i64" ? BigInt(value) : value)),
      );
      result = given === undefined ? undefined : Number(given);
    } catch (error) {
      // What a guest is to be ended with comes as an error of its own.
      if (abi.throws?.test((error as Error).message) !== true) {
        return `${name} throws ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
      }
    }
    if (result === undefined || result >= 0) count.successes++;
    if (!abi.gives(short, args, result)) return `${name} gives ${String(result)}`;
    const changed = memory.changed(abi.written(short, result, ranges));
    if (changed === undefined) return undefined;
    return `${name} gives ${String(result)}, and changes the byte at ${changed}, which is none of its own`;
  }
}
