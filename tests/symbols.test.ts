// The API's symbols: each must be the number of its C macro, and decode back. The tables are the
// project's specification, written out; the numbers come from the C compiler.

import { readFileSync } from "node:fs";
import { instantiate } from "@assemblyscript/loader";
import { beforeAll, describe, expect, test } from "vitest";
import { marshal } from "#host/marshal";
import {
  addressInfoFlags,
  descriptorFlags,
  directions,
  domains,
  epollEvents,
  fcntlCommands,
  levels,
  messageFlags,
  nameInfoFlags,
  optionsOf,
  pollEvents,
  protocols,
  statusFlags,
  types,
  type SymbolSet,
} from "#host/api/symbols";
import { compileC, compiler, runC } from "./support/c.js";
import { compileGuest } from "./support/guest.js";

/** Names of C macros; the first symbol of a name decodes, the ones after it are its aliases. */
type Table = Record<string, string>;

/** Rows whose macro is the symbol itself, in capitals behind a prefix. */
function spelled(prefix: string, symbols: string): Table {
  const macro = (symbol: string) => prefix + symbol.toUpperCase().replaceAll("-", "_");
  const names = symbols.split(" ").filter((symbol) => symbol !== "");
  return Object.fromEntries(names.map((symbol) => [symbol, macro(symbol)]));
}

const DOMAIN: Table = {
  unspecified: "AF_UNSPEC",
  unspec: "AF_UNSPEC",
  unix: "AF_UNIX",
  local: "AF_LOCAL",
  inet: "AF_INET",
  inet6: "AF_INET6",
  ...spelled("AF_", "netlink packet vsock"),
};

const TYPE: Table = {
  stream: "SOCK_STREAM",
  datagram: "SOCK_DGRAM",
  dgram: "SOCK_DGRAM",
  raw: "SOCK_RAW",
  rdm: "SOCK_RDM",
  seqpacket: "SOCK_SEQPACKET",
  dccp: "SOCK_DCCP",
  packet: "SOCK_PACKET",
  "close-on-exec": "SOCK_CLOEXEC",
  cloexec: "SOCK_CLOEXEC",
  "non-blocking": "SOCK_NONBLOCK",
  nonblock: "SOCK_NONBLOCK",
};

const PROTOCOL: Table = {
  ipv4: "IPPROTO_IP",
  ...spelled("IPPROTO_", "ip icmp igmp ipip tcp"),
  gcp: "IPPROTO_TCP", // an old spelling, which stands where the headers have TCP
  ...spelled("IPPROTO_", "egp pup udp idp tp dccp ipv6 rsvp gre esp ah icmpv6 mtp beetph encap"),
  ...spelled("IPPROTO_", "pim comp sctp udplite mpls raw mptcp"),
};

const MESSAGE: Table = {
  ...spelled("MSG_", "oob peek dontroute tryhard ctrunc proxy trunc dontwait eor waitall fin syn"),
  ...spelled("MSG_", "confirm rst errqueue nosignal more waitforone batch zerocopy fastopen"),
  "cmsg-cloexec": "MSG_CMSG_CLOEXEC",
};

const ADDRINFO: Table = {
  ...spelled("AI_", "passive canonname numerichost v4mapped all addrconfig idn canonidn"),
  ...spelled("AI_", "idn-allow-unassigned idn-use-std3-ascii-rules numericserv"),
};

const FCNTL = spelled("F_", "getfl setfl getfd setfd");
const DESCRIPTOR: Table = { "close-on-exec": "FD_CLOEXEC", cloexec: "FD_CLOEXEC" };
const STATUS: Table = {
  "non-blocking": "O_NONBLOCK",
  nonblock: "O_NONBLOCK",
  append: "O_APPEND",
  async: "O_ASYNC",
};

// Levels of a protocol are its number, as tcp(7) and udp(7) have it.
const LEVEL: Table = {
  socket: "SOL_SOCKET",
  ip: "IPPROTO_IP",
  ipv6: "IPPROTO_IPV6",
  tcp: "IPPROTO_TCP",
  udp: "IPPROTO_UDP",
  icmpv6: "IPPROTO_ICMPV6",
};

