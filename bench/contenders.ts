// The programs that do a row's work, by who wrote them.

import { execPath } from "node:process";
import type { Version, Whose } from "./components.js";
import type { Contender, Row } from "./row.js";
import { program, shim, suspending } from "./tools.js";

type Contenders = Row["contenders"];

/** The three programs that do a work of the same name. */
export function everyone(work: string): Contenders {
  return {
    ours: ({ wasm }) => [execPath, program("guest"), "block", wasm, work],
    C: ({ c }) => (c === undefined ? undefined : [c, work]),
    node: () => [execPath, program("node"), work],
  };
}

/** The two of them that Node has nothing like. */
export function compiled(work: string): Contenders {
  const { ours, C } = everyone(work);
  return { ours: ours!, C: C! };
}

/** The hosts of WASI 0.2 and 0.3 on Node. */
export function shims(work: string, ...versions: readonly (2 | 3)[]): Contenders {
  const all: Contenders = {
    "preview2-shim": () => shim(2, work),
    "preview3-shim": () => shim(3, work),
  };
  const named = versions.map((version) => `preview${version}-shim` as const);
  return Object.fromEntries(named.map((name) => [name, all[name]]));
}

/** A component over our sockets and over those of jco's hosts, where there is jco. */
function by(whose: Whose, version: Version, node: () => string, work: string): Contender {
  return ({ components }) =>
    components && [node(), program("component"), version, components[version][whose], work];
}

/** One of WASI 0.2. */
export function component(work: "pingpong" | "send" | "receive" | "create"): Contenders {
  const node = () => execPath;
  return { ours: by("ours", "p2", node, work), "preview2-shim": by("shim", "p2", node, work) };
}

/** One of WASI 0.3, which takes a Node that can suspend it. */
export function asyncComponent(work: "pingpong" | "send" | "receive"): Contenders {
  return {
    ours: by("ours", "p3", suspending, work),
    "preview3-shim": by("shim", "p3", suspending, work),
  };
}

/** A program of ours that has no twin. */
export function alone(name: string, flags: readonly string[] = [], variant?: string): Contenders {
  const variants = variant === undefined ? [] : [variant];
  return { ours: () => [execPath, ...flags, program(name), ...variants] };
}

/** A Node stream, ours and Node's own, that the same program uses. */
export function streams(work: "send" | "receive"): Contenders {
  return {
    ...everyone(work),
    ours: () => [execPath, program("stream"), "port", work],
    node: () => [execPath, program("stream"), "node", work],
  };
}

/** A suspended guest, and node:net on the same Node. */
export function suspended(work: string): Contenders {
  return {
    ...everyone(work),
    ours: ({ wasm }) => [suspending(), program("guest"), "suspend", wasm, work],
    node: () => [suspending(), program("node"), work],
  };
}
