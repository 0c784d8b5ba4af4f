// Which socket ABI a module is written against, and what it would need to be allowed. Four ABIs share module
// names and function names: the number of parameters tells them apart.

import { readWasm, type Component, type CoreModule, type Import } from "./wasm.js";

/** What a guest may need. */
export type Need = "connect" | "bind" | "resolve" | "listen";

/** A socket ABI that a file is written against. */
export interface SocketAbi {
  /** "bsd_sockets_v1", "wasi:sockets@0.2.0"… */
  readonly name: string;
  /** What it imports of it, in alphabetical order, as all lists here are. */
  readonly functions: readonly string[];
  /** Whether this package can host it. */
  readonly hosted: boolean;
}

/** What a module or a component is. */
export interface Inspection {
  readonly kind: "module" | "component";
  readonly abis: readonly SocketAbi[];
  /** What it would need, and the functions for whose sake. */
  readonly needs: ReadonlyMap<Need, readonly string[]>;
  /** The modules and interfaces that it imports besides. */
  readonly others: readonly string[];
  /** Socket functions with parameters that no known ABI gives them: "sock_open with 9 parameters". */
  readonly unknown: readonly string[];
}

const BSD = "bsd_sockets_v1";
const PREVIEW1 = "wasi_snapshot_preview1";
/** An interface of wasi:sockets, as a component names it, or a module that is to become one. */
const WASI_SOCKETS = /(?:^|\|)wasi:sockets\/([a-z0-9-]+)(@.*)?$/;
/** What a module does with a stream or a future of a function, beside calling it: "[stream-new-0][method]…". */
const OF_A_STREAM = /\[(?:stream|future)-/;
/** The ABIs that this package can host, of a module and of a component. */
const HOSTED: Readonly<Record<Inspection["kind"], RegExp>> = {
  module: /^bsd_sockets_v1$|^wasi_snapshot_preview1/,
  component: /^wasi:sockets@0\.[23]\.\d+$/,
};

/** Whose sockets a function of wasi_snapshot_preview1 belongs to, and which version of them. */
interface Dialect {
  readonly of: "preview1" | "extension" | "WasmEdge" | "WAMR";
  readonly version?: number;
}

const STANDARD: Dialect = { of: "preview1" };
/** What both extensions have, and preview1 itself has not. */
const EXTENSION: Dialect = { of: "extension" };
const WASMEDGE: Dialect = { of: "WasmEdge" };
const WASMEDGE_1: Dialect = { of: "WasmEdge", version: 1 };
const WASMEDGE_2: Dialect = { of: "WasmEdge", version: 2 };
const WAMR: Dialect = { of: "WAMR" };

/** Functions of wasi_snapshot_preview1: what a number of parameters tells of them. */
const FUNCTIONS: Readonly<Record<string, Readonly<Record<number, Dialect>>>> = {
  sock_accept: { 2: WASMEDGE_1, 3: STANDARD },
  sock_recv: { 6: STANDARD },
  sock_send: { 5: STANDARD },
  sock_shutdown: { 2: STANDARD },
  sock_listen: { 2: EXTENSION },
  sock_open: { 3: WASMEDGE, 4: WAMR },
  sock_bind: { 2: WAMR, 3: WASMEDGE },
  sock_connect: { 2: WAMR, 3: WASMEDGE },
  sock_recv_from: { 6: WAMR, 7: WASMEDGE_1, 8: WASMEDGE_2 },
  sock_send_to: { 6: WAMR, 7: WASMEDGE },
  sock_getlocaladdr: { 3: WASMEDGE_2, 4: WASMEDGE_1 },
  sock_getpeeraddr: { 3: WASMEDGE_2, 4: WASMEDGE_1 },
  sock_getsockopt: { 5: WASMEDGE },
  sock_setsockopt: { 5: WASMEDGE },
  sock_getaddrinfo: { 8: WASMEDGE },
  epoll_oneoff: { 4: WASMEDGE },
  sock_close: { 1: WAMR },
  sock_addr_local: { 2: WAMR },
  sock_addr_remote: { 2: WAMR },
  sock_addr_resolve: { 6: WAMR },
};

/** Names that only one of them has, a family at a time. */
const FAMILIES: readonly (readonly [names: RegExp, dialect: Dialect])[] = [
  [/^(sock|epoll)_\w+_v2$/, WASMEDGE_2],
  [/^sock_[gs]et_\w+$/, WAMR],
];

/** What a function asks for; of several ABIs, since no two have a name in common that means another thing. */
const NEEDS: Readonly<Record<string, Need>> = {
  connect: "connect",
  sendto: "connect",
  sendmsg: "connect",
  sendmmsg: "connect",
  bind: "bind",
  listen: "bind",
  getaddrinfo: "resolve",
  getnameinfo: "resolve",

  sock_connect: "connect",
  sock_send_to: "connect",
  sock_bind: "bind",
  sock_listen: "bind",
  sock_getaddrinfo: "resolve",
  sock_addr_resolve: "resolve",

  "tcp-socket.start-connect": "connect",
  "tcp-socket.connect": "connect",
  "tcp-socket.start-bind": "bind",
  "tcp-socket.bind": "bind",
  "tcp-socket.start-listen": "bind",
  "tcp-socket.listen": "bind",
  "udp-socket.connect": "connect",
  "udp-socket.send": "connect",
  "outgoing-datagram-stream.send": "connect",
  "udp-socket.start-bind": "bind",
  "udp-socket.bind": "bind",
  "resolve-addresses": "resolve",
};

/** What an interface of wasi:sockets offers, where the functions that are used of it cannot be told. */
const INTERFACE_NEEDS: Readonly<Record<string, readonly Need[]>> = {
  tcp: ["connect", "bind"],
  udp: ["connect", "bind"],
  types: ["connect", "bind"],
  "ip-name-lookup": ["resolve"],
};

/** A list for each key. */
class Lists<Key> {
  readonly map = new Map<Key, string[]>();

  add(key: Key, entry: string): void {
    const list = this.map.get(key) ?? [];
    if (!list.includes(entry)) list.push(entry);
    this.map.set(key, list);
  }
}

/** What a table has for a name that is not ours. */
function own<Entry>(table: Readonly<Record<string, Entry>>, name: string): Entry | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function dialectOf({ name, parameters }: Import): Dialect | undefined {
  const family = FAMILIES.find(([names]) => names.test(name));
  return family?.[1] ?? own(FUNCTIONS, name)?.[parameters ?? -1];
}

function needOf(name: string): Need | undefined {
  const plain = name.replace(/^(?:\[[^\]]*\])+/, "").replace(/_v2$/, "");
  return own(NEEDS, plain);
}

