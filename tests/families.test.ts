// The transports beside TCP and UDP: a transfer where the kernel has them, else the errno that C gets. And
// what unix sockets have that no others do.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { instantiate, open, type Address, type Net, type Protocol, type Type } from "wasi-sockets";
import { domains, protocols, types } from "#host/api/symbols";
import { beforeAll, describe, expect, test } from "vitest";
import { compileC, compiler } from "./support/c.js";
import { compileGuest } from "./support/guest.js";
import { Program, testWithC } from "./support/programs.js";
import { listening, loopback, openBounded, unix } from "./support/sockets.js";

interface Row {
  readonly domain: "inet" | "inet6";
  readonly type: Type & ("stream" | "datagram" | "seqpacket" | "raw" | "rdm" | "dccp");
  readonly protocol: Protocol | null;
  /** The type and the protocol in C. */
  readonly c: string;
}

// prettier-ignore
const KINDS: Omit<Row, "domain">[] = [
  { type: "datagram", protocol: "udplite", c: "SOCK_DGRAM, IPPROTO_UDPLITE" },
  { type: "stream", protocol: "sctp", c: "SOCK_STREAM, IPPROTO_SCTP" },
  { type: "seqpacket", protocol: "sctp", c: "SOCK_SEQPACKET, IPPROTO_SCTP" },
  { type: "dccp", protocol: "dccp", c: "SOCK_DCCP, IPPROTO_DCCP" },
  { type: "stream", protocol: "mptcp", c: "SOCK_STREAM, IPPROTO_MPTCP" },
  { type: "rdm", protocol: null, c: "SOCK_RDM, 0" },
  { type: "raw", protocol: "mpls", c: "SOCK_RAW, IPPROTO_MPLS" },
  { type: "stream", protocol: "udp", c: "SOCK_STREAM, IPPROTO_UDP" },
  { type: "datagram", protocol: "tcp", c: "SOCK_DGRAM, IPPROTO_TCP" },
];
const ROWS: Row[] = KINDS.flatMap((kind) => [
  { domain: "inet", ...kind },
  { domain: "inet6", ...kind },
]);

/** The lengths of the records that cross a seqpacket socket. The second is not the end of a record to MSG_EOR. */
const SIZES = [3, 200, 1];

// DCCP connects only where both ends name the same service; linux/dccp.h
const SOL_DCCP = 269;
const DCCP_SOCKOPT_SERVICE = 2;
const SERVICE = 42;

/** Says what the socket of row argv[1] is, or why there is none, and answers once, in capitals. */
const ECHO = `
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef SOCK_DCCP
#define SOCK_DCCP 6
#endif
static int fail(void) { return !fprintf(stderr, "{\\"errno\\":%d}\\n", errno); }
static int option(int fd, int name) {
  int value = -1;
  getsockopt(fd, SOL_SOCKET, name, &value, &(socklen_t){sizeof value});
  return value;
}
int main(int argc, char **argv) {
  static const int rows[][3] = {
    ${ROWS.map(({ domain, c }) => `{AF_${domain.toUpperCase()}, ${c}}`).join(",\n    ")}
  };
  const int *row = rows[atoi(argv[1])];
  int fd = socket(row[0], row[1], row[2]);
  if (fd < 0) return fail();
  union { struct sockaddr_in in; struct sockaddr_in6 in6; } name = {0};
  name.in.sin_family = row[0];
  if (row[0] == AF_INET) name.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  else name.in6.sin6_addr = in6addr_loopback;
  socklen_t length = row[0] == AF_INET ? sizeof name.in : sizeof name.in6;
  uint32_t service = ${SERVICE};
  if (row[1] == SOCK_DCCP) setsockopt(fd, ${SOL_DCCP}, ${DCCP_SOCKOPT_SERVICE}, &service, 4);
  if (bind(fd, (struct sockaddr *)&name, length)) return fail();
  int connects = row[1] == SOCK_STREAM || row[1] == SOCK_DCCP;
  if ((connects || row[1] == SOCK_SEQPACKET) && listen(fd, 1)) return fail();
  getsockname(fd, (struct sockaddr *)&name, &length);
  fprintf(stderr, "{\\"port\\":%d,\\"type\\":%d,\\"protocol\\":%d}\\n",
          ntohs(name.in.sin_port), option(fd, SO_TYPE), option(fd, SO_PROTOCOL));
  if (connects) fd = accept(fd, 0, 0);
  unsigned char bytes[512];
  length = sizeof name;
  int count = recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&name, &length);
  // With raw sockets of IPv4 the header comes along.
  int start = row[0] == AF_INET && row[1] == SOCK_RAW ? (bytes[0] & 15) * 4 : 0;
  for (int i = start; i < count; i++) bytes[i] = toupper(bytes[i]);
  struct sockaddr *to = connects ? 0 : (struct sockaddr *)&name;
  sendto(fd, bytes + start, count - start, 0, to, connects ? 0 : length);
  return 0;
}`;

