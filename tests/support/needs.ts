// What test files need that not every system has: a whole file, or the tests of it whose full names match. Where it is missing
// they are left out, and the reporter says so. Programs that a machine may have or not are no matter of this table, but of
// programs.ts, namespaces.ts, compiler.ts and their like.

import { glibc, linux, windows, wine } from "./system.js";

/** What a system has or has not, in the words of the reason. */
const HERE = {
  "Linux's own sockets, options and flags": linux,
  "Linux's /proc": linux,
  "a list of a process's descriptors": !windows,
  "the words of glibc for errors": glibc,
  "a watch that worker.terminate() can end": linux,
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
const LIST = "a list of a process's descriptors";
const WATCH = "a watch that worker.terminate() can end";
const WORDS = "the words of glibc for errors";
const SHELL = "a POSIX shell and its programs";
const SIGNALS = "signals, and programs that take them";
const UNIX = "sockets of the Unix family, and what they carry";
const WINE = "what Windows does, and Wine does not";

/** Of the behaviours that every ABI has, tests/contract/behaviours.ts. */
const CONTRACT: readonly Row[] = [
  // Wine has errors of its own for a family that is another's and for streams without a peer, and takes one for good that
  // SO_ERROR told; a second connect(2) after a refusal is ECONNABORTED. A reset is the end to it, and a port that nobody listens
  // at says nothing.
  [WINE, /was refused can connect again|SO_ERROR tells|of another family fails/],
  [WINE, /send on a (?:listener|socket that is not connected) is EPIPE|send without an address/],
  [WINE, /a reset is ECONNRESET|send after a reset|learns that nobody is there/],
  [WINE, /TCP_KEEP(?:IDLE|CNT)/],
];

/** By file, from tests/. */
const NEEDS: Readonly<Record<string, readonly Row[]>> = {
  // All of it is Linux's own: packet and netlink sockets, raw ones, MSG_ZEROCOPY, system calls that are counted.
  "cost.test.ts": [[LINUX]],
  "epoll-random.test.ts": [[LINUX]],
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
  "faults/load.test.ts": [[PROC]],
  "faults/streams.test.ts": [[PROC]],
  "hostile.test.ts": [[PROC, /socketpair opens nothing/]],
  "hostile-message.test.ts": [[UNIX, /over the header that it is received by/]],
  "readme-guests.test.ts": [[PROC]],
  "readme.test.ts": [[UNIX, /that runs a guest gives it its socket/]],
  "port.test.ts": [
    [PROC, /nobody reads are not watched/],
    [LIST, /is closed with it|goes to the next socket/],
    [UNIX, /seqpacket|whose peer is gone/],
    [WINE, /that resets the connection/],
  ],
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
    [PROC, /counts among the descriptors|leak no descriptor/],
    [LINUX, /^beside the kernel's/],
    [UNIX, /seqpacket|came as control data/],
    // One side of a Unix pair hangs up both, one of TCP its own.
    [UNIX, /hup of a peer that has gone|not even hup/],
    // Wine tells of the end of a stream once nothing is left before it, and of no port unreachable.
    [WINE, /and the end of a stream|of a port that nobody listens on/],
  ],
  "batch.test.ts": [
    [UNIX, /on unix sockets/],
    // Wine sends no control data.
    [WINE, /its own flags and control data/],
  ],
  // The guest goes through a Unix pair in some of its checks; the last two make them all.
  "conformance.test.ts": [
    [UNIX, /a Unix socket|messages gather|descriptors travel|^our host > poll$/],
    [UNIX, /all of them|may do nothing/],
    [WINE, /datagrams over loopback|getnameinfo as text/],
  ],
  "contract/bsd.test.ts": CONTRACT,
  "contract/p2.test.ts": CONTRACT,
  "contract/p3.test.ts": CONTRACT,
  "contract/preview1.test.ts": CONTRACT,
  "contract/wamr.test.ts": CONTRACT,
  "contract/wasmedge.test.ts": CONTRACT,
  // Wine sends no control data, and has no IPV6_TCLASS.
  "control.test.ts": [
    [LINUX, /^timestamp|^recverr|by segment$|gro tells|without a name/],
    [
      WINE,
      /^pktinfo chooses|control message set it|^several|may be sent as bytes|by the kernel:|^tclass/,
    ],
  ],
  // Wine does not tell that a datagram found nobody, nor that a peer reset its connection.
  "datagram.test.ts": [[WINE, /learns by ECONNREFUSED|without a peer is EDESTADDRREQ/]],
  "errors.test.ts": [
    [LINUX, /when the kernel gives up/],
    [UNIX, /a name in use|a path in no directory|raises no signal/],
    [WINE, /the peer resets/],
  ],
  "families.test.ts": [[UNIX]],
  // The library is tested as the contract is, of which Wine has some errors of its own.
  "guest.test.ts": [
    [UNIX, /abstract namespace|longPath|brokenPipe/],
    [LINUX, /options is/], // TCP_CONGESTION
    [WINE, /sendUnconnected|sendtoNobody/],
  ],
  "option-guest.test.ts": [[UNIX]], // the guest's sockets come to TypeScript through one
  "fcntl.test.ts": [
    [PROC, /every real descriptor is close-on-exec/],
    [LINUX, /append|that is named nowhere/],
  ],
  "policy-function.test.ts": [
    [PROC, /random calls/],
    [UNIX, /is asked for each use/],
  ],
  "policy-option.test.ts": [[LINUX, /^SO_PRIORITY/]],
  "preview1.test.ts": [
    [PROC, /MFILE at the limit|dispose closes every socket/],
    [UNIX, /refused at once/],
  ],
  "resolve.test.ts": [
    [PROC, /^10,000 look-ups/],
    [WINE, /EAI_SOCKTYPE/],
  ],

  "bench.test.ts": [[SHELL]],
  "guides.test.ts": [[SHELL]],
  "package-install.test.ts": [[SHELL]],
  "release.test.ts": [[SHELL, /may be released|may not/]],
  "cli-run.test.ts": [[SIGNALS, /SIGINT|SIGTERM|a socket that listens/]],
  // These end by Ctrl+C, which no other program sends there.
  "examples.test.ts": [
    [SIGNALS, /^echo, by/],
    [UNIX, /^pass/],
  ],
  "examples-plugins.test.ts": [
    [SIGNALS, /has its own policy|that goes is ended|names no endpoint/],
  ],
  "examples-proxy.test.ts": [[SIGNALS, /may not reach|that rest hold nobody up/]],

  "listen-port.test.ts": [
    [UNIX, /listens at a path|seqpacket/],
    [PROC, /leaves connections in the kernel/],
    [LINUX, /unless reuseaddr is false/], // what ends a connection keeps the address from nobody else
  ],
  "lookups.test.ts": [[SHELL, /out of descriptors/]],
  "message-guest.test.ts": [
    [UNIX, /recvmsg writes the vectors|that the message itself overwrites|passes descriptors/],
  ],
  "options.test.ts": [[LINUX, /cuts text|what the kernel refuses|can only be read/]],
  // Wine forgets the port that it chose where an association is dissolved, and binds no socket again.
  "p2/udp.test.ts": [[WINE, /^a socket with a peer hears it alone|a peer that is gone refuses/]],
  "p3/sockets.test.ts": [
    [WINE, /that is reset|with a peer, to it alone|^options are the socket's own/],
  ],
  "p2/tcp.test.ts": [[WINE, /that is reset|^options are the socket's own/]],
  "limits.test.ts": [[UNIX, /^backlog|^control: more/]],
  "message.test.ts": [
    [UNIX, /unix stream|the descriptors that a message carries|msg on a stream$/],
    [WINE, /msg to nobody$/],
  ],
  "policy-entries.test.ts": [
    [UNIX, /a Unix path/],
    [LINUX, /netlink/],
  ],
  "promises.test.ts": [
    [UNIX, /Unix|where the blocking API gives -1/],
    [WINE, /that is reset/],
    [PROC, /leaves no real descriptor behind/],
  ],
  "tcp-guest.test.ts": [
    [LINUX, /^cork|^fastopen/],
    [WINE, /^nodelay/], // and keepidle
  ],
  "tcp.test.ts": [
    [LINUX, /^fast open|defer-accept|maxseg|^congestion control|^info counts|^three small sends/],
    [
      LINUX,
      /^(user-timeout|syncnt|notsent-lowat|linger2|window-clamp|cork|quickack|fastopen-connect)\b/,
    ],
    [WINE, /^keep(idle|intvl|cnt) is read/],
  ],
  // Wine binds a datagram socket to all addresses where it is told 127.0.0.2: what it sends comes from 127.0.0.1.
  "policy-peers.test.ts": [
    [
      WINE,
      /drops the datagrams of others|from whom receive names(?:, and whom|$)|an IPv4 address as such/,
    ],
    [UNIX, /passes to itself/],
  ],
  "policy-flip.test.ts": [[WINE, /^send/]], // as above
  "port-pipeline.test.ts": [[UNIX, /that fails destroys both/]],
  "port-socket.test.ts": [
    [UNIX, /is no packet|as packets each/],
    [WINE, /are set on a TCP socket/], // keepidle
  ],
  "promises-waiting.test.ts": [
    [PROC, /ten thousand connections/],
    [WATCH, /a worker that waits can be terminated/], // as README says of other systems
    [WINE, /a peer that shuts down, and for urgent data/], // as of epoll
  ],
  "promises-message.test.ts": [
    [UNIX, /a first message that fails|takes descriptors|^a Unix datagram socket/],
    [LINUX, /RCVLOWAT/],
    [WINE, /ends where the stream does/], // as of epoll
  ],
  "trace.test.ts": [
    [UNIX, /carry a descriptor/],
    [WORDS, /lines: > names$|a string without an end|the error number behind EAI_SYSTEM/],
    [LINUX, /options and flags of a descriptor/],
    [WINE, /that is reset|with a node:dgram peer/],
  ],
  "timeouts.test.ts": [[LINUX, /rcvlowat/]],
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