const HOW: Table = { read: "SHUT_RD", write: "SHUT_WR", both: "SHUT_RDWR" };

const POLL = spelled("POLL", "in pri out err hup nval rdhup");

const EPOLL = spelled("EPOLL", "in pri out err hup rdhup exclusive oneshot et");

const NAMEINFO = spelled("NI_", "numerichost numericserv nofqdn namereqd dgram idn");

const { SymbolSet: Sets, SO, IP, IPV6, MCAST, TCP, UDP, ICMP6 } = marshal;

/** A set of symbols as the host has it, its number in AssemblyScript, and its table. */
type Row = [name: string, { set: SymbolSet; number: number; table: Table }];

/** The sets that have a type of their own in host/api/symbols.ts, which names them. */
const TYPED: Row[] = [
  ["Domain", { set: domains, number: Sets.DOMAIN, table: DOMAIN }],
  ["Type", { set: types, number: Sets.TYPE, table: TYPE }],
  ["Protocol", { set: protocols, number: Sets.PROTOCOL, table: PROTOCOL }],
  ["MessageFlag", { set: messageFlags, number: Sets.MESSAGE, table: MESSAGE }],
  ["AddressInfoFlag", { set: addressInfoFlags, number: Sets.ADDRINFO, table: ADDRINFO }],
  ["DescriptorFlag", { set: descriptorFlags, number: Sets.DESCRIPTOR, table: DESCRIPTOR }],
  ["StatusFlag", { set: statusFlags, number: Sets.STATUS, table: STATUS }],
  ["Level", { set: levels, number: Sets.LEVEL, table: LEVEL }],
  ["How", { set: directions, number: Sets.HOW, table: HOW }],
  ["PollEvent", { set: pollEvents, number: Sets.POLL, table: POLL }],
  ["EpollEvent", { set: epollEvents, number: Sets.EPOLL, table: EPOLL }],
  ["NameInfoFlag", { set: nameInfoFlags, number: Sets.NAMEINFO, table: NAMEINFO }],
];

/**
 * Options are named after their macros throughout, so that a prefix says all of them: the level's, but
 * for those of RFC 3678, which two levels share.
 */
function options(level: string, prefix: string): Row {
  const number = levels.encode(level);
  const set = optionsOf(number);
  const own = set.symbols.filter((symbol) => !symbol.startsWith("mcast-"));
  const common = set.symbols.filter((symbol) => symbol.startsWith("mcast-"));
  const table = { ...spelled(prefix, own.join(" ")), ...spelled("", common.join(" ")) };
  return [`${level} option`, { set, number: Sets.OPTION + number, table }];
}

const ALL: Row[] = [
  ...TYPED,
  ["fcntl command", { set: fcntlCommands, number: Sets.FCNTL, table: FCNTL }],
  options("socket", "SO_"),
  options("ip", "IP_"),
  options("ipv6", "IPV6_"),
  options("tcp", "TCP_"),
  options("udp", "UDP_"),
  options("icmpv6", "ICMP6_"),
];

// Constants that are no option of a guest's: IP_PKTOPTIONS gives control messages as the host lays
// them out, IPV6_HOPLIMIT is the type of a control message.
const NO_OPTION = ["IP_PKTOPTIONS", "IPV6_HOPLIMIT"];

/** The symbol that a row's number decodes to: the first of its table with that number. */
function canonical(table: Table, numbers: Map<string, number>, symbol: string): string {
  const number = numbers.get(table[symbol]!);
  return Object.keys(table).find((other) => numbers.get(table[other]!) === number)!;
}

const skipped = "missing" in compiler ? ` (skipped: ${compiler.missing})` : "";