/** Says who it is, after connecting to the abstract name argv[1]; as nobody, where it may choose. */
const WHO = `
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
int main(int argc, char **argv) {
  if (getuid() == 0 && (setgid(65533) || setuid(65534))) return 1;
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  strcpy(name.sun_path + 1, argv[1]);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(fd, (void *)&name, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(argv[1]))) return 1;
  fprintf(stderr, "{\\"pid\\":%d,\\"uid\\":%d,\\"gid\\":%d}\\n", getpid(), getuid(), getgid());
  char byte;
  return recv(fd, &byte, 1, 0);
}`;

/** Sends records to the abstract name argv[1], then prints those that come back and whether MSG_EOR is set. */
const RECORDS = `
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
int main(int argc, char **argv) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  strcpy(name.sun_path + 1, argv[1]);
  int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  if (connect(fd, (void *)&name, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(argv[1]))) return 1;
  char bytes[256] = "abcdefgh";
  static const int counts[] = {${SIZES.join(", ")}};
  for (int i = 0; i < 3; i++) send(fd, bytes, counts[i], i == 1 ? 0 : MSG_EOR);
  for (int i = 0; i < 3; i++) {
    struct iovec vector = {bytes, sizeof bytes};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    int count = recvmsg(fd, &message, 0);
    printf("%d %s\\n", count, message.msg_flags & MSG_EOR ? "true" : "false");
  }
  return 0;
}`;

const programs = { echo: ECHO, who: WHO, records: RECORDS };
const paths = new Map<string, string>();
beforeAll(async () => {
  if ("missing" in compiler) return;
  const all = Object.entries(programs).map(async ([name, source]) => {
    paths.set(name, await compileC(name, source));
  });
  await Promise.all(all);
});

function start(name: keyof typeof programs, ...args: string[]): Program {
  return new Program(paths.get(name)!, args);
}

/** What the C program says of its socket. */
type Said =
  | { readonly errno: number }
  | { readonly errno?: undefined; port: number; type: number; protocol: number };

/** Sends a request and waits for its answer. */
function exchange(net: Net, fd: number, { type }: Row, peer: Address): void {
  const connects = type === "stream" || type === "dccp";
  if (type === "dccp") net.setsockopt(fd, SOL_DCCP, DCCP_SOCKOPT_SERVICE, SERVICE);
  if (connects) net.connect(fd, peer);
  expect(net.sendto(fd, Buffer.from("request"), null, connects ? null : peer)).toBe(7);
  const bytes = Buffer.alloc(512);
  let answer: string;
  do {
    const [count] = net.recvfrom(fd, bytes);
    answer = bytes.toString("latin1", 0, Number(count)).slice(-7);
    // What a raw socket sends to this host it receives as well.
  } while (type === "raw" && answer === "request");
  expect(answer).toBe("REQUEST");
}

describe("a C program answers, or fails with the same errno as we do, over", () => {
  for (const [index, row] of ROWS.entries()) {
    const { domain, type, protocol } = row;
    testWithC(`${domain} ${type} ${protocol ?? "without a protocol"}`, async () => {
      using bounded = await openBounded();
      const { net } = bounded;
      await using program = start("echo", String(index));
      const said = JSON.parse(await program.said(/(\{.*\})/)) as Said;
      if (said.errno !== undefined) {
        const error = { name: "SocketError", syscall: "socket", errno: said.errno };
        expect(() => net.socket(domain, type, protocol)).toThrow(
          expect.objectContaining(error) as Error,
        );
        return;
      }
      const fd = net.socket(domain, type, protocol);
      expect(net.getsockopt(fd, "socket", "type")).toBe(said.type);
      expect(net.getsockopt(fd, "socket", "protocol")).toBe(said.protocol);
      exchange(net, fd, row, { ...loopback(domain), port: said.port });
    });
  }
});

/** A guest that asks the C program, as `exchange` does: 7 for its answer, or -errno. */
const GUEST = `
import { AF, Inet, Inet6, SOCK, SocketAddress, close, connect, errno, recvfrom, sendto, setsockopt, socket,
} from "wasi-sockets/assembly";
export function ask(domain: i32, type: i32, protocol: i32, port: i32): i32 {
  const fd = socket(domain, type, protocol);
  if (fd < 0) return -errno();
  const peer = domain == AF.INET
    ? changetype<SocketAddress>(new Inet("127.0.0.1", port))
    : changetype<SocketAddress>(new Inet6("::1", port));
  const connects = type == SOCK.STREAM || type == SOCK.DCCP;
  if (type == SOCK.DCCP) setsockopt(fd, ${SOL_DCCP}, ${DCCP_SOCKOPT_SERVICE}, ${SERVICE});
  if (connects && connect(fd, peer) < 0) return -errno();
  const request = Uint8Array.wrap(String.UTF8.encode("request"));
  if (sendto(fd, request, 0, connects ? null : peer) != request.length) return -errno();
  const bytes = new Uint8Array(512);
  for (;;) {
    const received = recvfrom(fd, bytes);
    if (received == null) return -errno();
    const answer = String.UTF8.decode(bytes.buffer.slice(received.count - 7, received.count));
    if (answer == "request") continue; // what a raw socket sends to this host it receives as well
    close(fd);
    return answer == "REQUEST" ? 7 : -1;
  }
}`;

