// C guests of wasi_snapshot_preview1 that are suspended where they wait.

import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { run } from "wasi-sockets";
import { expect } from "vitest";
import { scratchPath } from "../support/programs.js";
import { Sink } from "../support/run.js";
import { compileWasi, testWithWasi } from "../support/wasi.js";

const descriptors = () => readdirSync("/proc/self/fd").length;

testWithWasi("a server of wasi-libc that is suspended echoes what Node sends", async () => {
  const path = scratchPath("echo");
  const bytes = randomBytes(300_001);
  const stdout = new Sink();
  const module = await compileWasi("tests/c/echo.c", "command");
  const guest = run(module, { listen: [`unix:${path}`], stdout, wait: "suspend" });
  await stdout.said("ready\n");
  const socket = connect({ path, allowHalfOpen: true });
  socket.end(bytes);
  expect((await buffer(socket)).equals(bytes)).toBe(true);
  expect(await guest).toBe(0);
  expect(stdout.text).toBe("ready\n300001 bytes\n");
});

testWithWasi("one that is suspended in accept is ended, and leaves no descriptor", async () => {
  const module = await compileWasi("tests/c/echo.c", "command");
  const before = descriptors();
  const controller = new AbortController();
  const reason = new Error("enough");
  const stdout = new Sink();
  const ending = run(module, {
    listen: ["127.0.0.1:0"],
    signal: controller.signal,
    stdout,
    wait: "suspend",
  });
  void stdout.said("ready\n").then(() => {
    controller.abort(reason);
  });
  await expect(ending).rejects.toBe(reason);
  expect(descriptors()).toBe(before);
});
