// What a guest's thread shares with the one that runs it: what it has of the machine, and whether it is to
// end. The two agree as follows. The guest's thread says that it is inside a host call before it looks
// whether it is to end; the other says that it is to end before it looks whether that one is inside. So once
// it was told to end and is outside, it makes no system call any more, and every descriptor is written down.
// A thread that starts is neither: koffi aborts the process where its thread is terminated while it is loaded.

import { FIRST_SOCKET, type Held } from "../descriptors.js";
import type { Ledger } from "../guest.js";
import type { Limits } from "../limits.js";

/** The words of the flags. */
const ENDING = 0;
const PLACE = 1;
const FLAGS_SIZE = 8;

/** Where the guest's thread is: still loading what makes its host calls, in the guest, in a host call. */
const STARTING = 0;
const OUTSIDE = 1;
const INSIDE = 2;

/** What is thrown through a guest that is to end. */
export class Ended extends Error {
  constructor() {
    super("the guest was ended");
  }
}

type Import = (...args: unknown[]) => unknown;
type Imports = Readonly<Record<string, Import>>;
/** A method of up to so many parameters. */
type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Memory of two threads. */
export class Shared implements Ledger {
  readonly descriptors: Held;
  readonly lookUps: Float64Array;
  readonly #flags: Int32Array;
  /** How deep the methods are in each other. */
  #depth = 0;

  /**
   * @param buffer from `allocate`, the same in both threads
   * @param limits of the guest, the same as well
   */
  constructor(
    readonly buffer: SharedArrayBuffer,
    { lookups }: Limits,
  ) {
    this.#flags = new Int32Array(buffer, 0, FLAGS_SIZE / Int32Array.BYTES_PER_ELEMENT);
    this.lookUps = new Float64Array(buffer, FLAGS_SIZE, lookups);
    this.descriptors = new Int32Array(buffer, FLAGS_SIZE + this.lookUps.byteLength);
  }

  /** Takes memory for a guest. */
  static allocate({ descriptors, lookups }: Limits): SharedArrayBuffer {
    const words = (FIRST_SOCKET + descriptors) * Int32Array.BYTES_PER_ELEMENT;
    return new SharedArrayBuffer(FLAGS_SIZE + lookups * Float64Array.BYTES_PER_ELEMENT + words);
  }

  /** Tells the guest's thread to end. */
  end(): void {
    Atomics.store(this.#flags, ENDING, 1);
  }

  /** Tells that the guest's thread has loaded all that it needs. */
  started(): void {
    Atomics.store(this.#flags, PLACE, OUTSIDE);
  }

  /** Whether the guest's thread has yet to load what makes its host calls. */
  get starting(): boolean {
    return Atomics.load(this.#flags, PLACE) === STARTING;
  }

  /** Whether the guest's thread is inside a host call. */
  get inside(): boolean {
    return Atomics.load(this.#flags, PLACE) === INSIDE;
  }

  /**
   * Makes imports that let go of a guest that is to end, before each call and after it.
   *
   * @param imports functions of at most nine parameters, which may be given more than they have
   */
  gate(imports: Imports): Imports {
    // A rest parameter would allocate an array for every call.
    return mapped(imports, (call) => (a, b, c, d, e, f, g, h, i) => {
      this.#enter();
      try {
        return call(a, b, c, d, e, f, g, h, i);
      } finally {
        this.#leave();
      }
    });
  }

  /** The same for functions that count their arguments. */
  gateCounted(imports: Imports): Imports {
    return mapped(imports, (call) => (...args) => {
      this.#enter();
      try {
        return call(...args);
      } finally {
        this.#leave();
      }
    });
  }

  /**
   * The same for a method that may call others, of at most six parameters: the outermost is the call.
   *
   * @param call the method
   */
  gateMethod(call: Method): Method {
    // An arrow function would not know what it is called at.
    const enter = () => {
      if (this.#depth++ > 0) return;
      try {
        this.#enter();
      } catch (error) {
        this.#depth--;
        throw error;
      }
    };
    const leave = () => {
      if (--this.#depth === 0) this.#leave();
    };
    return function (this: unknown, a, b, c, d, e, f) {
      enter();
      try {
        return call.call(this, a, b, c, d, e, f);
      } finally {
        leave();
      }
    };
  }

  #enter(): void {
    Atomics.store(this.#flags, PLACE, INSIDE);
    if (Atomics.load(this.#flags, ENDING) === 0) return;
    Atomics.store(this.#flags, PLACE, OUTSIDE);
    throw new Ended();
  }

  #leave(): void {
    Atomics.store(this.#flags, PLACE, OUTSIDE);
    if (Atomics.load(this.#flags, ENDING) !== 0) throw new Ended();
  }
}

function mapped(imports: Imports, wrap: (call: Import) => Import): Imports {
  return Object.fromEntries(Object.entries(imports).map(([name, call]) => [name, wrap(call)]));
}
