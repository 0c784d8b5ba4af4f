// What TCP offers beyond a stream of bytes. The other end is node:net or a C program; where two hosts or a
// kernel's parameter are needed, both ends live in network namespaces.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { open, type Net, type OptionValue, type TcpInfo } from "wasi-sockets";
import { beforeAll, describe, expect, test } from "vitest";
import { compileC, compiler } from "./support/c.js";
import { testInNetwork, type Host } from "./support/namespaces.js";
import { nodeServer } from "./support/peers.js";
import { Program, testWithC } from "./support/programs.js";
import {
  connected,
  digest,
  expectError,
  expectErrno,
  listening,
  loopback,
  openBounded,
  receiveAll,
  type Digest,
} from "./support/sockets.js";
import { linux } from "./support/system.js";

/**
 * The other end in C. A server prints its port on standard error, and then on standard output:
 * "urgent-server" what comes before the mark, the urgent byte, and what comes after it;
 * "fastopen-server" of three connections whether the SYN brought data, and all that came.
 */
const C = `
#define _GNU_SOURCE // musl's struct tcp_info
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifndef TCPI_OPT_SYN_DATA
#define TCPI_OPT_SYN_DATA 32 // linux/tcp.h
#endif
static char text[64];
static struct sockaddr_in name = {.sin_family = AF_INET};
static socklen_t length = sizeof name;
static char *rest(int fd) {
  int size = 0, n;
  while ((n = recv(fd, text + size, sizeof text - 1 - size, 0)) > 0) size += n;
  text[size] = 0;
  return text;
}
static void urgent_server(int fd) {
  struct pollfd urgent = {fd, POLLPRI};
  poll(&urgent, 1, -1);
  for (int n = 0; !sockatmark(fd); n++) recv(fd, text + n, 1, 0);
  printf("%s|", text);
  char byte = '?';
  recv(fd, &byte, 1, MSG_OOB);
  printf("%c|%s\\n", byte, rest(fd));
}
static void fastopen_server(int fd) {
  struct tcp_info info;
  socklen_t size = sizeof info;
  getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size);
  printf("%s %s\\n", info.tcpi_options & TCPI_OPT_SYN_DATA ? "SYN" : "later", rest(fd));
}
int main(int argc, char **argv) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), queue = 8;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (argc > 2) {
    name.sin_port = htons(atoi(argv[2]));
    if (!strcmp(argv[1], "fastopen-client"))
      return sendto(fd, "at once", 7, MSG_FASTOPEN, (void *)&name, length) != 7;
    if (connect(fd, (void *)&name, length)) return 1;
    return send(fd, "before", 6, 0) + send(fd, "!", 1, MSG_OOB) + send(fd, "after", 5, 0) != 12;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof queue);
  if (bind(fd, (void *)&name, length) || listen(fd, 8)) return 1;
  getsockname(fd, (void *)&name, &length);
  fprintf(stderr, "port %d\\n", ntohs(name.sin_port));
  if (!strcmp(argv[1], "urgent-server")) return urgent_server(accept(fd, 0, 0)), 0;
  for (int i = 0; i < 3; i++) fastopen_server(accept(fd, 0, 0));
}`;

let program = "";
beforeAll(async () => {
  if ("command" in compiler) program = await compileC("tcp", C);
});

function infoOf(net: Net, fd: number): TcpInfo {
  return net.getsockopt(fd, "tcp", "info") as TcpInfo;
}

/** Runs our end in a host, as a process of its own: `net` is open and `options` are what is given. */
function ours(host: Host, script: string, options: object): Program {
  const source = `
    import { open } from "wasi-sockets";
    const options = JSON.parse(process.argv[1]);
    const net = await open();
    ${script}
    net.dispose();`;
  const node = [process.execPath, "--input-type=module", "-e", source, JSON.stringify(options)];
  const [command, ...args] = [...host.prefix, ...node];
  return new Program(command!, args);
}

/** Runs the C program in a host. */
function theirs(host: Host, ...args: string[]): Program {
  const [command, ...rest] = [...host.prefix, program, ...args];
  return new Program(command!, rest);
}