describe.skipIf(skipped)(`symbols and the C headers${skipped}`, () => {
  let numbers: Map<string, number>;

  beforeAll(async () => {
    const macros = [...new Set(ALL.flatMap(([, { table }]) => Object.values(table)))];
    const program = await compileC(
      "symbols",
      `
      #define _GNU_SOURCE
      #include <fcntl.h>
      #include <netdb.h>
      #include <stdio.h>
      #include <sys/socket.h>
      #include <netinet/in.h>
      #include <netinet/icmp6.h>
      #include <poll.h>
      #include <sys/epoll.h>
      #include <linux/in.h>
      #include <linux/in6.h>
      #include <linux/tcp.h>
      #include <linux/udp.h>

      // glibc warns of two deprecated flags by this; their numbers count all the same.
      #undef __glibc_macro_warning
      #define __glibc_macro_warning(message)

      int main(void) {
        ${macros.map((macro) => `printf("%lld\\n", (long long)(int)(${macro}));`).join("\n")}
        return 0;
      }`,
    );
    const values = (await runC(program)).trimEnd().split("\n").map(Number);
    numbers = new Map(macros.map((macro, index) => [macro, values[index]!]));
  });

  test.each(ALL)("%s: every symbol encodes to the number of its macro", (_, { set, table }) => {
    const encoded = Object.keys(table).map((symbol) => [symbol, set.encode(symbol)]);
    const expected = Object.entries(table).map(([symbol, macro]) => [symbol, numbers.get(macro)]);
    expect(encoded).toEqual(expected);
  });

  test.each(ALL)(
    "%s: every symbol decodes, an alias to the first of its names",
    (_, { set, table }) => {
      for (const symbol of Object.keys(table)) {
        expect(set.decode(numbers.get(table[symbol]!)!)).toBe(canonical(table, numbers, symbol));
      }
    },
  );

  describe("in AssemblyScript", () => {
    interface Guest extends Record<string, unknown> {
      encodeSymbol(set: number, symbol: number): number;
      decodeSymbol(set: number, number: number): number;
      literal(): number;
      foreign(): number;
      NO_SYMBOL: WebAssembly.Global;
    }
    let guest: Awaited<ReturnType<typeof instantiate<Guest>>>["exports"];

    beforeAll(async () => {
      const source = `
        import { SymbolSet, encodeSymbol } from "wasi-sockets/assembly";
        export { NO_SYMBOL, decodeSymbol, encodeSymbol } from "wasi-sockets/assembly";
        export function literal(): i32 {
          return encodeSymbol(SymbolSet.MESSAGE, "cmsg-cloexec");
        }
        export function foreign(): i32 {
          return encodeSymbol(SymbolSet.MESSAGE, "stream");
        }`;
      guest = (await instantiate<Guest>(await compileGuest(source, ["--exportRuntime"]))).exports;
    });

    const encode = (set: number, symbol: string) =>
      guest.encodeSymbol(set, guest.__newString(symbol));
    const decode = (set: number, number: number) => {
      const symbol = guest.decodeSymbol(set, number);
      return symbol === 0 ? null : guest.__getString(symbol);
    };

    test.each(ALL)("%s: every symbol encodes and decodes alike", (_, { number, table }) => {
      for (const [symbol, macro] of Object.entries(table)) {
        expect([symbol, encode(number, symbol)]).toEqual([symbol, numbers.get(macro)]);
        expect(decode(number, numbers.get(macro)!)).toBe(canonical(table, numbers, symbol));
      }
    });

    test("a symbol that the program has as a literal encodes alike, and another set's does not", () => {
      expect(guest.literal()).toBe(numbers.get("MSG_CMSG_CLOEXEC"));
      expect(guest.foreign()).toBe(guest.NO_SYMBOL.value);
    });

    test("what a set does not hold is NO_SYMBOL, and null", () => {
      expect(encode(Sets.DOMAIN, "stream")).toBe(guest.NO_SYMBOL.value);
      expect(encode(-1, "inet")).toBe(guest.NO_SYMBOL.value);
      expect(decode(Sets.DOMAIN, 12345)).toBeNull();
      expect(decode(Sets.OPTION + 12345, 1)).toBeNull();
    });
  });
});

