// The systems that are compared, in the order of their columns.

import type { SystemName } from "wasi-sockets/marshal";

/** A system, as the page names it. */
export interface System {
  readonly name: SystemName;
  readonly title: string;
}

export const systems: readonly System[] = [
  { name: "linux", title: "Linux" },
  { name: "darwin", title: "macOS" },
  { name: "freebsd", title: "FreeBSD" },
  { name: "win32", title: "Windows" },
];

/** What a system is called. */
export function titleOf(name: SystemName): string {
  return systems.find((system) => system.name === name)!.title;
}
