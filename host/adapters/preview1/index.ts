// Module `wasi_snapshot_preview1`: sockets as preview1, WasmEdge and WAMR have them, and everything else as node:wasi
// serves it, but for what could wait, the standard streams and the clocks: here a wait can be ended; and for what
// would end the process.
//
// As in `bsd_sockets_v1`: the descriptor first (BADF, NOTSOCK), then all pointers (FAULT), then the effect.

import { Exit } from "../../exit.js";
import type { Guest } from "../../guest.js";
import { Errno } from "../../marshal.js";
import type { GuestMemory } from "../../memory.js";
import type { Stdio } from "../../stdio.js";
import type { Wait } from "../../wait/index.js";
import { descriptorCalls, fileCalls } from "./file.js";
import { Frame, errnoOf, type Base, type Calls } from "./frame.js";
import { lookUps } from "./lookup.js";
import { pollCalls } from "./poll.js";
import { socketCalls } from "./socket.js";
import { streamCalls } from "./stream.js";
import { Transfer, transferCalls } from "./transfer.js";
import * as wamr from "./wamr/index.js";
import * as wasmedge from "./wasmedge/index.js";

export { choose } from "./dialect.js";

/** The functions that may have to wait, and then give a promise where the wait is one. */
export const WAITING: readonly string[] = [
  "epoll_oneoff",
  "fd_read",
  "fd_write",
  "poll_oneoff",
  "sock_accept",
  "sock_addr_resolve",
  "sock_connect",
  "sock_getaddrinfo",
  "sock_recv",
  "sock_recv_from",
  "sock_send",
  "sock_send_to",
].flatMap((name) => [name, `${name}_v2`]);

/** What a guest is served by. */
export interface Host {
  /** Its descriptors and its policy. */
  readonly guest: Guest;
  /** Its linear memory. */
  readonly memory: GuestMemory;
  /** Its standard streams. */
  readonly stdio: Stdio;
  /** What happens where a call has to wait. */
  readonly wait: Wait;
  /** What node:wasi serves, whose standard streams are the same. */
  readonly base: Base;
}

/**
 * The functions of one guest. Those in `passed` count their arguments; those in `own` have at most nine parameters,
 * and are named `name/parameters` where several ABIs have another: `choose` makes imports of them.
 */
export function wasiPreview1({ guest, memory, stdio, wait, base }: Host): {
  readonly own: Calls;
  readonly passed: Calls;
} {
  const frame = new Frame(guest, memory, stdio, base);
  const files = fileCalls(frame);
  const transfer = new Transfer(frame, wait, undefined);
  const lookUp = lookUps(frame, wait);
  const { path_open, fd_pread, fd_pwrite, ...descriptors } = descriptorCalls(frame, files);
  return {
    passed: { ...files, path_open, fd_pread, fd_pwrite },
    own: {
      ...streamCalls(frame, transfer, files),
      ...descriptors,
      ...pollCalls(frame, wait),
      ...socketCalls(frame, wait),
      ...transferCalls(frame, transfer),
      ...wasmedge.calls(frame, wait, lookUp),
      ...wamr.calls(frame, wait, lookUp, (fd) => descriptors.fd_close(fd)),
      proc_raise: () => errnoOf(-Errno.ENOTSUP), // it would end the whole process
      proc_exit(code: number) {
        throw new Exit(code);
      },
    },
  };
}