/** What an inspection finds, as it goes on. */
class Findings {
  readonly abis = new Lists<string>();
  readonly needs = new Lists<Need>();
  readonly others = new Set<string>();
  readonly unknown: string[] = [];

  /** Notes a function of a socket ABI. */
  add(abi: string, name: string): void {
    this.abis.add(abi, name);
    const need = needOf(name);
    if (need !== undefined) this.needs.add(need, name);
  }

  finish(kind: Inspection["kind"]): Inspection {
    const abis = Array.from(this.abis.map, ([name, functions]) => ({
      name,
      functions: functions.sort(),
      hosted: HOSTED[kind].test(name),
    }));
    for (const functions of this.needs.map.values()) functions.sort();
    const needs = new Map([...this.needs.map].sort(([one], [other]) => (one < other ? -1 : 1)));
    return { kind, abis, needs, others: [...this.others].sort(), unknown: this.unknown.sort() };
  }
}

/** The ABI that some functions of wasi_snapshot_preview1 make up, by its name. */
function preview1Abi(dialects: readonly Dialect[]): string {
  const of = (["WasmEdge", "WAMR", "extension"] as const).find((other) =>
    dialects.some((dialect) => dialect.of === other),
  );
  if (of === undefined) return PREVIEW1;
  if (of === "extension") return `${PREVIEW1} with sockets of WasmEdge or WAMR`;
  const versions = [1, 2].filter((number) => dialects.some(({ version }) => version === number));
  const suffix = versions.length === 0 ? "" : `, version ${versions.join(" and ")}`;
  return `${PREVIEW1} with ${of}'s sockets${suffix}`;
}

function parametersText({ parameters = 0 }: Import): string {
  return parameters === 1 ? "1 parameter" : `${parameters} parameters`;
}

function inspectPreview1(imports: readonly Import[], findings: Findings): void {
  const sockets: { name: string; dialect: Dialect }[] = [];
  for (const found of imports) {
    const dialect = dialectOf(found);
    if (dialect !== undefined) sockets.push({ name: found.name, dialect });
    else if (!found.name.startsWith("sock_")) findings.others.add(PREVIEW1);
    else findings.unknown.push(`${found.name} with ${parametersText(found)}`);
  }
  const abi = preview1Abi(sockets.map(({ dialect }) => dialect));
  for (const { name } of sockets) {
    findings.add(abi, name);
    // Without an extension there is nothing to make a listener with.
    if (abi === PREVIEW1 && name === "sock_accept") findings.needs.add("listen", name);
  }
}

function inspectModule({ imports }: CoreModule): Inspection {
  const findings = new Findings();
  for (const { module, name } of imports) {
    const [, , version] = WASI_SOCKETS.exec(module) ?? [];
    if (module === BSD) findings.add(BSD, name);
    else if (WASI_SOCKETS.test(module)) findings.add(`wasi:sockets${version ?? ""}`, name);
    else if (module !== PREVIEW1) findings.others.add(module);
  }
  inspectPreview1(
    imports.filter(({ module }) => module === PREVIEW1),
    findings,
  );
  return findings.finish("module");
}

/** The modules in a component, however deep. */
function modulesIn({ parts }: Component): CoreModule[] {
  return parts.flatMap((part) => (part.kind === "module" ? [part] : modulesIn(part)));
}

function inspectComponent(component: Component): Inspection {
  const findings = new Findings();
  const interfaces: string[] = [];
  for (const imported of component.imports) {
    const [, name, version] = WASI_SOCKETS.exec(imported) ?? [];
    if (name === undefined) findings.others.add(imported);
    else findings.abis.add(`wasi:sockets${version ?? ""}`, name);
    if (name !== undefined) interfaces.push(name);
  }
  // Its modules import just what they call; without any, an interface may be used for all that it offers.
  const called = modulesIn(component)
    .flatMap(({ imports }) => imports)
    .filter(({ module, name }) => WASI_SOCKETS.test(module) && !OF_A_STREAM.test(name));
  for (const { name } of called) {
    const need = needOf(name);
    if (need !== undefined && interfaces.length > 0) findings.needs.add(need, name);
  }
  for (const name of called.length === 0 ? interfaces : []) {
    for (const need of own(INTERFACE_NEEDS, name) ?? []) findings.needs.add(need, name);
  }
  return findings.finish("component");
}

/**
 * Says which socket ABI a file is written against, and what it would need to be allowed.
 *
 * @param bytes of a module or a component
 * @throws WasmError that names the offset of what cannot be read
 */
export function inspect(bytes: Uint8Array): Inspection {
  const file = readWasm(bytes);
  return file.kind === "module" ? inspectModule(file) : inspectComponent(file);
}