describe("fast open", () => {
  const CLIENT = `
    const address = { family: "inet", address: "127.0.0.1", port: options.port };
    const connected = (text) => {
      const fd = net.socket("inet", "stream");
      net.setsockopt(fd, "tcp", "fastopen-connect", true);
      net.connect(fd, address);
      net.send(fd, Buffer.from(text));
      net.close(fd);
    };
    connected("gets the cookie");
    connected("fastopen-connect");
    net.sendto(net.socket("inet", "stream"), Buffer.from("sendto"), "fastopen", address);`;
  const SERVER = `
    const fd = net.socket("inet", "stream");
    net.setsockopt(fd, "tcp", "fastopen", 8);
    net.bind(fd, { family: "inet", address: "127.0.0.1", port: 0 });
    net.listen(fd);
    console.error("port " + net.getsockname(fd).port);
    for (let i = 0; i < 2; i++) {
      const from = net.accept(fd), bytes = Buffer.alloc(7);
      const SYN_DATA = net.getsockopt(from, "tcp", "info").options & 32; // netinet/tcp.h
      net.recv(from, bytes, SYN_DATA ? "dontwait" : "waitall");
      console.log((SYN_DATA ? "SYN " : "later ") + bytes);
    }`;
  const BOTH_ENDS = ["net/ipv4/tcp_fastopen", "3"] as const;

  testInNetwork(
    "our client's bytes come to a C program with the SYN",
    async (network) => {
      const host = network.host();
      host.set(...BOTH_ENDS);
      await using server = theirs(host, "fastopen-server");
      const port = Number(await server.said(/port (\d+)/));
      await using client = ours(host, CLIENT, { port });
      const lines = ["later gets the cookie", "SYN fastopen-connect", "SYN sendto", ""];
      expect((await server.output()).toString().split("\n")).toEqual(lines);
      expect((await client.output()).toString()).toBe("");
    },
    ["cc"],
  );

  testInNetwork(
    "a C program's bytes come to our listener with the SYN",
    async (network) => {
      const host = network.host();
      host.set(...BOTH_ENDS);
      await using server = ours(host, SERVER, {});
      const port = await server.said(/port (\d+)/);
      for (let i = 0; i < 2; i++) {
        await using client = theirs(host, "fastopen-client", port);
        await client.output(); // the first one gets the cookie
      }
      expect((await server.output()).toString()).toBe("later at once\nSYN at once\n");
    },
    ["cc"],
  );

  test.each([
    ["sendto", 5],
    ["sendto", 300_000],
    ["sendmsg", 5],
    ["sendmsg", 300_000],
  ] as const)("%s without a cookie connects, and takes all of %d bytes", async (call, size) => {
    await using peer = await nodeServer(loopback("inet"), "digest");
    using net = await open();
    const fd = net.socket("inet", "stream");
    const bytes = randomBytes(size);
    const { address } = peer;
    const sent =
      call === "sendto"
        ? net.sendto(fd, bytes, "fastopen", address)
        : net.sendmsg(fd, { data: [bytes], address }, "fastopen");
    expect(sent).toBe(size);
    net.shutdown(fd, "write");
    expect(await peer.next<Digest>()).toEqual(digest(bytes));
  });
});

