// getaddrinfo, against the same calls of a C program and against node:dns.

import { lookup } from "node:dns/promises";
import { readdirSync } from "node:fs";
import { open, type AddressInfo, type AddressInfoHints, type Net } from "wasi-sockets";
import { beforeAll, describe, expect, test } from "vitest";
import { compileC, compiler, runC } from "./support/c.js";
import { heap, isMusl } from "./support/libc.js";
import { testWithC } from "./support/programs.js";

type Arguments = [node: string | null, service: string | null, hints: AddressInfoHints | null];

/** Answers or a code, one a line, as the C program prints them. */
function ours(net: Net, [node, service, hints]: Arguments): string {
  let answers: AddressInfo[];
  try {
    answers = net.getaddrinfo(node, service, hints);
  } catch (error) {
    return (error as { code: string }).code;
  }
  const line = ({ flags, family, type, protocol, canonname, address }: AddressInfo) => {
    if (address.family !== "inet" && address.family !== "inet6") {
      throw new TypeError("not an Internet address");
    }
    const scope = address.family === "inet6" ? address.scope : 0;
    const shown = [family, type, protocol, address.address, address.port, scope, canonname ?? "-"];
    return `${shown.join(" ")} ${[...flags].sort().join(",")}`;
  };
  return answers.map(line).join("\n");
}

/** What the C program reads: the arguments of one call, in words. */
function words([node, service, hints]: Arguments): string {
  const { flags = [], family, type, protocol } = hints ?? {};
  const given = hints === null ? null : "hints";
  const all = [node, service, given, [flags].flat().join(","), family, type, protocol];
  return all.map((word) => word ?? "-").join("\t");
}

const C = `
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// musl has neither the flags nor the code.
#ifndef AI_IDN
#define AI_IDN 0x40
#define AI_CANONIDN 0x80
#define EAI_IDN_ENCODE -105
#endif
struct name { const char *name; int number; };
static struct name families[] = {{"unspecified", AF_UNSPEC}, {"inet", AF_INET}, {"inet6", AF_INET6}, {"unix", AF_UNIX}, {0}};
static struct name types[] = {{"stream", SOCK_STREAM}, {"datagram", SOCK_DGRAM}, {"raw", SOCK_RAW}, {"rdm", SOCK_RDM}, {0}};
static struct name protocols[] = {{"ipv4", 0}, {"tcp", IPPROTO_TCP}, {"udp", IPPROTO_UDP}, {"icmp", IPPROTO_ICMP}, {0}};
static struct name flags[] = {{"addrconfig", AI_ADDRCONFIG}, {"all", AI_ALL}, {"canonidn", AI_CANONIDN}, {"canonname", AI_CANONNAME}, {"idn", AI_IDN},
  {"numerichost", AI_NUMERICHOST}, {"numericserv", AI_NUMERICSERV}, {"passive", AI_PASSIVE}, {"v4mapped", AI_V4MAPPED}, {0}};
static struct name codes[] = {{"EAI_NONAME", EAI_NONAME}, {"EAI_SERVICE", EAI_SERVICE}, {"EAI_BADFLAGS", EAI_BADFLAGS}, {"EAI_FAMILY", EAI_FAMILY},
  {"EAI_SOCKTYPE", EAI_SOCKTYPE}, {"EAI_AGAIN", EAI_AGAIN}, {"EAI_FAIL", EAI_FAIL}, {"EAI_ADDRFAMILY", EAI_ADDRFAMILY}, {"EAI_NODATA", EAI_NODATA},
  {"EAI_IDN_ENCODE", EAI_IDN_ENCODE}, {"EAI_MEMORY", EAI_MEMORY}, {"EAI_SYSTEM", EAI_SYSTEM}, {"EAI_OVERFLOW", EAI_OVERFLOW}, {0}};
static int number(struct name *set, const char *word) {
  for (; set->name; set++) if (!strcmp(set->name, word)) return set->number;
  return atoi(word);
}
static const char *name(struct name *set, int value) {
  for (; set->name; set++) if (set->number == value) return set->name;
  return "?";
}
static char *text(char *word) { return strcmp(word, "-") ? word : 0; }
static void call(char **argument) {
  struct addrinfo hints = {0}, *list;
  for (char *flag = strtok(argument[3], ","); flag && *flag != '-'; flag = strtok(0, ",")) hints.ai_flags |= number(flags, flag);
  hints.ai_family = number(families, argument[4]);
  hints.ai_socktype = number(types, argument[5]);
  hints.ai_protocol = number(protocols, argument[6]);
  int code = getaddrinfo(text(argument[0]), text(argument[1]), text(argument[2]) ? &hints : 0, &list);
  if (code) { puts(name(codes, code)); return; }
  for (struct addrinfo *a = list; a; a = a->ai_next) {
    char host[64];
    struct sockaddr_in *in = (void *)a->ai_addr;
    struct sockaddr_in6 *in6 = (void *)a->ai_addr;
    int six = a->ai_family == AF_INET6;
    inet_ntop(a->ai_family, six ? (void *)&in6->sin6_addr : (void *)&in->sin_addr, host, sizeof host);
    printf("%s %s %s %s %d %u %s ", name(families, a->ai_family), name(types, a->ai_socktype), name(protocols, a->ai_protocol),
      host, ntohs(in->sin_port), six ? in6->sin6_scope_id : 0, a->ai_canonname ? a->ai_canonname : "-");
    const char *comma = "";
    for (struct name *f = flags; f->name; f++) if (a->ai_flags & f->number) printf("%s%s", comma, f->name), comma = ",";
    puts("");
  }
}
int main(void) {
  char line[8192];
  while (fgets(line, sizeof line, stdin)) {
    char *rest = line, *argument[7];
    line[strlen(line) - 1] = 0;
    for (int i = 0; i < 7; i++) argument[i] = strsep(&rest, "\t");
    call(argument);
    puts("");
  }
}`;

