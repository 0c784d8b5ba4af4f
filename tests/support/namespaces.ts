// Network namespaces as hosts, and veth pairs as the wires between them. Each carries this process's id in
// its name, and is removed with its network.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { test } from "vitest";
import { Program, scratchPath } from "./programs.js";
import { complete } from "./system.js";

let count = 0;

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: "utf8" });
}

function isInstalled(program: string): boolean {
  try {
    run("/bin/sh", "-c", `command -v ${program}`);
    return true;
  } catch {
    return false;
  }
}

/** Whether this machine lets us make hosts: not every container does. */
function makesHosts(): boolean {
  const name = `ws-${process.pid}-probe`;
  try {
    run("ip", "netns", "add", name);
    run("ip", "netns", "delete", name);
    return true;
  } catch {
    return false;
  }
}

let makes: boolean | undefined;

/** What a test needs and this machine has not. In CI nothing may be missing. */
function missing(programs: readonly string[]): string | undefined {
  const needs = process.getuid?.() === 0 ? [] : ["root"];
  needs.push(...["ip", ...programs].filter((program) => !isInstalled(program)));
  if (needs.length === 0 && !(makes ??= makesHosts())) needs.push("ip netns");
  if (needs.length === 0) return undefined;
  if (complete) throw new Error(`CI must have ${needs.join(", ")}`);
  return `needs ${needs.join(", ")}`;
}

/** A test in network namespaces, with programs of Debian's: what it lacks stands in its name where it is skipped. */
export function testInNetwork(
  name: string,
  body: (network: Network) => Promise<void>,
  programs: readonly string[] = [],
): void {
  const lacks = missing(programs);
  if (lacks !== undefined) {
    test.skip(`${name} (${lacks})`);
    return;
  }
  test(name, async () => {
    await using network = new Network();
    await body(network);
  });
}

/** A host: a network namespace with a loopback interface that is up. */
export class Host {
  /** What puts a command into it. */
  readonly prefix: readonly string[];
  readonly #programs: Program[] = [];

  constructor(readonly name: string) {
    this.prefix = ["ip", "netns", "exec", name];
    run("ip", "netns", "add", name);
    // An address that is new would be checked for duplicates, and could not be used for a second.
    this.set("net/ipv6/conf/default/accept_dad", "0");
    this.ip("link", "set", "lo", "up");
  }

  /** Runs `ip` in it. */
  ip(...args: string[]): string {
    return run("ip", "-netns", this.name, ...args);
  }

  /** Sets a kernel parameter of it, by its path below /proc/sys. */
  set(parameter: string, value: string): void {
    const [command, ...args] = this.prefix;
    run(command!, ...args, "sh", "-c", `echo "${value}" > /proc/sys/${parameter}`);
  }

  /**
   * What puts a command into it that resolves names by a server of its own, one try of a second each.
   *
   * @param server address of a DNS server
   */
  resolving(server: string): readonly string[] {
    const file = scratchPath(`${this.name}-resolv.conf`);
    writeFileSync(file, `nameserver ${server}\noptions timeout:1 attempts:1\n`);
    // `ip netns exec` gives each command mounts of its own.
    const script = `mount --bind ${file} /etc/resolv.conf && exec "$@"`;
    return [...this.prefix, "sh", "-c", script, "sh"];
  }

  /** Starts a program in it, and waits until that has said something on its standard error. */
  async start(command: readonly string[], ready: RegExp): Promise<void> {
    const [first, ...rest] = [...this.prefix, ...command];
    const program = new Program(first!, rest);
    this.#programs.push(program);
    await program.said(ready);
  }

  /** Whether an interface has found the other end of its wire. */
  private isUp(device: string): boolean {
    return this.ip("-oneline", "link", "show", "dev", device).includes("state UP");
  }

  /** Waits until an interface has found the other end of its wire. */
  awaitUp(device: string): void {
    for (let i = 0; i < 5000; i++) if (this.isUp(device)) return;
    throw new Error(`${device} of ${this.name} did not come up`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs) await program[Symbol.asyncDispose]();
    run("ip", "netns", "delete", this.name);
  }
}

/** One end of a wire. */
export interface End {
  readonly host: Host;
  /** The name of its interface. */
  readonly device: string;
  /** With the lengths of their prefixes: "10.0.0.1/24", "fd00::1/64". */
  readonly addresses: readonly string[];
}

/** Hosts, their programs, and wires, all removed when the network is disposed of. */
export class Network {
  readonly #hosts: Host[] = [];

  /** Adds a host. */
  host(): Host {
    const host = new Host(`ws-${process.pid}-${count++}`);
    this.#hosts.push(host);
    return host;
  }

  /** Joins two hosts by a wire. */
  wire(left: End, right: End): void {
    const ends = [left, right];
    const peer = ["peer", "name", right.device, "netns", right.host.name];
    left.host.ip("link", "add", left.device, "type", "veth", ...peer);
    for (const { host, device, addresses } of ends) {
      for (const address of addresses) host.ip("address", "add", address, "dev", device);
      host.ip("link", "set", device, "up");
    }
    for (const { host, device } of ends) host.awaitUp(device);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const host of this.#hosts) await host[Symbol.asyncDispose]();
  }
}