describe("urgent data", () => {
  testWithC("that a C program sends stands beside the stream, at a mark", async () => {
    using bounded = await openBounded();
    const { net } = bounded;
    const { listener, address } = listening(net, loopback("inet"));
    await using peer = new Program(program, ["urgent-client", String(address.port)]);
    const fd = net.accept(listener);
    expect(net.poll([{ fd, events: "pri" }])).toEqual([{ fd, events: ["pri"] }]);
    expect(net.sockatmark(fd)).toBe(false);
    const bytes = Buffer.alloc(64);
    expect(net.recv(fd, bytes)).toBe("before".length); // a receive ends at the mark
    expect(net.sockatmark(fd)).toBe(true);
    expect(net.recv(fd, bytes, "oob")).toBe(1);
    expect(bytes.toString("latin1", 0, 6)).toBe("!efore");
    expect(net.recv(fd, bytes, "oob")).toBe(-1);
    expectErrno(net, "EINVAL");
    expect(receiveAll(net, fd).toString()).toBe("after");
    expect(net.sockatmark(fd)).toBe(false);
    expect((await peer.output()).toString()).toBe("");
  });

  testWithC("comes in line, behind the mark, with oobinline", async () => {
    using bounded = await openBounded();
    const { net } = bounded;
    const { listener, address } = listening(net, loopback("inet"));
    net.setsockopt(listener, "socket", "oobinline", true); // which an accepted socket inherits
    await using peer = new Program(program, ["urgent-client", String(address.port)]);
    const fd = net.accept(listener);
    expect(net.poll([{ fd, events: "pri" }])).toEqual([{ fd, events: ["pri"] }]);
    expect(net.recv(fd, new Uint8Array(64))).toBe("before".length);
    expect(net.sockatmark(fd)).toBe(true);
    expect(net.recv(fd, new Uint8Array(1), "oob")).toBe(-1);
    expectErrno(net, "EINVAL");
    expect(receiveAll(net, fd).toString()).toBe("!after");
    expect((await peer.output()).toString()).toBe("");
  });

  testWithC("that we send is urgent to a C program: the last byte of the send", async () => {
    await using peer = new Program(program, ["urgent-server"]);
    const port = Number(await peer.said(/port (\d+)/));
    using net = await open();
    const fd = net.socket("inet", "stream");
    net.connect(fd, { family: "inet", address: "127.0.0.1", port });
    expect(net.send(fd, Buffer.from("one, "))).toBe(5);
    expect(net.send(fd, Buffer.from("two!"), "oob")).toBe(4);
    expect(net.send(fd, Buffer.from("three"))).toBe(5);
    net.close(fd);
    expect((await peer.output()).toString()).toBe("one, two|!|three\n");
  });
});

describe("three small sends", () => {
  const send = (net: Net, fd: number, flag: "more" | null) => {
    for (const text of ["a", "b", "c"]) expect(net.send(fd, Buffer.from(text), flag)).toBe(1);
  };
  const last = (net: Net, fd: number) => {
    net.send(fd, Buffer.from("."));
  };
  const uncork = (net: Net, fd: number) => {
    net.setsockopt(fd, "tcp", "cork", false);
  };
  const received = (net: Net, fd: number, count: number) => {
    const bytes = Buffer.alloc(count);
    expect(net.recv(fd, bytes, "waitall")).toBe(count);
    return bytes.toString();
  };

  test.each([
    ["with more", "nodelay", "more", last],
    ["under cork", "cork", null, uncork],
  ] as const)("%s wait, and leave as one segment", async (_, option, flag, release) => {
    using net = await open();
    const [client, server] = connected(net);
    net.setsockopt(client, "tcp", option, true);
    send(net, client, flag);
    expect(net.recv(server, new Uint8Array(8), "dontwait")).toBe(-1);
    expectErrno(net, "EAGAIN");
    release(net, client);
    expect(received(net, server, 3)).toBe("abc");
    expect(infoOf(net, client)["data_segs_out"]).toBe(1);
  });

  test("with nodelay leave as three", async () => {
    using net = await open();
    const [client, server] = connected(net);
    net.setsockopt(client, "tcp", "nodelay", true);
    send(net, client, null);
    expect(received(net, server, 3)).toBe("abc");
    expect(infoOf(net, client)["data_segs_out"]).toBe(3);
  });
});

test("info counts what went to and came from a node:net peer", async () => {
  const SIZE = 300_000;
  await using peer = await nodeServer(loopback("inet"), "echo");
  using bounded = await openBounded();
  const { net } = bounded;
  const fd = net.socket("inet", "stream");
  net.connect(fd, peer.address);
  expect(net.send(fd, new Uint8Array(SIZE))).toBe(SIZE);
  expect(net.recv(fd, new Uint8Array(SIZE), "waitall")).toBe(SIZE);
  const info = infoOf(net, fd);
  const ESTABLISHED = 1; // netinet/tcp.h
  expect(info).toMatchObject({ state: ESTABLISHED, bytes_received: SIZE, unacked: 0 });
  expect(info["bytes_sent"]! - info["bytes_retrans"]!).toBe(SIZE);
  expect(info["bytes_acked"]).toBe(SIZE + 1); // the SYN is one of them
  expect(info["rtt"]).toBeGreaterThan(0);
});

