// Running a guest in a thread of its own, where its calls may block: and ending it, whatever it does.

import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { closeNative } from "../closing.js";
import { Descriptor, FIRST_SOCKET, NO_SOCKET } from "../descriptors.js";
import { openListener, parseEndpoint, type Given } from "../given.js";
import { Guest, type GuestOptions } from "../guest.js";
import { readLimits, type Limits } from "../limits.js";
import { takeOver } from "../lookups/index.js";
import { preopen } from "../preopen.js";
import { load, read, type Source } from "../source.js";
import { requireSuspension } from "../suspend.js";
import { Waker } from "../waker.js";
import { isComponent } from "../wasm.js";
import {
  WASI_MODULE,
  unpack,
  type ComponentCode,
  type ModuleCode,
  type Outcome,
  type Setup,
  type Told,
} from "./setup.js";
import { Shared } from "./shared.js";
import { openInput, openOutput, type Input, type Output, type Stream } from "./streams.js";
import { transpile } from "./transpile.js";

/** What a guest is run with. */
export interface RunOptions extends GuestOptions {
  /** Its arguments, of which the first is by custom its name. */
  readonly args?: readonly string[] | undefined;
  /** Its environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Its standard input: a stream, a descriptor, null for none; this process's where it is absent. */
  readonly stdin?: Input | undefined;
  /** Its standard output, as above. */
  readonly stdout?: Output | undefined;
  /** Its standard error, as above. */
  readonly stderr?: Output | undefined;
  /**
   * Sockets that it finds listening, from 3 up and before `preopens`: "127.0.0.1:8080", "[::1]:0", "unix:/path". A
   * component finds none: it may bind and listen there itself, on no Unix socket.
   */
  readonly listen?: readonly string[] | undefined;
  /** Whether others may listen there as well, SO_REUSEPORT. */
  readonly reuseport?: boolean | undefined;
  /** Takes a line for each of its calls, as strace(1) writes them; true writes them to standard error. */
  readonly trace?: boolean | ((line: string) => void) | undefined;
  /** What a call does that has to wait: see `instantiate`. Its thread is its own in any case. */
  readonly wait?: "block" | "suspend" | undefined;
  /** Ends it: `run` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which it is ended: `run` then rejects with a TimeoutError. */
  readonly timeout?: number | undefined;
}

/** The longest time that a timer of Node's takes. */
const TIMEOUT_MAX = 2 ** 31 - 1;
/** What exit(3) tells of an exit code. */
const EXIT_MASK = 0xff;
/** How often a thread that is told to end is asked whether it may be terminated, in milliseconds. */
const LOOK_AGAIN = 1;
/**
 * How long it is asked whether it has left its host call, in milliseconds: one that ran out of stack on its way out says
 * for ever that it is inside.
 */
const PATIENCE = 1000;

/** The guests that run: they end with the process. */
const running = new Set<Run>();

function endAll(): void {
  for (const run of running) run.tell();
}

/** A guest that runs. */
class Run {
  readonly #shared: Shared;
  readonly #waker = new Waker();
  readonly #streams: Stream[] = [];
  #worker: Worker | undefined;
  #suspends = false;
  #end: { readonly reason: unknown } | undefined;
  /** Tells that the guest was ended. */
  #stop!: () => void;
  readonly #stopped = new Promise<void>((resolve) => (this.#stop = resolve));
  #failure: { readonly error: unknown } | undefined;
  #outcome: Outcome | undefined;

  constructor(readonly limits: Limits) {
    this.#shared = new Shared(Shared.allocate(limits), limits);
  }

  /** Opens all that the guest finds open; what was opened is written down even where this throws. */
  #open(options: RunOptions): Pick<Setup, "stdio" | "given"> {
    const held = this.#shared.descriptors;
    const given: Given[] = [];
    const give = (descriptor: Given) => {
      held[FIRST_SOCKET + given.length] = descriptor.native + 1;
      given.push(descriptor);
    };
    for (const address of (options.listen ?? []).map((entry) => parseEndpoint("listen", entry))) {
      give(openListener(address, options.reuseport === true));
    }
    for (const path of options.preopens ?? []) give(preopen(path));
    const keep = (stream: Stream) => {
      held[this.#streams.length] = stream.native + 1;
      this.#streams.push(stream);
      return stream.native;
    };
    const stdio = [
      keep(openInput(options.stdin)),
      keep(openOutput("stdout", 1, options.stdout)),
      keep(openOutput("stderr", 2, options.stderr)),
    ] as const;
    return { stdio, given };
  }

