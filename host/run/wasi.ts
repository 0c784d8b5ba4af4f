// node:wasi of a guest in a thread of its own.

import { openSync } from "node:fs";
import { devNull } from "node:os";
import { WASI } from "node:wasi";
import { libc } from "../libc.js";
import type { Setup } from "./setup.js";

/**
 * Opens it with the guest's standard streams. On Windows a file's number is one of the C library that opened it, and Node
 * has its own: there node:wasi gets other files in their place, which it says what it says of the streams, and closes.
 */
export function openWasi({ args, env, stdio }: Setup): WASI {
  const foreign = process.platform === "win32";
  const [stdin, stdout, stderr] = foreign ? stdio.map(() => openSync(devNull, "r+")) : stdio;
  const streams = { stdin: stdin, stdout: stdout, stderr: stderr };
  const wasi = new WASI({ version: "preview1", args: [...args], env: { ...env }, ...streams });
  if (foreign) {
    const calls = wasi.wasiImport as Record<"fd_close", (fd: number) => number>;
    const close = calls.fd_close;
    calls.fd_close = (fd) => {
      if (fd in stdio) libc.close(stdio[fd]!);
      return close(fd);
    };
  }
  return wasi;
}
