// What test files need that not every system has: a whole file, or the tests of it whose full names match. Where it is missing
// they are left out, and the reporter says so. Programs that a machine may have or not are no matter of this table, but of
// programs.ts, namespaces.ts, compiler.ts and their like.

import { linux, windows, wine } from "./system.js";

/** What a system has or has not, in the words of the reason. */
const HERE = {
  "Linux's own sockets, options and flags": linux,
  "Linux's /proc": linux,
  "a POSIX shell and its programs": !windows,
  "signals, and programs that take them": !windows,
  "sockets of the Unix family, and what they carry": !windows,
  "what Windows does, and Wine does not": !wine,
} as const;

export type Need = keyof typeof HERE;

/** A need of a file, or of some of its tests. */
type Row = readonly [need: Need, tests?: RegExp];

const LINUX = "Linux's own sockets, options and flags";
const PROC = "Linux's /proc";
const SHELL = "a POSIX shell and its programs";
const SIGNALS = "signals, and programs that take them";
const UNIX = "sockets of the Unix family, and what they carry";
const WINE = "what Windows does, and Wine does not";

/** By file, from tests/. */
const NEEDS: Readonly<Record<string, readonly Row[]>> = {
  // All of it is Linux's own: packet and netlink sockets, raw ones, MSG_ZEROCOPY, system calls that are counted.
  "cost.test.ts": [[LINUX]],
  "faults/resolver.test.ts": [[LINUX]],
  "faults/scarce.test.ts": [[LINUX]],
  "fuzz.test.ts": [[LINUX]],
  "link-guest.test.ts": [[LINUX]],
  "link.test.ts": [[LINUX]],
  "raw.test.ts": [[LINUX]],
  "soak.test.ts": [[LINUX]],
  "zerocopy.test.ts": [[LINUX]],

  "descriptors.test.ts": [[PROC]],
  "faults/guests.test.ts": [[PROC]],
  "faults/streams.test.ts": [[PROC]],
  "hostile.test.ts": [[PROC, /socketpair opens nothing/]],
  "readme-guests.test.ts": [[PROC]],
  "rights.test.ts": [[PROC]],
  "run-end.test.ts": [[PROC]],
  "run.test.ts": [[PROC]],
  "sendfile.test.ts": [[PROC]],
  "slice.test.ts": [[PROC]],
  "threads.test.ts": [[PROC]],
  "waiting.test.ts": [[PROC]],
  "suspended/preview1.test.ts": [[PROC]],
  "suspended/run.test.ts": [[PROC]],
  "epoll.test.ts": [
    [PROC, /counts among the descriptors|has a real descriptor|leak no descriptor|sent to nobody/],
    [UNIX, /seqpacket/],
  ],
  // Wine does not tell that a datagram found nobody, nor that a peer reset its connection.
  "datagram.test.ts": [[WINE, /learns by ECONNREFUSED|without a peer is EDESTADDRREQ/]],
  "errors.test.ts": [
    [LINUX, /when the kernel gives up/],
    [UNIX, /a name in use|a path in no directory|raises no signal/],
    [WINE, /the peer resets/],
  ],
  "families.test.ts": [[UNIX]],
  "fcntl.test.ts": [[PROC, /every real descriptor is close-on-exec/]],
  "policy-function.test.ts": [[PROC, /random calls/]],
  "preview1.test.ts": [[PROC, /MFILE at the limit|dispose closes every socket/]],
  "resolve.test.ts": [
    [PROC, /an address in text/],
    [WINE, /EAI_SOCKTYPE/],
  ],

  "guides.test.ts": [[SHELL]],
  "package-install.test.ts": [[SHELL]],
  "release.test.ts": [[SHELL, /may be released|may not/]],
  "cli-run.test.ts": [[SIGNALS, /SIGINT|SIGTERM|Ctrl-C/]],

  "message.test.ts": [[UNIX, /unix stream/]],
  "policy-entries.test.ts": [
    [UNIX, /a Unix path/],
    [LINUX, /netlink/],
  ],
  "promises.test.ts": [
    [UNIX, /Unix|where the blocking API gives -1/],
    [WINE, /that is reset/],
    [PROC, /leaves no real descriptor behind/],
  ],
  "tcp.test.ts": [
    [LINUX, /^fast open|defer-accept|maxseg|^congestion control|^info counts|^three small sends/],
    [
      LINUX,
      /^(user-timeout|syncnt|notsent-lowat|linger2|window-clamp|cork|quickack|fastopen-connect)\b/,
    ],
    [WINE, /^keep(idle|intvl|cnt) is read/],
  ],
  "policy.test.ts": [[UNIX, /Unix|abstract|unix:|reach everything/]],
  "unix.test.ts": [[UNIX]],
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