const CALLS: [what: string, ...Arguments][] = [
  ["a name", "localhost", null, null],
  ["a name and a port", "localhost", "80", null],
  ["a name and a named service", "localhost", "http", null],
  ["a numeric host", "192.0.2.1", "443", null],
  ["a numeric host of inet6", "2001:db8::1", "443", null],
  ["a numeric host with a zone", "fe80::1%lo", "443", { type: "stream" }],
  ["an old form of a number", "0x7f.1", null, null],
  ["no host", null, "80", null],
  ["no host, passive", null, "80", { flags: "passive" }],
  ["empty hints", "localhost", "80", {}],
  ["the family inet", "localhost", "80", { family: "inet" }],
  ["the family inet6", "localhost", "80", { family: "inet6" }],
  ["the type stream", "localhost", "80", { type: "stream" }],
  ["the type datagram", "127.0.0.1", "80", { type: "datagram" }],
  ["the type raw", "127.0.0.1", null, { type: "raw" }],
  ["the protocol udp", "127.0.0.1", "80", { protocol: "udp" }],
  ["the protocol tcp", "127.0.0.1", "http", { protocol: "tcp" }],
  [
    "every hint",
    "::1",
    "80",
    { flags: ["numerichost"], family: "inet6", type: "stream", protocol: "tcp" },
  ],
  ["canonname", "localhost", null, { flags: "canonname" }],
  ["canonname of a number", "127.0.0.1", null, { flags: ["canonname"], type: "stream" }],
  ["v4mapped", "127.0.0.1", "80", { flags: "v4mapped", family: "inet6" }],
  ["v4mapped and all", "localhost", "80", { flags: ["v4mapped", "all"], family: "inet6" }],
  ["addrconfig", "localhost", "80", { flags: "addrconfig" }],
  ["idn", "localhost", null, { flags: ["idn", "canonname", "canonidn"] }],
  ["numericserv", "127.0.0.1", "80", { flags: "numericserv" }],
  ["an unknown name", "nothing.invalid", null, null],
  ["a number of the other family", "127.0.0.1", null, { family: "inet6" }],
  ["a number that is none", "256.256.256.256", null, { flags: "numerichost" }],
  ["neither host nor service", null, null, null],
  ["an empty name", "", null, null],
  ["an unknown service", "127.0.0.1", "no-such-service", null],
  ["a named service where it must be numeric", "127.0.0.1", "http", { flags: "numericserv" }],
  ["a service for raw", "127.0.0.1", "http", { type: "raw" }],
  ["canonname without a name", null, "80", { flags: "canonname" }],
  ["an unknown flag", "127.0.0.1", null, { flags: 0x40000000 }],
  ["a family that has no names", "127.0.0.1", null, { family: "unix" }],
  ["a type that has no addresses", "127.0.0.1", "80", { type: "rdm" }],
  ["a type and a protocol that do not fit", "127.0.0.1", "80", { type: "stream", protocol: "udp" }],
  ["a label of 64 characters", "a".repeat(64), null, null],
  ["a name of 2000 characters", "a.".repeat(1000), null, null],
  ["a service of 2000 characters", "127.0.0.1", "s".repeat(2000), null],
];

describe("getaddrinfo answers as in C, in the same order, for", () => {
  let answers: string[];
  beforeAll(async () => {
    if ("missing" in compiler) return;
    const program = await compileC("getaddrinfo", C);
    const lines = CALLS.map(([, ...call]) => `${words(call)}\n`);
    answers = (await runC(program, [], lines.join(""))).split("\n\n");
  });

  for (const [index, [what, ...call]] of CALLS.entries()) {
    testWithC(what, async () => {
      using net = await open();
      expect(ours(net, call)).toBe(answers[index]);
    });
  }
});

