// Names of addresses, interfaces and this host, against a C program and what the kernel lists.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { hostname } from "node:os";
import {
  instantiate,
  open,
  type Address,
  type NameInfo,
  type NameInfoFlag,
  type SocketError,
} from "wasi-sockets";
import { describe, expect, test } from "vitest";
import { compileC, runC } from "./support/c.js";
import { compileGuest } from "./support/guest.js";
import { isMusl } from "./support/libc.js";
import { testWithC } from "./support/programs.js";
import { expectError, invoke, unix } from "./support/sockets.js";
import { linux } from "./support/system.js";

const inet = (address: string, port: number): Address => ({ family: "inet", address, port });
const inet6 = (address: string, port: number, scope = 0): Address => ({
  family: "inet6",
  address,
  port,
  scope,
});

const ADDRESSES: Address[] = [
  inet("127.0.0.1", 80),
  inet("127.0.0.1", 0),
  inet("127.0.0.1", 513), // login of tcp, who of udp
  inet("127.0.0.1", 65535),
  inet6("::1", 443),
  inet6("::1", 514), // shell of tcp, syslog of udp
];

/** Addresses whose names would have to be asked of somebody else. */
const FOREIGN: Address[] = [
  inet("0.0.0.0", 53),
  inet("192.0.2.1", 22),
  inet("255.255.255.255", 22),
  inet6("::", 53),
  inet6("2001:db8::1", 25),
  inet6("::ffff:192.0.2.1", 25),
  inet6("fe80::1", 25, 1),
  inet6("fe80::1", 25, 4_000_000),
];

const FLAGS: NameInfoFlag[][] = [
  [],
  ["numericserv"],
  ["dgram"],
  ["namereqd"],
  ["nofqdn"],
  ["namereqd", "numericserv", "dgram"],
];
const NUMERIC: NameInfoFlag[][] = [
  ["numerichost"],
  ["numerichost", "numericserv"],
  ["numerichost", "dgram"],
  ["numerichost", "namereqd"],
];

// As of netdb.h, for a C program that knows their names.
const CONSTANTS: Record<NameInfoFlag, string> = {
  numerichost: "NI_NUMERICHOST",
  numericserv: "NI_NUMERICSERV",
  nofqdn: "NI_NOFQDN",
  namereqd: "NI_NAMEREQD",
  dgram: "NI_DGRAM",
  idn: "NI_IDN",
};

const CASES = [
  ...ADDRESSES.flatMap((address) => [...FLAGS, ...NUMERIC].map((flags) => ({ address, flags }))),
  ...FOREIGN.flatMap((address) => NUMERIC.map((flags) => ({ address, flags }))),
  ...[[], ...NUMERIC].map((flags) => ({ address: unix("/run/app.sock"), flags })),
];

/** A line of the C program for each case. */
function call({ address, flags }: (typeof CASES)[number]): string {
  const bits = ["0", ...flags.map((flag) => CONSTANTS[flag])].join("|");
  if ("path" in address) return `named(${JSON.stringify(address.path)}, ${bits});`;
  if (address.family !== "inet" && address.family !== "inet6")
    throw new TypeError("no others here");
  const scope = "scope" in address ? address.scope : 0;
  return `${address.family}("${address.address}", ${address.port}, ${String(scope)}, ${bits});`;
}

const PROGRAM = `
  #define _GNU_SOURCE
  #include <arpa/inet.h>
  #include <netdb.h>
  #include <stddef.h>
  #include <stdio.h>
  #include <string.h>
  #include <sys/un.h>
  static void show(void *address, socklen_t length, int flags) {
    char host[2048], service[2048];
    int result = getnameinfo(address, length, host, sizeof host, service, sizeof service, flags);
    if (result == 0) printf("{\\"host\\":\\"%s\\",\\"service\\":\\"%s\\"}\\n", host, service);
    else printf("%d\\n", result);
  }
  static void inet(const char *text, int port, int scope, int flags) {
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    inet_pton(AF_INET, text, &address.sin_addr);
    show(&address, sizeof address, flags);
  }
  static void inet6(const char *text, int port, int scope, int flags) {
    struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
    address.sin6_scope_id = scope;
    inet_pton(AF_INET6, text, &address.sin6_addr);
    show(&address, sizeof address, flags);
  }
  static void named(const char *path, int flags) {
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strcpy(address.sun_path, path);
    show(&address, offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1, flags);
  }
  int main(void) {
    ${CASES.map(call).join("\n    ")}
    return 0;
  }
`;

testWithC("getnameinfo gives what it gives a C program, for every address and flag", async () => {
  const expected = (await runC(await compileC("names", PROGRAM))).trimEnd().split("\n");
  using net = await open();
  const name = ({ address, flags }: (typeof CASES)[number]): NameInfo | number => {
    try {
      return net.getnameinfo(address, flags);
    } catch (error) {
      return (error as SocketError).errno;
    }
  };
  const table = (answers: unknown[]) => CASES.map((one, i) => [call(one), answers[i]]);
  expect(table(CASES.map(name))).toEqual(
    table(expected.map((line) => JSON.parse(line) as unknown)),
  );
  expect(expected).toHaveLength(CASES.length);
});

