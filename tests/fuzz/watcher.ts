// Watches a child that runs fuzzed guests: whether it lives, answers, stays within its own descriptors, and
// reaches nobody that it may not.

import { spawn, type ChildProcess } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DESCRIPTORS } from "./generator.js";
import type { Counts, Job, Report } from "./job.js";
import { PORTS, ownAddress } from "./places.js";
import type { Failure, ProfileName } from "./step.js";

const CHILD = fileURLToPath(
  new URL("build/tests/fuzz/child.js", import.meta.resolve("wasi-sockets/package.json")),
);
/** Descriptors of the child that lead back here: their numbers are those of a guest's own sockets. */
const TRAPS = DESCRIPTORS.limit;
/** A child that says nothing for so long is stuck, in milliseconds. */
const PATIENCE = 30_000;

/** What became of a job. */
export interface Outcome {
  readonly failure?: Failure;
  /** The guest that was the last one to begin. */
  readonly guest: number;
  readonly counts: Counts;
}

/** Sockets of this process: one that answers everybody, and those that nobody may reach. */
export class Surroundings implements AsyncDisposable {
  readonly address = ownAddress(process.pid);
  /** Told of what reached the forbidden sockets. */
  onTrespass: (what: string) => void = () => undefined;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #datagrams = createSocket("udp4");
  #forbidden6 = 0;

  /** Opens them. */
  static async open(): Promise<Surroundings> {
    const surroundings = new Surroundings();
    await surroundings.#open();
    return surroundings;
  }

  /** The port of [::1] that nobody may reach. */
  get forbidden6(): number {
    return this.#forbidden6;
  }

  async #open(): Promise<void> {
    const { address } = this;
    const answer = (socket: Socket): void => {
      socket.on("data", (data) => socket.write(data));
      // So that its guests see ends and resets as well.
      socket.setTimeout(100, () => socket.resetAndDestroy());
    };
    await this.#listen(answer, { host: address, port: PORTS.allowed });
    await this.#listen(answer, { path: `\0${address}/allowed` });
    await this.#listen(this.#forbid("TCP"), { host: address, port: PORTS.forbidden });
    await this.#listen(this.#forbid("Unix"), { path: `\0${address}/forbidden` });
    const listener6 = await this.#listen(this.#forbid("TCP over IPv6"), { host: "::1", port: 0 });
    this.#forbidden6 = (listener6.address() as AddressInfo).port;
    this.#datagrams.on("message", (message) => {
      this.onTrespass(`a datagram of ${message.length} bytes reached the forbidden port`);
    });
    this.#datagrams.bind(PORTS.forbidden, address);
    await once(this.#datagrams, "listening");
  }

  #forbid(kind: string) {
    return (socket: Socket): void => {
      this.onTrespass(`a ${kind} connection reached the forbidden port`);
      socket.destroy();
    };
  }

  async #listen(serve: (socket: Socket) => void, place: object): Promise<Server> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
      serve(socket);
    });
    server.listen(place);
    await once(server, "listening");
    this.#servers.push(server);
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#datagrams.close();
    await Promise.all(
      this.#servers.map((server) => {
        server.close();
        return once(server, "close");
      }),
    );
  }
}

/** How a child is run. */
export interface Running {
  /** What stands before node and its arguments: strace, unshare. */
  readonly prefix?: readonly string[];
  /** Options of Node itself. */
  readonly node?: readonly string[];
  /** Told how far it is: the number of the guest that begins. */
  readonly progress?: (guest: number) => void;
  /** A child that says nothing for so long is stuck, in milliseconds. */
  readonly patience?: number;
}

/** The traps of a child: what comes out of them is what nobody should have written. */
function watchTraps(child: ChildProcess, tell: (what: string) => void): void {
  for (const [index, trap] of child.stdio.slice(3).entries()) {
    (trap as Socket).on("data", (data: Buffer) => {
      tell(`${data.length} bytes came out of descriptor ${index + 3} of the host`);
    });
    (trap as Socket).on("error", () => undefined);
  }
}

/** Runs a job in a child. */
export async function watch(
  surroundings: Surroundings,
  profile: ProfileName,
  guests: Job["guests"],
  { prefix = [], node = [], progress, patience = PATIENCE }: Running = {},
): Promise<Outcome> {
  const { address, forbidden6 } = surroundings;
  const job: Job = { profile, address, forbidden6, guests };
  const cwd = mkdtempSync(join(tmpdir(), "wasi-sockets-fuzz-"));
  chmodSync(cwd, 0o777); // whoever the child is
  const [command, ...args] = [...prefix, process.execPath, "--no-warnings", ...node, CHILD];
  const stdio = new Array<"pipe">(3 + TRAPS).fill("pipe");
  const child = spawn(command, args, { cwd, stdio });
  let guest = -1; // none yet
  let failure: Failure | undefined;
  let counts: Counts | undefined;
  let complaints = "";
  let stuck = false as boolean; // the timer sets it
  const trespass = (what: string): void => {
    failure ??= { what };
    child.kill("SIGKILL");
  };
  surroundings.onTrespass = trespass;
  const timer = setTimeout(() => {
    stuck = true;
    child.kill("SIGKILL");
  }, patience);
  try {
    watchTraps(child, trespass);
    child.stderr.on("data", (data) => (complaints += String(data)));
    child.stdin.on("error", () => undefined).end(JSON.stringify(job));
    createInterface(child.stdout).on("line", (line) => {
      timer.refresh();
      let report: Report;
      try {
        report = JSON.parse(line) as Report;
      } catch {
        trespass(`the host's standard output has ${JSON.stringify(line)}`);
        return;
      }
      if ("guest" in report) {
        guest = report.guest;
        progress?.(guest);
      } else if ("failure" in report) failure = report.failure;
      else counts = report.counts;
    });
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    // What it sent has arrived, and is seen when the event loop has looked once.
    await setImmediate();
    await setImmediate();
    if (stuck) failure ??= { what: `the child says nothing for ${patience / 1000} s` };
    else if (signal !== null) {
      failure ??= { what: `the child is ended by ${signal}: ${complaints}`.trimEnd() };
    } else if (code !== 0) failure ??= { what: `the child ends with ${code}: ${complaints}` };
    if (complaints !== "") failure ??= { what: `the child says: ${complaints}` };
    if (counts === undefined) failure ??= { what: "the child ends before its guests do" };
  } finally {
    clearTimeout(timer);
    rmSync(cwd, { recursive: true });
  }
  return { ...(failure && { failure }), guest, counts: counts ?? {} };
}