test.each(["localhost", "127.0.0.1", "::1"])(
  "%s has the addresses that node:dns gives",
  async (node) => {
    using net = await open();
    const answers = net.getaddrinfo(node, null, { type: "stream" }).map(({ address }) => address);
    const addresses = await lookup(node, { all: true, verbatim: true });
    expect(answers).toMatchObject(
      addresses.map(({ address, family }) => ({
        family: family === 6 ? "inet6" : "inet",
        address,
      })),
    );
  },
);

describe("a look-up that fails throws", () => {
  const socktype = isMusl ? (["EAI_SERVICE", -8] as const) : (["EAI_SOCKTYPE", -7] as const);

  test.each([
    ["EAI_NONAME", -2, "256.256.256.256", null, { flags: "numerichost" }],
    ["EAI_NONAME", -2, null, null, null],
    ["EAI_SERVICE", -8, "127.0.0.1", "no-such-service", null],
    ["EAI_BADFLAGS", -1, "127.0.0.1", "80", { flags: 0x40000000 }],
    ["EAI_FAMILY", -6, "127.0.0.1", null, { family: "unix" }],
    [...socktype, "127.0.0.1", "80", { type: "stream", protocol: "udp" }],
  ] as const)("%s (%i) for %j, %j, %j", async (code, errno, node, service, hints) => {
    using net = await open();
    const error = { name: "SocketError", code, errno, syscall: "getaddrinfo" };
    const hostname = node ?? undefined;
    expect(() => net.getaddrinfo(node, service, hints)).toThrow(
      expect.objectContaining(hostname === undefined ? error : { ...error, hostname }) as Error,
    );
    expect(net.errno).toMatchObject({ code, errno });
    expect(net.errno?.message).toMatch(/\w+/);
  });

  test.each([
    ["the host", "local\0host", null],
    ["the service", "localhost", "8\x000"],
  ])("TypeError where %s holds a NUL", async (_, node, service) => {
    using net = await open();
    expect(() => net.getaddrinfo(node, service)).toThrow(TypeError);
  });

  test.each([
    ["flag", { flags: "numeric" }],
    ["domain", { family: "inet5" }],
    ["socket type", { type: "streams" }],
    ["protocol", { protocol: "tpc" }],
  ])("TypeError that lists the valid ones where a %s is unknown", async (what, hints) => {
    using net = await open();
    expect(() => net.getaddrinfo("localhost", null, hints as AddressInfoHints)).toThrow(
      expect.objectContaining({
        name: "TypeError",
        message: expect.stringMatching(`${what} .*unknown; valid are`) as string,
      }) as Error,
    );
  });

  test("an error, not a crash, where the name is longer than any can be", async () => {
    using net = await open();
    expect(() => net.getaddrinfo("a".repeat(100_000))).toThrow(/EAI_NONAME|too long/);
  });
});

test("what a look-up gives can be connected to", async () => {
  using net = await open();
  const listener = net.socket("inet", "stream");
  const [passive] = net.getaddrinfo(null, "0", {
    flags: "passive",
    family: "inet",
    type: "stream",
  });
  net.bind(listener, passive!.address);
  net.listen(listener);
  const bound = net.getsockname(listener);
  const port = "port" in bound ? String(bound.port) : "";
  const [{ family, type, protocol, address }] = net.getaddrinfo("127.0.0.1", port, {
    type: "stream",
  }) as [AddressInfo];
  const client = net.socket(family, type, protocol);
  net.connect(client, address);
  expect(net.getpeername(client)).toEqual(address);
});

describe("10,000 look-ups", () => {
  const LOOK_UPS = 10_000;
  const inUse = heap();
  const uncounted = inUse === undefined ? " (no native memory counted: libc has no mallinfo2)" : "";

  test.each([
    ["an address in text", "127.0.0.1"],
    ["a name", "localhost"],
  ])(`of %s leave no native memory and no descriptor behind${uncounted}`, async (_, node) => {
    using net = await open();
    const look = (times: number) => {
      for (let i = 0; i < times; i++) net.getaddrinfo(node, "80", { flags: "canonname" });
    };
    /** Bytes that so many look-ups leave behind. */
    const kept = (): number => {
      const before = inUse?.() ?? 0;
      look(LOOK_UPS);
      return (inUse?.() ?? 0) - before;
    };
    look(LOOK_UPS);
    const descriptors = readdirSync("/proc/self/fd").length;
    // The compilers of JavaScript allocate as well, until they have seen enough: a leak would be there every time.
    const least = Math.min(kept(), kept(), kept());
    // One answer takes three structs of 48 bytes with an address each, and a name.
    expect(least).toBeLessThan(LOOK_UPS * 48);
    expect(readdirSync("/proc/self/fd").length).toBe(descriptors);
  });
});
