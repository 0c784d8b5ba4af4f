// run() with a guest that is suspended where it waits, in its own thread: how it ends.

import { readdirSync } from "node:fs";
import { run } from "wasi-sockets";
import { expect, test } from "vitest";
import { compileGuest } from "../support/guest.js";

const descriptors = () => readdirSync("/proc/self/fd").length;

const guest = (body: string) =>
  compileGuest(`
    import { AF, Inet, PollList, POLL, SOCK, accept, bind, listen, recv, socket, socketpair } from "wasi-sockets/assembly";
    export function main(): i32 { ${body} }`);

test("a guest that waits and goes on ends with its own exit code", async () => {
  const bytes = await guest(`
    const fd = socketpair(AF.UNIX, SOCK.STREAM, 0)![0];
    const list = new PollList(1);
    list.add(fd, POLL.IN);
    return list.wait(20) == 0 ? 7 : 1;`);
  expect(await run(bytes, { wait: "suspend", allow: { bind: [], connect: [] } })).toBe(7);
});

test.each([
  ["recv", `return recv(socketpair(AF.UNIX, SOCK.DGRAM, 0)![0], new Uint8Array(1));`],
  [
    "accept",
    `const fd = socket(AF.INET, SOCK.STREAM, 0);
     bind(fd, new Inet("127.0.0.1", 0));
     listen(fd, 1);
     return accept(fd);`,
  ],
])(
  "one that is suspended in %s is ended by its signal, and leaves no descriptor",
  async (_, body) => {
    const bytes = await guest(body);
    const before = descriptors();
    const controller = new AbortController();
    const reason = new Error("enough");
    // The line of the call before tells that the guest is about to wait.
    const trace = (line: string) => {
      if (/^(socketpair|listen)/.test(line)) controller.abort(reason);
    };
    const { signal } = controller;
    const ending = run(bytes, { wait: "suspend", allow: true, trace, signal });
    await expect(ending).rejects.toBe(reason);
    expect(descriptors()).toBe(before);
  },
);