  /** Runs the guest to its end: its exit code. */
  async run(code: ModuleCode | ComponentCode, options: RunOptions): Promise<number> {
    try {
      const { args = [], env = {}, allow, onDenied, trace, wait = "block" } = options;
      await this.#live(
        {
          code,
          // As `check` has seen to it, it is no function.
          allow: allow as Setup["allow"],
          limits: this.limits,
          args,
          env,
          wait: code.kind === "component" && code.suspends ? "suspend" : wait,
          tells: { denied: onDenied !== undefined, traces: isOn(trace) },
          sharesPorts: options.reuseport === true,
          wake: this.#waker.descriptor,
          buffer: this.#shared.buffer,
          ...this.#open(options),
        },
        listenerOf(options),
      );
      this.#closeAll(); // by which its output ends
      if (this.#outcome !== undefined) await Promise.race([this.#drain(), this.#stopped]);
    } finally {
      this.#closeAll();
      for (const stream of this.#streams) stream.release();
    }
    if (this.#end !== undefined) throw this.#end.reason;
    if (this.#failure !== undefined) throw this.#failure.error;
    if ("thrown" in this.#outcome!) throw unpack(this.#outcome.thrown);
    return this.#outcome!.code & EXIT_MASK;
  }

  /** Comes back once all of the guest's output has arrived. */
  async #drain(): Promise<void> {
    await Promise.all(this.#streams.map((stream) => stream.drain()));
  }

  /** Lives as long as the guest's thread. */
  async #live(setup: Setup, hear: (told: Told) => void): Promise<void> {
    const worker = new Worker(new URL("worker.js", import.meta.url), {
      workerData: setup,
      execArgv: ["--disable-warning=ExperimentalWarning"], // of node:wasi
    });
    this.#worker = worker;
    this.#suspends = setup.wait === "suspend";
    running.add(this);
    worker.on("message", (said: Outcome | Told) => {
      if ("code" in said || "thrown" in said) this.#outcome = said;
      else hear(said);
    });
    worker.on("error", (error) => (this.#failure = { error }));
    const code = await new Promise<number>((resolve) => worker.once("exit", resolve));
    running.delete(this);
    this.#worker = undefined;
    const error = new Error(`the guest's thread ended with exit code ${code}`);
    if (this.#outcome === undefined) this.#failure ??= { error };
  }

  /** Closes what the guest's thread, which is gone, has left, and what was made for it. */
  #closeAll(): void {
    const held = this.#shared.descriptors;
    for (const [fd, entry] of held.entries()) {
      if (entry === 0) continue;
      held[fd] = 0;
      const descriptor = new Descriptor(entry - 1, NO_SOCKET, NO_SOCKET, 0);
      descriptor.lingers = fd >= FIRST_SOCKET; // as far as anybody knows
      closeNative(descriptor);
    }
    takeOver(this.#shared.lookUps);
    this.#waker.dispose();
  }

  /** Tells the guest's thread to end, and does not wait for it. */
  tell(): void {
    this.#shared.end();
    this.#waker.wake();
  }

  /** Ends the guest: `run` rejects with a reason, the first that is given. */
  async end(reason: unknown): Promise<void> {
    if (this.#end !== undefined) return;
    this.#end = { reason };
    this.#stop();
    this.tell();
    // A thread whose guest is suspended ends from within: koffi may be about to call it.
    if (this.#suspends) this.#worker?.postMessage("end");
    await this.#until(() => !this.#shared.starting, Infinity);
    await this.#until(() => !this.#suspends && !this.#shared.inside, PATIENCE);
    await this.#worker?.terminate();
  }

  /** Comes back once the guest's thread is so far, or has ended, or after so many milliseconds. */
  async #until(met: () => boolean, patience: number): Promise<void> {
    const end = performance.now() + patience;
    while (this.#worker !== undefined && !met() && performance.now() < end) await pause(LOOK_AGAIN);
  }
}

function isOn(trace: RunOptions["trace"]): boolean {
  return trace !== undefined && trace !== false;
}

/** Who hears what the guest's thread tells. */
function listenerOf({ onDenied, trace }: RunOptions): (told: Told) => void {
  const write =
    typeof trace === "function" ? trace : (line: string) => process.stderr.write(`${line}\n`);
  return (told) => {
    if ("line" in told) {
      write(told.line);
      return;
    }
    try {
      onDenied?.(told.denied);
    } catch {
      // As of `instantiate`, what it throws is lost.
    }
  };
}

/** Finds what cannot be given to another thread, or is no such option at all. */
function check(options: RunOptions): Limits {
  const { allow, timeout, args = [], env = {}, listen = [], preopens = [] } = options;
  const limits = readLimits(options);
  if (options.wait === "suspend") requireSuspension();
  else if (options.wait !== undefined && (options.wait as string) !== "block") {
    throw new TypeError(`wait ${JSON.stringify(options.wait)} is neither "block" nor "suspend"`);
  }
  const parts = typeof allow === "object" ? Object.entries(allow) : [["", allow] as const];
  for (const [name, value] of parts) {
    if (typeof value !== "function") continue;
    throw new TypeError(
      `allow${name && `.${name}`} is a function: run has its guest in another thread, and takes true or lists alone`,
    );
  }
  if (
    timeout !== undefined &&
    !(Number.isFinite(timeout) && timeout > 0 && timeout <= TIMEOUT_MAX)
  ) {
    throw new RangeError(`timeout ${timeout} is not a number of milliseconds up to ${TIMEOUT_MAX}`);
  }
  new Guest({ allow }).dispose(); // throws for what cannot be read here, and not over there
  const opened = listen.length + preopens.length;
  if (opened > limits.descriptors) {
    throw new RangeError(
      `${opened} listeners and files are more than ${limits.descriptors} descriptors`,
    );
  }
  for (const text of [...args, ...Object.entries(env).flat()]) {
    if (typeof (text as unknown) === "string" && !text.includes("\0")) continue;
    throw new TypeError(
      `${JSON.stringify(text)} is no argument or environment: text without a NUL`,
    );
  }
  return limits;
}

/** Finds what a component cannot be given: WASI has no files or Unix sockets for it, and jco's code waits. */
function checkComponent({ listen = [], preopens = [], wait }: RunOptions): void {
  for (const entry of listen) {
    if (parseEndpoint("listen", entry).family !== "unix") continue;
    throw new TypeError(`a component has no Unix sockets: listen ${entry}`);
  }
  const [file] = preopens;
  if (file !== undefined) throw new TypeError(`a component finds no open file: preopens ${file}`);
  if (wait === "suspend") throw new TypeError('wait "suspend" is for modules: a component blocks');
}

/**
 * What a component is run with. WASI has no sockets that are open from the start: where a module finds a listener, a
 * component may bind and listen itself.
 */
function componentOptions({ listen = [], allow, ...options }: RunOptions): RunOptions {
  const lists = allow as Setup["allow"]; // as `check` has seen to it
  if (lists === true || lists?.bind === true) return { ...options, allow };
  const bind = [...(lists?.bind ?? []), ...listen.map((entry) => `tcp:${entry}`)];
  return { ...options, allow: { ...lists, bind } };
}

/** A guest that is ready to be run, as often as one likes. */
export class Prepared {
  constructor(readonly code: ModuleCode | ComponentCode) {}
}

/**
 * Compiles a guest.
 *
 * @param source a path, a file URL, bytes or a compiled module
 * @param options what it is to be run with
 * @param signal ends it
 * @param beside the path or URL of the guest, where `source` is its bytes
 */
export async function prepare(
  source: Source,
  options: RunOptions,
  signal: AbortSignal,
  beside = source,
): Promise<Prepared> {
  const bytes = await read(source);
  if (!(bytes instanceof WebAssembly.Module) && isComponent(bytes)) {
    checkComponent(options);
    return new Prepared(await transpile(bytes, beside, isOn(options.trace), signal));
  }
  const { module, parameters } = await load(bytes);
  return new Prepared({ kind: "module", module, parameters: parameters(WASI_MODULE) });
}

/** What `run` of the package does, on a machine that can. */
export async function run(source: Source | Prepared, options: RunOptions): Promise<number> {
  const limits = check(options);
  const { signal, timeout } = options;
  const ending = new AbortController();
  const abort = () => {
    ending.abort(signal?.reason);
  };
  const expire = () => {
    ending.abort(new DOMException(`the guest ran for ${timeout} ms`, "TimeoutError"));
  };
  const timer = timeout === undefined ? undefined : setTimeout(expire, timeout);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    signal?.throwIfAborted();
    const { code } =
      source instanceof Prepared ? source : await prepare(source, options, ending.signal);
    ending.signal.throwIfAborted();
    const guest = new Run(limits);
    ending.signal.addEventListener("abort", () => void guest.end(ending.signal.reason), {
      once: true,
    });
    return await guest.run(code, code.kind === "component" ? componentOptions(options) : options);
  } finally {
    signal?.removeEventListener("abort", abort);
    clearTimeout(timer);
  }
}

process.on("exit", endAll);
