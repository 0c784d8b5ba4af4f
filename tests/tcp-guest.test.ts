// What TCP offers beyond a stream of bytes, from an AssemblyScript guest.

import { instantiate, type InetAddress } from "wasi-sockets";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { compileC, compiler } from "./support/c.js";
import { compileFile, textOf } from "./support/guest.js";
import { nodeServer } from "./support/peers.js";
import { Program, testWithC } from "./support/programs.js";
import { loopback } from "./support/sockets.js";

type Exports = Record<string, (port: number) => number> & { memory: WebAssembly.Memory };

/** A server in C that says its port, and to its one client sends urgent data or prints what it gets of it. */
const C = `
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
static struct sockaddr_in name = {.sin_family = AF_INET};
static socklen_t length = sizeof name;
int main(int argc, char **argv) {
  char text[8] = "", urgent = '?';
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (void *)&name, length) || listen(listener, 1)) return 1;
  getsockname(listener, (void *)&name, &length);
  fprintf(stderr, "port %d\\n", ntohs(name.sin_port));
  int fd = accept(listener, 0, 0);
  if (!strcmp(argv[1], "send")) {
    if (recv(fd, text, 1, 0) != 1) return 1;
    return send(fd, "before!", 7, MSG_OOB) + send(fd, "after", 5, 0) != 12;
  }
  struct pollfd mark = {fd, POLLPRI};
  poll(&mark, 1, -1);
  recv(fd, text, 6, MSG_WAITALL);
  recv(fd, &urgent, 1, MSG_OOB);
  printf("%s|%d|%c", text, sockatmark(fd), urgent);
}`;

let guest: WebAssembly.Module;
let program = "";
beforeAll(async () => {
  guest = await WebAssembly.compile(await compileFile("tcp"));
  if ("command" in compiler) program = await compileC("urgent", C);
});

/** A guest that may connect to one port: its exports are called with that. */
async function start(port: number) {
  const allow = { connect: [`tcp:127.0.0.1:${port}`] };
  const instance = await instantiate<Exports>(guest, { allow });
  onTestFinished(() => {
    instance.dispose();
  });
  const { exports } = instance;
  return {
    number: (name: string) => exports[name]!(port),
    text: (name: string) => textOf(exports.memory, exports[name]!(port)),
  };
}

test.each([
  ["nodelay", "getsockopt reads the ints that setsockopt has set", "0 1 77"],
  ["cork", "what was sent under a cork comes whole once that is pulled", "abc"],
  ["fastopen", "sendto with MSG.FASTOPEN connects and sends", "at once"],
])("%s: %s", async (name, _, expected) => {
  await using peer = await nodeServer(loopback("inet"), "echo");
  const { text } = await start((peer.address as InetAddress).port);
  expect(text(name)).toBe(expected);
});

test("setLinger of no seconds resets the connection: ECONNRESET at node:net", async () => {
  await using peer = await nodeServer(loopback("inet"), "echo");
  const { number } = await start((peer.address as InetAddress).port);
  expect(number("reset")).toBe(0);
  expect(await peer.next()).toEqual({ error: "ECONNRESET" });
});

testWithC(
  "sockatmark finds the urgent byte that a C program sent, and MSG.OOB takes it",
  async () => {
    await using peer = new Program(program, ["send"]);
    const { text } = await start(Number(await peer.said(/port (\d+)/)));
    expect(text("receiveUrgent")).toBe("before|1|!|after");
  },
);

testWithC("MSG.OOB sends a byte that is urgent to a C program", async () => {
  await using peer = new Program(program, ["receive"]);
  const { number } = await start(Number(await peer.said(/port (\d+)/)));
  expect(number("sendUrgent")).toBe(1);
  expect((await peer.output()).toString()).toBe("before|1|!");
});
