// Sockets of another process, for a test of what a process may be in: a network namespace, a lack of
// privileges. Each call happens there, and its promise is settled by what it gave or threw.

import { spawn, type ChildProcess } from "node:child_process";
import { on, once } from "node:events";
import type { Allow, ErrnoDescription, Net } from "wasi-sockets";
import type { Method } from "./sockets.js";

/** Net, with promises. */
export type RemoteNet = {
  [Name in Method]: (...args: Parameters<Net[Name]>) => Promise<ReturnType<Net[Name]>>;
};

interface Reply {
  readonly result: unknown;
  /** The arguments as the call left them. */
  readonly args: unknown[];
  readonly errno: ErrnoDescription | null;
  readonly error?: { readonly message: string };
}

const PROGRAM = `
  import { on } from "node:events";
  const { instantiate, open } = await import(process.argv[1]);
  const net = await open();
  let guest;
  process.on("disconnect", () => process.exit());
  const methods = {
    host: async (module, allow) => { guest = (await instantiate(module, { allow })).exports; },
    invoke: (name, ...args) => guest[name](...args),
    // A string: UTF-16, its length in bytes in the word before it.
    text: (name, ...args) => {
      const pointer = guest[name](...args);
      const length = new DataView(guest.memory.buffer).getUint32(pointer - 4, true);
      return Buffer.from(guest.memory.buffer, pointer, length).toString("utf16le");
    },
  };
  for await (const [{ method, args }] of on(process, "message")) {
    try {
      const result = await (methods[method] ?? net[method].bind(net))(...args);
      process.send({ result, args, errno: net.errno });
    } catch (error) {
      const { name, message } = error;
      process.send({ args, errno: net.errno, error: { ...error, name, message } });
    }
  }
`;

/** Copies bytes that a call filled to where the caller has them. */
function fill(target: unknown, source: unknown): void {
  if (target instanceof Uint8Array) target.set(source as Uint8Array);
  else if (typeof target === "object" && target !== null) {
    for (const [key, value] of Object.entries(target)) fill(value, (source as never)[key]);
  }
}

/** A process with sockets, and with one guest. */
export class Remote {
  readonly #process: ChildProcess;
  readonly #messages: AsyncIterator<unknown[]>;
  /** Its sockets. */
  readonly net: RemoteNet;
  /** The last failure of its sockets. */
  errno: ErrnoDescription | null = null;

  /** @param prefix what goes before the command, such as a host's */
  constructor(prefix: readonly string[] = []) {
    const library = import.meta.resolve("wasi-sockets");
    const node = [process.execPath, "--input-type=module", "-e", PROGRAM, library];
    const [command, ...args] = [...prefix, ...node];
    this.#process = spawn(command!, args, {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      serialization: "advanced",
      // Whoever waits for a call that hangs learns that the process has ended.
      timeout: 20_000,
      killSignal: "SIGKILL",
    });
    this.#messages = on(this.#process, "message", { close: ["exit"] });
    this.net = new Proxy({} as RemoteNet, {
      get:
        (_, method: string) =>
        (...args: unknown[]) =>
          this.#call(method, args),
    });
  }

  /** The number of its process. */
  get pid(): number {
    return this.#process.pid!;
  }

  /** Hosts a guest. */
  async host(module: Uint8Array, allow: Allow | true): Promise<void> {
    await this.#call("host", [module, allow]);
  }

  /** Calls a function that the guest exports. */
  async invoke(name: string, ...args: number[]): Promise<number> {
    return (await this.#call("invoke", [name, ...args])) as number;
  }

  /** Calls a function of the guest that gives a string. */
  async text(name: string, ...args: number[]): Promise<string> {
    return (await this.#call("text", [name, ...args])) as string;
  }

  async #call(method: string, args: unknown[]): Promise<unknown> {
    this.#process.send({ method, args });
    const { done, value } = (await this.#messages.next()) as IteratorResult<[Reply], undefined>;
    if (done) throw new Error(`the process ended in ${method}`);
    const reply = value[0];
    this.errno = reply.errno;
    fill(args, reply.args);
    if (reply.error) throw Object.assign(new Error(), reply.error);
    return reply.result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exit;
  }
}
