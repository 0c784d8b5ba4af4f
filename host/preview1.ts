// The public API of `wasi-sockets/preview1`: node:wasi's class, with sockets.

import { WASI as NodeWASI } from "node:wasi";
import { choose, wasiPreview1 } from "./adapters/preview1/index.js";
import type { Address } from "./address.js";
import { ForeignFile } from "./descriptors.js";
import { Exit } from "./exit.js";
import { Guest, type GuestOptions } from "./guest.js";
import { GuestMemory } from "./memory.js";
import { openConnection, openListener, parseEndpoint, type Opened } from "./given.js";
import { STREAMS, Stdio } from "./stdio.js";
import { PREVIEW1_CALLS } from "./trace/preview1.js";
import { Tracer } from "./trace.js";
import { Blocking } from "./wait/blocking.js";
import type { Waker } from "./waker.js";

/** What a guest is given: the options of node:wasi's WASI, and those of this package. */
export interface WASIOptions extends Omit<GuestOptions, "preopens"> {
  /** As node:wasi has it; there is no other. */
  readonly version?: "preview1" | undefined;
  /** Its arguments, of which the first is by custom its name. */
  readonly args?: readonly string[] | undefined;
  /** Its environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Directories that it finds open, from 3 up: their names in the guest, and their paths. */
  readonly preopens?: Readonly<Record<string, string>> | undefined;
  /** Sockets that it finds listening, behind the directories: "127.0.0.1:8080", "[::1]:0", "unix:/path". */
  readonly listen?: readonly string[] | undefined;
  /** Connections that it finds open or under way, behind the listeners, written alike. */
  readonly connect?: readonly string[] | undefined;
  /** Whether `start` returns the exit code, which it does, or ends the process with it. */
  readonly returnOnExit?: boolean | undefined;
  /** Descriptors of its standard streams: 0, 1 and 2. */
  readonly stdin?: number | undefined;
  readonly stdout?: number | undefined;
  readonly stderr?: number | undefined;
  /** The descriptor of a Waker that ends its blocked calls. */
  readonly wake?: Waker["descriptor"] | undefined;
  /** Takes a line for each of its calls of sockets, as strace(1) writes them, without the line's end. */
  readonly trace?: ((line: string) => void) | undefined;
}

/** A socket that a guest finds open. */
export interface PreopenedSocket {
  /** The guest's number. */
  readonly fd: number;
  /** Where it listens, or is connected from. */
  readonly address: Address;
}

const MODULE = "wasi_snapshot_preview1";

/** What a command or a reactor may export. */
type Functions = Partial<Record<"_start" | "_initialize", () => void>>;

function checkVersion(version: unknown): void {
  if (version === undefined || version === "preview1") return;
  throw new TypeError(`version ${JSON.stringify(version)} is not "preview1"`);
}

/**
 * WASI preview 1 for one instance, in the place of node:wasi's class of that name: its files, its clocks and all that
 * is no socket are node:wasi's. Sockets are preopened listeners and connections, or opened by the extensions of
 * WasmEdge and of WAMR, as `allow` has it; calls that wait block the thread.
 */
export class WASI {
  /** The functions, for the import of `wasi_snapshot_preview1`. */
  readonly wasiImport: WebAssembly.ModuleImports;
  /** The sockets that were opened for it, in the order of `listen` and then of `connect`. */
  readonly sockets: readonly PreopenedSocket[];
  readonly #guest: Guest;
  readonly #memory = new GuestMemory();
  readonly #base: NodeWASI;
  readonly #returnOnExit: boolean;

  /**
   * @param options as above
   * @throws TypeError, RangeError for options that cannot be read; SocketError for what cannot be opened
   */
  constructor(options: WASIOptions = {}) {
    const { args = [], env = {}, preopens = {}, stdin = 0, stdout = 1, stderr = 2 } = options;
    const { version, listen = [], connect = [], trace, wake = -1 } = options;
    checkVersion(version);
    this.#returnOnExit = options.returnOnExit ?? true;
    const listeners = listen.map((entry) => parseEndpoint("listen", entry));
    const peers = connect.map((entry) => parseEndpoint("connect", entry));
    const tracer = trace && new Tracer(this.#memory, trace);
    const onDenied: GuestOptions["onDenied"] = (event) => {
      tracer?.denied(event);
      options.onDenied?.(event);
    };
    this.#guest = new Guest({ ...options, preopens: [], onDenied });
    const { descriptors } = this.#guest;
    const wanted = Object.keys(preopens).length + listeners.length + peers.length;
    if (wanted > descriptors.room) {
      throw new RangeError(`${wanted} preopens are more than ${descriptors.room} descriptors`);
    }
    this.#base = new NodeWASI({
      version: "preview1",
      args: [...args],
      env: { ...env },
      preopens: { ...preopens },
      stdin,
      stdout,
      stderr,
    });
    Object.keys(preopens).forEach((_, i) => descriptors.add(new ForeignFile(STREAMS + i)));
    try {
      this.sockets = [
        ...listeners.map((address) => this.#give(openListener(address, false))),
        ...peers.map((address) => this.#give(openConnection(address))),
      ];
    } catch (error) {
      this.dispose();
      throw error;
    }
    const stdio = new Stdio([stdin, stdout, stderr], wake, new Int32Array(STREAMS));
    const { own, passed } = wasiPreview1({
      guest: this.#guest,
      memory: this.#memory,
      stdio,
      wait: new Blocking(descriptors, wake),
      base: this.#base.wasiImport as never,
    });
    const shown = tracer ? tracer.wrap(own as never, PREVIEW1_CALLS) : own;
    this.wasiImport = {
      ...passed,
      ...choose(shown, () => undefined),
    };
  }

  #give(opened: Opened): PreopenedSocket {
    return { fd: this.#guest.give(opened), address: opened.address };
  }

  /** An import object with `wasiImport` under the name of the module. */
  getImportObject(): { wasi_snapshot_preview1: WebAssembly.ModuleImports } {
    return { [MODULE]: this.wasiImport };
  }

  /**
   * Runs a command: calls its `_start`.
   *
   * @returns its exit code
   * @throws TypeError where it exports no `_start` or no memory; what the guest throws
   */
  start(instance: { readonly exports: WebAssembly.Exports }): number {
    const { _start } = instance.exports as Functions;
    if (typeof _start !== "function") throw new TypeError("the guest exports no function _start");
    this.#attach(instance);
    try {
      _start();
      return 0;
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
      return this.#returnOnExit ? error.code : process.exit(error.code);
    }
  }

  /**
   * Makes a reactor ready: calls its `_initialize`, where it has one.
   *
   * @throws TypeError where it exports a `_start`, or no memory; what the guest throws
   */
  initialize(instance: { readonly exports: WebAssembly.Exports }): void {
    const { _start, _initialize } = instance.exports as Functions;
    if (_start !== undefined) throw new TypeError("the guest exports _start: it is a command");
    this.#attach(instance);
    if (typeof _initialize === "function") _initialize();
  }

  #attach({ exports: { memory } }: { readonly exports: WebAssembly.Exports }): void {
    if (!(memory instanceof WebAssembly.Memory)) {
      throw new TypeError("the guest exports no memory");
    }
    // node:wasi looks for the memory there, and calls what it finds beside it, which is nothing.
    this.#base.initialize({ exports: { memory } });
    this.#memory.attach(memory);
  }

  /** Closes every socket that the guest left open. */
  dispose(): void {
    this.#guest.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