describe("a guest gets the same answer, or the same errno, over", () => {
  interface Exports {
    ask(domain: number, type: number, protocol: number, port: number): number;
  }
  let module: WebAssembly.Module;
  beforeAll(async () => {
    module = await WebAssembly.compile(await compileGuest(GUEST));
  });

  for (const [index, { domain, type, protocol }] of ROWS.entries()) {
    testWithC(`${domain} ${type} ${protocol ?? "without a protocol"}`, async () => {
      await using program = start("echo", String(index));
      const said = JSON.parse(await program.said(/(\{.*\})/)) as Said;
      using guest = await instantiate<Exports>(module, { allow: true });
      const numbers = [
        domains.encode(domain),
        types.encode(type),
        protocols.encode(protocol),
      ] as const;
      const answer = guest.exports.ask(...numbers, said.errno === undefined ? said.port : 0);
      expect(answer).toBe(said.errno === undefined ? 7 : -said.errno);
    });
  }
});

describe("peercred", () => {
  testWithC("tells who connected to a unix listener", async () => {
    using bounded = await openBounded();
    const { net } = bounded;
    const name = randomUUID();
    const { listener } = listening(net, unix(`\0${name}`));
    await using peer = start("who", name);
    const fd = net.accept(listener);
    const who = await peer.said(/(\{.*\})/);
    expect(net.getsockopt(fd, "socket", "peercred")).toEqual(JSON.parse(who));
  });

  test("of a socketpair is this process", async () => {
    using net = await open();
    const [left, right] = net.socketpair("unix", "stream");
    const self = { pid: process.pid, uid: process.getuid!(), gid: process.getgid!() };
    expect(net.getsockopt(left, "socket", "peercred")).toEqual(self);
    expect(net.getsockopt(right, "socket", "peercred")).toEqual(self);
  });
});

test.each(["stream", "datagram", "seqpacket"] as const)(
  "the kernel lists the abstract name that it chose for a unix %s socket",
  async (type) => {
    using net = await open();
    const names = [1, 2].map(() => {
      const fd = net.socket("unix", type);
      net.bind(fd, unix(""));
      return net.getsockname(fd) as { path: string };
    });
    const listed = readFileSync("/proc/net/unix", "latin1").split(/\s+/);
    for (const { path } of names) {
      // unix(7): a null byte, then five hexadecimal digits
      expect(path).toMatch(/^\0[0-9a-f]{5}$/);
      expect(listed).toContain(path.replace("\0", "@"));
    }
    expect(names[0]).not.toEqual(names[1]);
  },
);

describe("a unix seqpacket connection to a C program", () => {
  function connect(net: Net): { fd: number; program: Program } {
    const name = randomUUID();
    const listener = net.socket("unix", "seqpacket");
    net.bind(listener, unix(`\0${name}`));
    net.listen(listener, 1);
    const program = start("records", name);
    return { fd: net.accept(listener), program };
  }

  testWithC(
    "keeps the records, with and without eor, and marks their ends as C sees it",
    async () => {
      using bounded = await openBounded();
      const { net } = bounded;
      const { fd, program } = connect(net);
      const bytes = Buffer.alloc(256);
      const received = SIZES.map(() => net.recvmsg(fd, { data: [bytes] })!);
      expect(received.map(({ count }) => count)).toEqual(SIZES);
      for (const [i, size] of SIZES.entries()) {
        expect(net.send(fd, bytes.subarray(0, size), i === 1 ? null : "eor")).toBe(size);
      }
      const ours = received.map(({ count, flags }) => `${count} ${flags.includes("eor")}\n`);
      expect((await program.output()).toString()).toBe(ours.join(""));
    },
  );

  testWithC("cuts the records that do not fit, says so, and ends both ways", async () => {
    using bounded = await openBounded();
    const { net } = bounded;
    const { fd, program } = connect(net);
    const received = SIZES.map(() => net.recvmsg(fd, { data: [new Uint8Array(2)] })!);
    expect(received.map(({ count }) => count)).toEqual(SIZES.map((size) => Math.min(size, 2)));
    const cut = received.map(({ flags }) => flags.includes("trunc"));
    expect(cut).toEqual(SIZES.map((size) => size > 2));
    net.close(fd);
    expect((await program.output()).toString()).toBe("0 false\n".repeat(SIZES.length));
  });
});
