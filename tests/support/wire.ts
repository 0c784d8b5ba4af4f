// Two hosts, ours and the peer's, and a wire between them that loses, doubles and reorders what passes:
// tests/support/wire.c, on a host in the middle.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { compileC } from "./c.js";
import { hardware } from "./link.js";
import type { Host, Network } from "./namespaces.js";
import { Program } from "./programs.js";
import { Remote } from "./remote.js";

/** What the wire does to the packets of one protocol, in so many of a hundred. */
export interface Faults {
  readonly protocol: "tcp" | "udp";
  readonly drop?: number;
  readonly double?: number;
  /** Holds them back for some milliseconds, while others overtake them. */
  readonly hold?: number;
  readonly milliseconds?: number;
  /** After how many packets the wire is cut; else when it is told to. */
  readonly limit?: number;
}

/** What the wire did. */
export interface Report {
  /** How many packets of the protocol came. */
  readonly came: number;
  readonly dropped: number;
  readonly doubled: number;
  /** How many were sent on after one that came later. */
  readonly reordered: number;
  /** How many frames came faster than they were taken, and are lost as well. */
  readonly missed: number;
}

const SEED = 20261122;
const PROTOCOLS = { tcp: 6, udp: 17 } as const;

/** The addresses of our host and of the peer's. */
export const [OURS, PEER] = ["10.8.0.1", "10.8.0.2"] as const;

/** Compiles the program that is the wire: its path. */
export async function compileWire(): Promise<string> {
  return compileC("wire", readFileSync(new URL("wire.c", import.meta.url), "utf8"));
}

/** The two hosts and what is between them. */
export class Wire implements AsyncDisposable {
  readonly peer: Host;
  /** Sockets on our host. */
  readonly us: Remote;
  readonly #program: Program;

  /**
   * Lays the wire, and waits until it carries.
   *
   * @param program what compileWire gave
   */
  static async lay(network: Network, program: string, faults: Faults): Promise<Wire> {
    const wire = new Wire(network, program, faults);
    await wire.#program.said(/(ready)/);
    return wire;
  }

  private constructor(network: Network, program: string, faults: Faults) {
    const [ours, middle, peer] = [network.host(), network.host(), network.host()];
    const ends = [
      { host: ours, device: "east", addresses: [`${OURS}/24`] },
      { host: peer, device: "east", addresses: [`${PEER}/24`] },
    ];
    for (const [i, end] of ends.entries()) {
      network.wire(end, { host: middle, device: `end${i}`, addresses: [] });
      run(end.host, program, end.device);
    }
    // A host that had to ask for the other's would drop what waits for the answer, if it is much.
    know(ours, PEER, peer);
    know(peer, OURS, ours);
    this.peer = peer;
    this.us = new Remote(ours.prefix);
    const { protocol, drop = 0, double = 0, hold = 0, milliseconds = 0, limit = 0 } = faults;
    const numbers = [PROTOCOLS[protocol], SEED, drop, double, hold, milliseconds, limit];
    const [command, ...prefix] = middle.prefix;
    const args = [...prefix, program, "end0", "end1", ...numbers.map(String)];
    this.#program = new Program(command!, args);
  }

  /** What the wire did, once its limit is reached. */
  async report(): Promise<Report> {
    return JSON.parse((await this.#program.output()).toString()) as Report;
  }

  /** Cuts the wire: what it did. */
  async cut(): Promise<Report> {
    this.#program.terminate();
    return this.report();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.us[Symbol.asyncDispose]();
    await this.#program[Symbol.asyncDispose]();
  }
}

function run(host: Host, ...command: string[]): void {
  const [first, ...prefix] = host.prefix;
  execFileSync(first!, [...prefix, ...command]);
}

/** Tells a host the hardware address of another. */
function know(host: Host, address: string, other: Host): void {
  const colons = hardware(other)
    .toString("hex")
    .replace(/..(?=.)/g, "$&:");
  host.ip("neighbour", "replace", address, "lladdr", colons, "dev", "east", "nud", "permanent");
}
