// What a child really asked the kernel for: strace(1) writes each socket address that it connected, bound or
// sent to, and none may be one that its guests were not allowed.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { ALLOWED, PORTS, placesOf } from "./places.js";

/** The calls that take a socket address to reach or to bind. */
const CALLS = "connect,sendto,sendmsg,sendmmsg,bind";

/** What stands before a command that is traced into a file; undefined where there is no strace. */
export function tracing(file: string): readonly string[] | undefined {
  try {
    execFileSync("strace", ["-V"], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  const filter = ["-e", `trace=${CALLS}`, "-e", "signal=none"];
  // -D: the child is the process that was spawned, and can be ended as such.
  return ["strace", "-D", "-f", "--seccomp-bpf", "-s", "128", ...filter, "-o", file];
}

/** A socket address as strace writes it, the fields that tell where it leads. */
const ADDRESS =
  /\{sa_family=(AF_\w+)(?:, sin6?_port=htons\((\d+)\))?(?:[^}]*?inet_(?:addr\(|pton\(AF_INET6, )"([^"]*)"|, sun_path=(@?"(?:[^"\\]|\\.)*"))?/g;

/** Addresses that libc's getaddrinfo(3) tries which ones of it are better, with UDP and without a byte. */
const SORTED = ["127.0.0.1", "::1", "0.0.0.0", "::"];
/** Families and paths that libc uses itself: no guest can have a socket that would. */
const LIBC = ["AF_NETLINK", "AF_UNSPEC", '"/var/run/nscd/socket"'];

/** What a trace tells. */
export interface Judgement {
  /** How many addresses were judged. */
  readonly addresses: number;
  /** The lines that hold one that was not allowed. */
  readonly trespasses: readonly string[];
}

/** Reads the trace of a child of the profile "listed". */
export function judge(file: string, address: string, forbidden6: number): Judgement {
  const places = placesOf(address, forbidden6);
  const keys = (names: readonly string[]) =>
    new Set(
      names.map((name) => {
        const place = places[name]!;
        if (place.family === "unix") return `@"${place.path.slice(1)}"`;
        return "port" in place && "address" in place ? `${place.address} ${place.port}` : name;
      }),
    );
  const [reach, bind] = [keys(ALLOWED.connect), keys(ALLOWED.bind)];
  const isAllowed = (call: string, [, family, port, host, path]: RegExpMatchArray): boolean => {
    if (LIBC.includes(family!) || (path !== undefined && LIBC.includes(path))) return true;
    const key = path ?? `${host} ${port}`;
    if ((call === "bind" ? bind : reach).has(key)) return true;
    const forbidden = [PORTS.forbidden, forbidden6].includes(Number(port));
    return call === "connect" && SORTED.includes(host ?? "") && !forbidden;
  };
  let addresses = 0;
  const trespasses = [];
  for (const line of readFileSync(file, "latin1").split("\n")) {
    const call = /^\d+ +(\w+)\(/.exec(line)?.[1];
    if (call === undefined) continue;
    for (const match of line.matchAll(ADDRESS)) {
      addresses++;
      if (!isAllowed(call, match)) trespasses.push(line);
    }
  }
  return { addresses, trespasses };
}
