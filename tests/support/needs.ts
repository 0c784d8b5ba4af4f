// What test files need that not every system has: a whole file, or the tests of it whose full names match. Where it is missing
// they are left out, and the reporter says so. Programs that a machine may have or not are no matter of this table, but of
// programs.ts, namespaces.ts, compiler.ts and their like.

import { glibc, linux, windows } from "./system.js";

/** What a system has or has not, in the words of the reason. */
const HERE = {
  "Linux's own sockets, options and flags": linux,
  "Linux's /proc": linux,
  "getaddrinfo_a of glibc": glibc,
  "a POSIX shell and its programs": !windows,
  "signals, and programs that take them": !windows,
  "sockets of the Unix family, and what they carry": !windows,
  "descriptors that are files and sockets alike": !windows,
} as const;

export type Need = keyof typeof HERE;

/** A need of a file, or of some of its tests. */
type Row = readonly [need: Need, tests?: RegExp];

const LINUX = "Linux's own sockets, options and flags";
const PROC = "Linux's /proc";
const SHELL = "a POSIX shell and its programs";
const SIGNALS = "signals, and programs that take them";
const UNIX = "sockets of the Unix family, and what they carry";
const FILES = "descriptors that are files and sockets alike";

/** By file, from tests/. */
const NEEDS: Readonly<Record<string, readonly Row[]>> = {
  // TABLE
};

const rowsOf = (file: string): readonly Row[] =>
  (NEEDS[file.replace(/^tests\//, "")] ?? []).filter(([need]) => !HERE[need]);

/** Why a test is left out on this system; undefined where it is not. */
export function lacking(file: string, name: string): Need | undefined {
  return rowsOf(file).find(([, tests]) => tests?.test(name) ?? true)?.[0];
}

/** The files of which nothing runs on this system, by what they need. */
export const leftOut: ReadonlyMap<Need, readonly string[]> = (() => {
  const files = new Map<Need, string[]>();
  for (const file of Object.keys(NEEDS)) {
    const need = rowsOf(file).find(([, tests]) => tests === undefined)?.[0];
    if (need !== undefined) files.set(need, [...(files.get(need) ?? []), `tests/${file}`]);
  }
  return files;
})();