test("linger of no seconds resets the connection: ECONNRESET at node:net", async () => {
  await using peer = await nodeServer(loopback("inet"), "echo");
  using net = await open();
  const fd = net.socket("inet", "stream");
  net.connect(fd, peer.address);
  net.send(fd, Buffer.of(1));
  expect(net.recv(fd, new Uint8Array(1))).toBe(1); // so the peer reads
  net.setsockopt(fd, "socket", "linger", { on: true, seconds: 0 });
  net.close(fd);
  expect(await peer.next()).toEqual({ error: "ECONNRESET" });
});

test("defer-accept accepts a connection only with its first bytes", async () => {
  using bounded = await openBounded();
  const { net } = bounded;
  const { listener, address } = listening(net, loopback("inet"));
  net.setsockopt(listener, "tcp", "defer-accept", 10);
  const client = net.socket("inet", "stream");
  net.connect(client, address);
  expect(net.poll([{ fd: listener, events: "in" }], 0)).toEqual([]);
  net.send(client, Buffer.from("now"));
  const bytes = Buffer.alloc(3);
  expect(net.recv(net.accept(listener), bytes, "dontwait")).toBe(3);
  expect(bytes.toString()).toBe("now");
});

test("maxseg bounds the segments that the peer sends", async () => {
  using net = await open();
  const { listener, address } = listening(net, loopback("inet"));
  const client = net.socket("inet", "stream");
  net.setsockopt(client, "tcp", "maxseg", 500);
  net.connect(client, address);
  const server = net.accept(listener);
  net.send(server, new Uint8Array(5000));
  expect(net.recv(client, new Uint8Array(5000), "waitall")).toBe(5000);
  expect(infoOf(net, server)["data_segs_out"]).toBeGreaterThanOrEqual(10);
  expect(net.getsockopt(server, "tcp", "maxseg")).toBeLessThanOrEqual(500);
});

test("notsent-lowat keeps the queue of unsent bytes short", async () => {
  using net = await open();
  const queued = (lowat?: number) => {
    const [client] = connected(net);
    if (lowat !== undefined) net.setsockopt(client, "tcp", "notsent-lowat", lowat);
    while (net.send(client, new Uint8Array(65536), "dontwait") > 0);
    expectErrno(net, "EAGAIN");
    return infoOf(net, client)["notsent_bytes"]!;
  };
  expect(queued(1)).toBeLessThan(queued() / 4);
});

const ALLOWED = linux
  ? readFileSync("/proc/sys/net/ipv4/tcp_allowed_congestion_control", "utf8")
  : "cubic";

test.each(ALLOWED.trim().split(" "))("congestion control may be %s", async (name) => {
  await using peer = await nodeServer(loopback("inet"), "digest");
  using net = await open();
  const fd = net.socket("inet", "stream");
  net.setsockopt(fd, "tcp", "congestion", name);
  net.connect(fd, peer.address);
  expect(net.getsockopt(fd, "tcp", "congestion")).toBe(name);
  const set = () => {
    net.setsockopt(fd, "tcp", "congestion", "no-such-name");
  };
  expectError(net, set, "ENOENT");
  expect(net.getsockopt(fd, "tcp", "congestion")).toBe(name);
  const bytes = randomBytes(100_000);
  expect(net.send(fd, bytes)).toBe(bytes.length);
  net.shutdown(fd, "write");
  expect(await peer.next<Digest>()).toEqual(digest(bytes));
});

// prettier-ignore
test.each<[name: string, value: OptionValue]>([
  ["keepidle", 11], ["keepintvl", 12], ["keepcnt", 13], ["user-timeout", 14_000],
  ["syncnt", 3], ["notsent-lowat", 4096], ["linger2", 15], ["window-clamp", 65536],
  ["nodelay", true], ["cork", true], ["quickack", false], ["fastopen-connect", true],
])("%s is read as it was set, %j", async (name, value) => {
  using net = await open();
  const fd = net.socket("inet", "stream");
  expect(net.getsockopt(fd, "tcp", name)).not.toBe(value);
  net.setsockopt(fd, "tcp", name, value);
  expect(net.getsockopt(fd, "tcp", name)).toBe(value);
});