describe("getnameinfo", () => {
  test("gives the numbers of an address", async () => {
    using net = await open();
    const numeric = ["numerichost", "numericserv"] as const;
    expect(net.getnameinfo(inet6("2001:db8::1", 8080), numeric)).toEqual({
      host: "2001:db8::1",
      service: "8080",
    });
  });

  test("fails by the codes of getaddrinfo", async () => {
    using net = await open();
    const attempt = (flags: number) => () => net.getnameinfo(inet("127.0.0.1", 80), flags);
    const failed = { name: "SocketError", syscall: "getnameinfo", code: "EAI_BADFLAGS" };
    // musl takes a flag that it does not know, and does without.
    if (isMusl) expect(attempt(0x4000)()).toMatchObject({ service: "http" });
    else expect(attempt(0x4000)).toThrow(expect.objectContaining(failed) as Error);
    expect(net.errno?.code).toBe(isMusl ? undefined : "EAI_BADFLAGS");
    const required = () => net.getnameinfo(inet("192.0.2.1", 80), ["numerichost", "namereqd"]);
    expect(required).toThrow(/EAI_NONAME/);
    const other = () => net.getnameinfo({ family: 999, bytes: Uint8Array.of(0xe7, 3) });
    expect(other).toThrow(/EAI_FAMILY/);
  });

  test("refuses what is no address and no flag", async () => {
    using net = await open();
    expect(() => net.getnameinfo(inet("localhost", 80))).toThrow(TypeError);
    expect(() => net.getnameinfo(inet("127.0.0.1", 65536))).toThrow(RangeError);
    const flag = () => invoke(net, "getnameinfo", inet("127.0.0.1", 80), "numeric");
    expect(flag).toThrow(/numerichost, numericserv/);
  });

  test("asks nobody where resolve is not allowed, but reads numbers", async () => {
    using net = await open({ allow: {} });
    const address = inet("127.0.0.1", 80);
    expect(net.getnameinfo(address, "numerichost").host).toBe("127.0.0.1");
    expectError(net, () => net.getnameinfo(address), "EACCES", { syscall: "getnameinfo" });
  });
});

describe("interfaces", () => {
  /** Every interface of this network namespace, and its index: Linux lists them. */
  const interfaces = (linux ? readdirSync("/sys/class/net") : [])
    .map((name) => ({ name, file: `/sys/class/net/${name}/ifindex` }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => [name, Number(readFileSync(file, "utf8"))] as const);

  test.each(interfaces)("%s is number %d, both ways", async (name, index) => {
    using net = await open();
    expect(net.ifNameToIndex(name)).toBe(index);
    expect(net.ifIndexToName(index)).toBe(name);
  });

  test("that do not exist are ENODEV by name and ENXIO by index", async () => {
    using net = await open();
    for (const name of ["", "wasi-none", "x".repeat(16), "x".repeat(4000)]) {
      expectError(net, () => net.ifNameToIndex(name), "ENODEV", { syscall: "if_nametoindex" });
    }
    for (const index of [0, -1, 2 ** 31 - 1]) {
      expectError(net, () => net.ifIndexToName(index), "ENXIO", { syscall: "if_indextoname" });
    }
    expect(() => net.ifNameToIndex("lo\0x")).toThrow(TypeError);
    expect(() => net.ifNameToIndex("x".repeat(5000))).toThrow(RangeError);
  });
});

test("gethostname is the name that Node has for this host", async () => {
  using net = await open();
  expect(net.gethostname()).toBe(hostname());
});

test("a guest finds the same names as TypeScript", async () => {
  using net = await open();
  const loopback = net.ifIndexToName(1); // on every system
  const guest = await instantiate<{
    find(): number;
    missing(): number;
    memory: WebAssembly.Memory;
  }>(
    await compileGuest(`
      import { Inet, NI, gethostname, getnameinfo, if_indextoname, if_nametoindex } from "wasi-sockets/assembly";
      export function find(): usize {
        const names = getnameinfo(new Inet("127.0.0.1", 80), NI.NUMERICHOST)!;
        const index = if_nametoindex("${loopback}");
        const all = [names.host, names.service, gethostname()!, index.toString(), if_indextoname(index)!];
        return changetype<usize>(String.UTF8.encode(all.join(" "), true));
      }
      export function missing(): i32 { return if_nametoindex("no such one"); }`),
    { allow: true },
  );
  const bytes = Buffer.from(guest.exports.memory.buffer);
  const at = guest.exports.find();
  const found = bytes.toString("utf8", at, bytes.indexOf(0, at));
  const { host, service } = net.getnameinfo(
    { family: "inet", address: "127.0.0.1", port: 80 },
    "numerichost",
  );
  const index = net.ifNameToIndex(loopback);
  expect(found).toBe([host, service, net.gethostname(), index, net.ifIndexToName(index)].join(" "));
  expect(guest.exports.missing()).toBe(-1);
  guest.dispose();
});
