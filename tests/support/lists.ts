// Lists of every system's numbers and structs that others keep, as Debian's packages have them: x/sys of Go and libc of
// Rust, which hold Linux, macOS and FreeBSD, and winapi of Rust, which holds Windows; and the headers of Wine and MinGW-w64
// for Windows, of musl, and of glibc for arm64.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { complete as nothingMayMiss } from "./system.js";

const PACKAGES = [
  "golang-golang-x-sys-dev",
  "librust-libc-dev",
  "librust-winapi-dev",
  "libwine-dev",
  "mingw-w64-common",
  "musl-dev",
  "libc6-dev-arm64-cross",
  "linux-libc-dev-arm64-cross",
];

/** This machine, as Debian's folders call it: of some packages only its own can be had. */
export const machine = process.arch === "arm64" ? "aarch64" : "x86_64";

/** Where they are kept, once they are here. */
const place = fileURLToPath(new URL("../../build/lists", import.meta.url));

/** Why there are no lists here: "" where there are. CI must have them. */
export const noLists: string = missing();

/** Whether all of them are here. */
function complete(): boolean {
  const files = existsSync(place) ? readdirSync(place) : [];
  return PACKAGES.every((name) => files.some((file) => file.startsWith(`${name}_`)));
}

function missing(): string {
  if (complete()) return "";
  const fresh = `${place}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  try {
    const options = { cwd: fresh, stdio: "ignore", timeout: 60_000 } as const;
    execFileSync("apt-get", ["download", ...PACKAGES], options);
    for (const file of readdirSync(fresh)) {
      execFileSync("dpkg-deb", ["--extract", file, "root"], options);
    }
    if (!complete()) rmSync(place, { recursive: true, force: true }); // of an earlier list of packages
    renameSync(fresh, place);
    return "";
  } catch {
    if (complete()) return ""; // another process was faster
    if (nothingMayMiss) throw new Error(`CI must get ${PACKAGES.join(", ")}: apt-get update`);
    return `apt-get cannot download ${PACKAGES.join(", ")}`;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Where the headers of a system are, among the packages: for a compiler to include. */
export const headers = (...parts: string[]): string => join(place, "root", "usr", ...parts);

/** Reads a file of a package; the version in its path may be any. */
function read(...parts: string[]): string {
  let path = join(place, "root");
  for (const part of parts) {
    const found = part.endsWith("-*")
      ? readdirSync(path).find((name) => name.startsWith(part.slice(0, -1)))
      : part;
    path = join(path, found!);
  }
  return readFileSync(path, "utf8");
}

const go = (file: string) =>
  read("usr", "share", "gocode", "src", "golang.org", "x", "sys", "unix", file);
const rust = (crate: string, file: string) =>
  read("usr", "share", "cargo", "registry", `${crate}-*`, "src", ...file.split("/"));

/** Numbers by C's names. */
export type Numbers = ReadonlyMap<string, number>;

/** The constants of files of Go: `NAME = 0x1`, `NAME = syscall.Errno(0x1)`. */
function goNumbers(...files: string[]): Numbers {
  const line = /^\s+(\w+)\s+= (?:syscall\.Errno\()?(-?0x[0-9a-f]+|-?\d+)\)?$/gm;
  return new Map(
    files.flatMap((file) =>
      Array.from(go(file).matchAll(line), ([, name, value]) => [name!, Number(value)] as const),
    ),
  );
}

/**
 * The constants of files of Rust: `pub const NAME: c_int = 0x1;`, where a value may be made of others. The first file
 * that has a name is right.
 */
function rustNumbers(crate: string, ...files: string[]): Numbers {
  const texts = new Map<string, string>();
  for (const file of files) {
    const source = rust(crate, file).replace(/\/\/.*$|\/\*[^]*?\*\//gm, "");
    for (const [, name, value] of source.matchAll(/pub const (\w+)\s*:[^=;]+=\s*([^;]+);/g)) {
      if (!texts.has(name!)) texts.set(name!, value!);
    }
  }
  return evaluated(texts);
}

/** The constants of Wine's headers: `#define NAME 0x1`, `WS(NAME) = 1`. */
function wineNumbers(...files: string[]): Numbers {
  const texts = new Map<string, string>();
  for (const file of files) {
    const source = read("usr", "include", "wine", "wine", "windows", file);
    const text = source.replace(/\/\*[^]*?\*\//g, "");
    const either = /^# *define\s+(\w+)[ \t]+(\S.*)$|\bWS\((\w+)\)\s*=\s*(\d+)/gm;
    for (const [, name, value, member, number] of text.matchAll(either)) {
      const key = (name ?? member)!;
      if (!texts.has(key)) texts.set(key, (value ?? number)!);
    }
  }
  return evaluated(texts);
}

/** The numbers that texts come to, those of them that do. */
function evaluated(texts: Map<string, string>): Numbers {
  const numbers = new Map<string, number>();
  for (const name of texts.keys()) {
    const value = evaluate(texts, name, 8);
    if (value !== undefined) numbers.set(name, value);
  }
  return numbers;
}

/** A constant that is a number, another constant, or some of them with | or + between. */
function evaluate(texts: Map<string, string>, name: string, depth: number): number | undefined {
  const text = texts
    .get(name)
    ?.replace(/ as [\w:]+|\((?:int|u_long|ULONG)\)/g, "")
    .trim();
  if (text === undefined || depth === 0) return undefined;
  let sum = 0;
  for (const part of text.replace(/^\((.*)\)$/, "$1").split(/[|+]/)) {
    const term = part.trim().replaceAll("::", "");
    const literal =
      /^(-?(?:0x[0-9a-fA-F_]+|0o[0-7]+|[0-9_]+))(?:[ui](?:8|16|32|64|size)|[uUlL]+)?$/.exec(term);
    const digits = literal?.[1]!.replaceAll("_", "");
    const value =
      digits === undefined ? evaluate(texts, term, depth - 1) : Number(digits.replace("-0x", "0x"));
    if (value === undefined) return undefined;
    sum += digits?.startsWith("-0x") === true ? -value : value;
  }
  return sum;
}

const BSD = "unix/bsd";
const LINUX = "unix/linux_like/linux";

/** The lists of a system, each by its own name. */
export const numbersOf: Readonly<Record<string, () => Readonly<Record<string, Numbers>>>> = {
  darwin: () => ({
    "x/sys, arm64": goNumbers("zerrors_darwin_arm64.go"),
    "x/sys, amd64": goNumbers("zerrors_darwin_amd64.go"),
    "libc, apple": rustNumbers("libc", `${BSD}/apple/mod.rs`, `${BSD}/mod.rs`),
  }),
  freebsd: () => ({
    "x/sys, amd64": goNumbers("zerrors_freebsd_amd64.go"),
    "x/sys, arm64": goNumbers("zerrors_freebsd_arm64.go"),
    "libc, freebsd": rustNumbers(
      "libc",
      ...["freebsdlike/freebsd/mod.rs", "freebsdlike/mod.rs", "mod.rs"].map(
        (file) => `${BSD}/${file}`,
      ),
    ),
  }),
  windows: () => ({
    winapi: rustNumbers(
      "winapi",
      ...["um/winsock2", "shared/ws2def", "shared/ws2ipdef", "um/ws2tcpip", "shared/winerror"].map(
        (file) => `${file}.rs`,
      ),
    ),
    wine: wineNumbers(
      ...["winsock2.h", "ws2def.h", "ws2ipdef.h", "ws2tcpip.h", "mswsock.h", "winerror.h"],
    ),
  }),
};

/** The lists of Linux, by C library and machine. */
export const linuxNumbers = (): Readonly<Record<string, Numbers>> => {
  const files = (library: string, machine: string) => [
    `${LINUX}/${library}/b64/${machine}/mod.rs`,
    `${LINUX}/${library}/b64/mod.rs`,
    `${LINUX}/${library}/mod.rs`,
    `${LINUX}/arch/generic/mod.rs`,
    `${LINUX}/mod.rs`,
    "unix/linux_like/mod.rs",
    "unix/mod.rs",
  ];
  return {
    "x/sys, amd64": goNumbers("zerrors_linux.go", "zerrors_linux_amd64.go"),
    "x/sys, arm64": goNumbers("zerrors_linux.go", "zerrors_linux_arm64.go"),
    "libc, gnu, x86_64": rustNumbers("libc", ...files("gnu", "x86_64")),
    "libc, gnu, aarch64": rustNumbers("libc", ...files("gnu", "aarch64")),
    "libc, musl, x86_64": rustNumbers("libc", ...files("musl", "x86_64")),
    "libc, musl, aarch64": rustNumbers("libc", ...files("musl", "aarch64")),
  };
};

/** Offsets of a struct's fields, and its size, by the names that Go has. */
export type Layout = Readonly<Record<string, number>>;

// prettier-ignore
const SIZES: Readonly<Record<string, number>> = {
  byte: 1, int8: 1, uint8: 1, int16: 2, uint16: 2, int32: 4, uint32: 4, int64: 8, uint64: 8,
};

/** The structs of a system in x/sys: Go lays them out as C does, on 64-bit machines. */
export function goLayouts(system: string, machine: string): ReadonlyMap<string, Layout> {
  const layouts = new Map<string, Layout>();
  const shared = system === "linux" ? go("ztypes_linux.go") : "";
  const source = shared + go(`ztypes_${system}_${machine}.go`);
  for (const [, name, body] of source.matchAll(/^type (\w+) struct \{\n([^}]*)\}/gm)) {
    const layout: Record<string, number> = {};
    let at = 0;
    let alignment = 1;
    for (const [, field, count, type] of body!.matchAll(
      /^\t(\w+)\s+(?:\[(\d+)\])?(\*?\w+)(?: \/\*.*)?$/gm,
    )) {
      const whole = layouts.get(type!);
      const size = type!.startsWith("*") ? 8 : (SIZES[type!] ?? whole?.["sizeof"] ?? 0);
      const aligned = whole?.["alignment"] ?? Math.max(size, 1);
      at = Math.ceil(at / aligned) * aligned;
      alignment = Math.max(alignment, aligned);
      layout[field!] = at;
      at += size * Number(count ?? 1);
    }
    layouts.set(name!, {
      ...layout,
      sizeof: Math.ceil(at / alignment) * alignment,
      alignment,
    });
  }
  return layouts;
}

// prettier-ignore
const RUST_SIZES: Readonly<Record<string, number>> = {
  u8: 1, c_char: 1, c_uchar: 1, sa_family_t: 1, c_short: 2, c_ushort: 2, u16: 2, in_port_t: 2, c_int: 4, c_uint: 4,
  u32: 4, socklen_t: 4, in_addr_t: 4, c_long: 8, size_t: 8, time_t: 8,
};

/** The structs of a BSD in libc of Rust, which lays them out as C does, by C's names. */
export function rustLayouts(system: "darwin" | "freebsd"): ReadonlyMap<string, Layout> {
  const files = {
    darwin: ["apple/mod.rs", "mod.rs"],
    freebsd: ["freebsdlike/freebsd/mod.rs", "freebsdlike/mod.rs", "mod.rs"],
  }[system].map((file) => `${BSD}/${file}`);
  const bodies = new Map<string, string>();
  for (const file of [...files, "unix/mod.rs"]) {
    for (const [, name, body] of rust("libc", file).matchAll(/pub struct (\w+) \{\n([^}]*)\}/g)) {
      if (!bodies.has(name!)) bodies.set(name!, body!);
    }
  }
  const sizes: Readonly<Record<string, number>> = {
    ...RUST_SIZES,
    suseconds_t: system === "darwin" ? 4 : 8,
  };
  // Its bytes are aligned by other means.
  const layouts = new Map<string, Layout>([["in6_addr", { sizeof: 16, alignment: 4 }]]);
  const layoutOf = (name: string): Layout => {
    const known = layouts.get(name);
    if (known !== undefined) return known;
    const layout: Record<string, number> = {};
    let [at, alignment] = [0, 1];
    const fields = bodies
      .get(name)!
      .matchAll(/pub (\w+): (\*\w+ )?(?:\[)?(?:::)?(\w+)(?:; (\d+)\])?,?$/gm);
    for (const [, field, pointer, type, count] of fields) {
      if (layout[field!] !== undefined) continue; // Android's and everybody else's, of the same size
      const size: number | undefined = pointer === undefined ? sizes[type!] : 8;
      const whole = size === undefined ? layoutOf(type!) : { sizeof: size, alignment: size };
      at = Math.ceil(at / whole["alignment"]!) * whole["alignment"]!;
      alignment = Math.max(alignment, whole["alignment"]!);
      layout[field!] = at;
      at += whole["sizeof"]! * Number(count ?? 1);
    }
    layouts.set(name, { ...layout, sizeof: Math.ceil(at / alignment) * alignment, alignment });
    return layouts.get(name)!;
  };
  for (const name of ["addrinfo", "iovec", "msghdr", "cmsghdr", "linger", "timeval", "pollfd", "sockaddr_in", "sockaddr_in6", "sockaddr_un", "ip_mreqn", "ip_mreq_source", "ipv6_mreq", "in6_pktinfo", ...(system === "darwin" ? ["in_pktinfo"] : [])]) layoutOf(name); // prettier-ignore
  return layouts;
}

/** The functions that libc of Rust declares for a BSD. */
export function rustFunctions(system: "darwin" | "freebsd"): ReadonlySet<string> {
  const files = {
    darwin: ["apple/mod.rs", "mod.rs"],
    freebsd: ["freebsdlike/freebsd/mod.rs", "freebsdlike/mod.rs", "mod.rs"],
  }[system].map((file) => `${BSD}/${file}`);
  const all = [...files, "unix/mod.rs"].map((file) => rust("libc", file)).join("");
  return new Set(Array.from(all.matchAll(/pub fn (\w+)\(/g), ([, name]) => name!));
}

/** The functions of a DLL of Windows: what is in Wine's archive to link it by, whose members are named after them. */
export function dllFunctions(dll: string): ReadonlySet<string> {
  const archive = `lib${dll.replace(/\.dll$/, "")}.a`;
  const path = headers("lib", `${machine}-linux-gnu`, "wine", `${machine}-windows`, archive);
  // The index of an ar(1) archive: how many symbols, where each is, and their names.
  const bytes = readFileSync(path).subarray(8 + 60);
  const count = bytes.readUInt32BE();
  const text = bytes.toString("latin1", 4 + 4 * count);
  return new Set(text.split("\0", count));
}