describe("the names of symbols", () => {
  const source = readFileSync(new URL("../host/api/symbols.ts", import.meta.url), "utf8");

  /** The members of a union of strings, the members of the types that it names included. */
  function members(type: string): string[] {
    const union = new RegExp(`export type ${type} =([^;]*);`).exec(source)![1]!;
    const parts = [...union.matchAll(/"([^"]*)"|([A-Z]\w*)/g)];
    return parts.flatMap(([, symbol, other]) => symbol ?? members(other!));
  }

  test.each(TYPED)(
    "%s of host/api/symbols.ts has them all, and no other",
    (type, { set, table }) => {
      expect(set.symbols).toEqual(Object.keys(table));
      expect(members(type).sort()).toEqual(Object.keys(table).sort());
    },
  );

  test("fcntl has its four commands", () => {
    expect(fcntlCommands.symbols).toEqual(Object.keys(FCNTL));
  });

  test.each([
    ["socket", "SO_", SO],
    ["ip", "IP_", IP, MCAST],
    ["ipv6", "IPV6_", IPV6, MCAST],
    ["tcp", "TCP_", TCP],
    ["udp", "UDP_", UDP],
    ["icmpv6", "ICMP6_", ICMP6],
  ])("every option of level %s has one", (level, prefix, constants, common: object = {}) => {
    const macros = [
      ...Object.keys(constants).map((name) => prefix + name),
      ...Object.keys(common).map((name) => `MCAST_${name}`),
    ];
    const expected = macros.filter((macro) => !NO_OPTION.includes(macro));
    expect(Object.values(options(level, prefix)[1].table).sort()).toEqual(expected.sort());
  });

  test("a level that this build does not know has no options", () => {
    expect(optionsOf(12345).symbols).toEqual([]);
  });
});

describe("encoding", () => {
  test("gcp is tcp", () => {
    expect(protocols.encode("gcp")).toBe(6);
    expect(protocols.decode(6)).toBe("tcp");
  });

  test("a list is ored", () => {
    const bits = types.encode("stream") | types.encode("cloexec") | types.encode("nonblock");
    expect(types.encodeFlags(["stream", "close-on-exec", "non-blocking"])).toBe(bits);
    expect(messageFlags.encodeFlags(["peek", 0x40, "peek"])).toBe(0x42);
    expect(messageFlags.encodeFlags([])).toBe(0);
  });

  test("bits decode to the symbols that they stand for, in the order of the table", () => {
    const bits = messageFlags.encodeFlags(["cmsg-cloexec", "dontwait", "tryhard"]);
    expect(messageFlags.decodeFlags(bits)).toEqual(["dontroute", "dontwait", "cmsg-cloexec"]);
    expect(messageFlags.decodeFlags(0)).toEqual([]);
  });

  test("a bit without a symbol is left out", () => {
    expect(statusFlags.decodeFlags(statusFlags.encode("append") | 0x40000000)).toEqual(["append"]);
  });

  test.each([0, 1, 40, -1, 0x7fffffff])("the number %i passes through", (number) => {
    expect(fcntlCommands.encode(number)).toBe(number);
    expect(levels.encodeFlags(number)).toBe(number);
  });

  test("a number without a symbol decodes to itself", () => {
    expect(domains.decode(12345)).toBe(12345);
  });

  test.each([null, undefined])("%s is 0", (nothing) => {
    expect(protocols.encode(nothing)).toBe(0);
    expect(messageFlags.encodeFlags(nothing)).toBe(0);
  });

  test.each(ALL)("%s: an unknown symbol is a TypeError that lists the valid ones", (_, { set }) => {
    const valid = `valid are ${set.symbols.join(", ")}, or a number`;
    for (const symbol of ["no-such-symbol", "", "INET", "toString", "__proto__"]) {
      const message = `${set.what} ${JSON.stringify(symbol)} is unknown; ${valid}`;
      expect(() => set.encode(symbol)).toThrow(new TypeError(message));
      expect(() => set.encodeFlags([0, symbol])).toThrow(new TypeError(message));
    }
  });
});
