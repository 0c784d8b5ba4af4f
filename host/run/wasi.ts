// node:wasi of a guest in a thread of its own.

import { openSync } from "node:fs";
import { WASI } from "node:wasi";
import { libc } from "../libc.js";
import type { Setup } from "./setup.js";

/** `devNull` of node:os, there. */
const NUL = String.raw`\\.\nul`;

/**
 * Opens it with the guest's standard streams. On Windows a file's number is one of the C library that opened it, and Node
 * has its own: there node:wasi gets other files in their place, to tell of and to close.
 */
export function openWasi({ args, env, stdio }: Setup): WASI {
  const foreign = process.platform === "win32";
  const [stdin, stdout, stderr] = foreign ? stdio.map(() => openSync(NUL, "r+")) : stdio;
  const streams = { stdin, stdout, stderr };
  const wasi = new WASI({ version: "preview1", args: [...args], env: { ...env }, ...streams });
  if (foreign) {
    const calls = wasi.wasiImport as Record<"fd_close", (fd: number) => number>;
    const close = calls.fd_close;
    // The adapter has forgotten the stream, so that nobody else closes it.
    calls.fd_close = (fd) => {
      libc.close(stdio[fd] ?? -1);
      return close(fd);
    };
  }
  return wasi;
}
