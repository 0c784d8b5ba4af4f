// What the codecs make of addresses, answers, values and numbers for each system. The bytes are what the systems'
// public headers say, written down by hand; no machine but this one is needed.

import { Errno, marshal } from "#host/marshal";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FROM, SYSTEMS, TO, bytesOf, coded, everywhere, type Bytes } from "./support/encodings.js";
import { addresses, answer, hints, values } from "./support/goldens.js";

const { ABSENT, AF, AI, EAI, IP, IPV6, MCAST, MSG, NumberSet, POLL, SO, SOCK, SOL, System, TCP } =
  marshal;

describe.each(SYSTEMS)("%s", (name) => {
  const system = System[name];

  test.each(Object.entries(addresses))("the address %s, there and back", (_, bytes) => {
    const to = coded(bytes.LINUX, (length) => marshal.sockaddrToSystem(system, FROM, length, TO));
    expect(to).toBe(bytesOf(bytes[name]).toString("hex"));
    const back = coded(bytes[name], (length) =>
      marshal.sockaddrFromSystem(system, FROM, length, TO),
    );
    expect(back).toBe(bytesOf(bytes.LINUX).toString("hex"));
  });

  test("any address of IPv4, IPv6 and Unix comes back as it was", () => {
    const inet = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((rest) => [2, 0, ...rest, ...Array<number>(8).fill(0)]); // prettier-ignore
    const inet6 = fc.uint8Array({ minLength: 26, maxLength: 26 }).map((rest) => [10, 0, ...rest]);
    const unix = fc
      .array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 103 })
      .map((path) => [1, 0, ...path, 0]);
    fc.assert(
      fc.property(fc.oneof(inet, inet6, unix), (bytes) => {
        const hex = Buffer.from(bytes).toString("hex");
        const there = coded(hex, (length) => marshal.sockaddrToSystem(system, FROM, length, TO));
        const back = coded(there as string, (length) =>
          marshal.sockaddrFromSystem(system, FROM, length, TO),
        );
        expect(back).toBe(hex);
      }),
    );
  });
});

describe.each(["DARWIN", "FREEBSD", "WINDOWS"] as const)("what %s does not have", (name) => {
  const system = System[name];
  const encoded = (hex: string) =>
    coded(hex, (length) => marshal.sockaddrToSystem(system, FROM, length, TO));

  test.each([
    ["an abstract name", "0100 00 6162", "EINVAL"],
    ["a Unix address without a path", "0100", "EINVAL"],
    ["a path without room for its NUL", `0100 ${"61".repeat(108)}`, "ENAMETOOLONG"],
    ["AF_PACKET", `1100 ${"00".repeat(18)}`, "EAFNOSUPPORT"],
    ["AF_NETLINK", `1000 ${"00".repeat(10)}`, "EAFNOSUPPORT"],
    ["no family", "02", "EINVAL"],
    ["an IPv4 address that is cut", "0200 1f90 c00002", "EINVAL"],
    ["an IPv6 address that is cut", "0a00 01bb 00000007 2001", "EINVAL"],
  ] as const)("%s: %s is %s", (_, hex, code) => {
    expect(encoded(hex)).toBe(-Errno[code]);
  });

  test("an unknown family comes back as no address, an unnamed Unix socket as its family", () => {
    const decoded = (hex: string) =>
      coded(hex, (length) => marshal.sockaddrFromSystem(system, FROM, length, TO));
    expect(decoded("7f7f 0000")).toBe("");
    const family = name === "WINDOWS" ? "0100" : "1001";
    expect(decoded(`${family} ${"00".repeat(14)}`)).toBe("0100");
    expect(decoded(family)).toBe("0100");
  });

  test("AF_UNSPEC, which dissolves an association, is a whole address", () => {
    const bytes = name === "WINDOWS" ? "0000" : "1000";
    expect(encoded("0000")).toBe(bytes + "00".repeat(14));
  });

  test("flags and numbers that Linux alone has are ABSENT", () => {
    expect(marshal.flagsToSystem(system, NumberSet.MSG, MSG.PEEK | MSG.ERRQUEUE)).toBe(ABSENT);
    expect(marshal.flagsToSystem(system, NumberSet.MSG, 0x8000_0000 | 0)).toBe(ABSENT);
    expect(marshal.numberToSystem(system, NumberSet.AF, AF.PACKET)).toBe(ABSENT);
    expect(marshal.numberToSystem(system, NumberSet.SO, SO.ZEROCOPY)).toBe(ABSENT);
    expect(marshal.numberFromSystem(system, NumberSet.AF, ABSENT)).toBe(ABSENT);
    expect(marshal.errnoFromSystem(system, 9999)).toBe(Errno.EIO);
  });
});

// What the guest has, and each system: sys/socket.h, netdb.h, poll.h, errno.h; winsock2.h, ws2tcpip.h, winerror.h.
const numbers: readonly [set: keyof typeof NumberSet, guest: number, ...others: number[]][] = [
  ["AF", AF.INET6, 30, 28, 23],
  ["SOL", SOL.SOCKET, 0xffff, 0xffff, 0xffff],
  ["SO", SO.REUSEADDR, 0x4, 0x4, 0x4],
  ["SO", SO.ERROR, 0x1007, 0x1007, 0x1007],
  ["EAI", EAI.NONAME, 8, 8, 11001],
  ["EAI", EAI.BADFLAGS, 3, 3, 10022],
  ["ERRNO", Errno.ECONNREFUSED, 61, 61, 10061],
  ["ERRNO", Errno.EAGAIN, 35, 35, 10035],
  ["ERRNO", Errno.EADDRINUSE, 48, 48, 10048],
  ["ERRNO", Errno.EOPNOTSUPP, 102, 45, 10045],
];

test.each(numbers)("%s %d is one number on each system", (set, guest, ...others) => {
  const systems = [System.DARWIN, System.FREEBSD, System.WINDOWS];
  const to = systems.map((system) => marshal.numberToSystem(system, NumberSet[set], guest));
  expect(to).toEqual(others);
  const from = systems.map((system, i) =>
    marshal.numberFromSystem(system, NumberSet[set], others[i]!),
  );
  expect(from).toEqual([guest, guest, guest]);
});

const flags: readonly [set: keyof typeof NumberSet, guest: number, ...others: number[]][] = [
  ["MSG", MSG.PEEK | MSG.WAITALL | MSG.TRUNC, 0x2 | 0x40 | 0x10, 0x2 | 0x40 | 0x10, 0x2 | 0x8 | 0x100],
  ["MSG", MSG.CTRUNC, 0x20, 0x20, 0x200],
  ["MSG", MSG.DONTWAIT | MSG.NOSIGNAL, 0x80 | 0x80000, 0x80 | 0x20000, ABSENT],
  ["AI", AI.PASSIVE | AI.NUMERICSERV, 0x1 | 0x1000, 0x1 | 0x8, 0x1 | 0x8],
  ["POLL", POLL.PRI, 0x2, 0x2, 0x400],
  ["POLL", POLL.IN | POLL.OUT, 0x5, 0x5, 0x300 | 0x10],
  ["SOCK", SOCK.NONBLOCK | SOCK.CLOEXEC, ABSENT, 0x30000000, ABSENT],
]; // prettier-ignore

test.each(flags)("flags of %s, 0x%x, on each system", (set, guest, ...others) => {
  const systems = [System.DARWIN, System.FREEBSD, System.WINDOWS];
  const to = systems.map((system) => marshal.flagsToSystem(system, NumberSet[set], guest));
  expect(to).toEqual(others);
});

test("one event of the system's may be two of the guest's", () => {
  const events = (system: number, native: number) =>
    marshal.flagsFromSystem(system, NumberSet.POLL, native);
  expect(events(System.WINDOWS, 0x100)).toBe(POLL.IN | POLL.RDNORM);
  expect(events(System.DARWIN, 0x4)).toBe(POLL.OUT | POLL.WRNORM);
  expect(events(System.FREEBSD, 0x10)).toBe(POLL.HUP);
});

test("ENOTSUP of macOS is the guest's EOPNOTSUPP as well", () => {
  expect(marshal.errnoFromSystem(System.DARWIN, 45)).toBe(Errno.EOPNOTSUPP);
});

/** Values of options: which, and its bytes. */
const options: readonly [what: string, level: number, option: number, bytes: Bytes][] = [
  ["a timeout of 1.5 seconds", SOL.SOCKET, SO.RCVTIMEO, values.timeout],
  ["no timeout", SOL.SOCKET, SO.SNDTIMEO, { ...everywhere("00".repeat(16)), WINDOWS: "00000000" }],
  ["lingering for 7 seconds", SOL.SOCKET, SO.LINGER, values.lingering],
  ["a flag", SOL.SOCKET, SO.KEEPALIVE, everywhere("01000000")],
  ["a number", SOL.TCP, TCP.KEEPIDLE, everywhere("3c000000")],
];

/** Those that are only set. */
const groups: typeof options = [
  ["ip_mreqn", SOL.IP, IP.ADD_MEMBERSHIP, values.mreqn],
  ["ip_mreq", SOL.IP, IP.DROP_MEMBERSHIP, values.mreq],
  ["ip_mreq_source", SOL.IP, IP.ADD_SOURCE_MEMBERSHIP, values.mreq_source],
  ["ipv6_mreq", SOL.IPV6, IPV6.JOIN_GROUP, values.ipv6_mreq],
  ["group_req", SOL.IPV6, MCAST.JOIN_GROUP, values.group],
  ["group_source_req", SOL.IP, MCAST.JOIN_SOURCE_GROUP, values.group_source],
  ["in_addr", SOL.IP, IP.MULTICAST_IF, everywhere("c0000201")],
  ["ip_mreqn of an interface", SOL.IP, IP.MULTICAST_IF, { ...values.mreqn, WINDOWS: "00000003" }],
  [
    "ip_mreq of an interface",
    SOL.IP,
    IP.MULTICAST_IF,
    { ...everywhere("c0000201"), LINUX: values.mreq.LINUX },
  ],
  [
    "a timeout of a microsecond, which is not none",
    SOL.SOCKET,
    SO.SNDTIMEO,
    {
      LINUX: "0000000000000000 0100000000000000",
      DARWIN: "0000000000000000 01000000 00000000",
      FREEBSD: "0000000000000000 0100000000000000",
      WINDOWS: "01000000",
    },
  ],
];

describe.each(SYSTEMS)("values of options on %s", (name) => {
  test.each([...options, ...groups])("%s", (_, level, option, bytes) => {
    const to = coded(bytes.LINUX, (length) =>
      marshal.optionToSystem(System[name], level, option, FROM, length, TO),
    );
    expect(to).toBe(bytesOf(bytes[name]).toString("hex"));
  });

  test.each(options)("%s, asked for", (_, level, option, bytes) => {
    const from = coded(bytes[name], (length) =>
      marshal.optionFromSystem(System[name], level, option, FROM, length, TO),
    );
    expect(from).toBe(bytesOf(bytes.LINUX).toString("hex"));
  });
});

test.each<
  [
    what: string,
    system: "DARWIN" | "FREEBSD" | "WINDOWS",
    option: number,
    native: string,
    guest: string,
  ]
>([
  ["a flag is 1, whatever bit it is", "DARWIN", SO.KEEPALIVE, "08000000", "01000000"],
  ["a flag that is not set is 0", "FREEBSD", SO.KEEPALIVE, "00000000", "00000000"],
  ["a BOOLEAN is a flag as well", "WINDOWS", SO.KEEPALIVE, "01", "01000000"],
  ["SO_ERROR is the guest's number", "DARWIN", SO.ERROR, "3d000000", "6f000000"],
  ["SO_ERROR is the guest's number", "WINDOWS", SO.ERROR, "4d270000", "6f000000"],
  ["no error is none", "WINDOWS", SO.ERROR, "00000000", "00000000"],
  ["SO_DOMAIN is the guest's family", "FREEBSD", SO.DOMAIN, "1c000000", "0a000000"],
  [
    "lingering of BSD is 1, whatever bit it is",
    "FREEBSD",
    SO.LINGER,
    "80000000 07000000",
    "01000000 07000000",
  ],
  ["a timeval that is cut has no value", "DARWIN", SO.RCVTIMEO, "0100000000000000", ""],
  ["a linger that is cut has no value", "WINDOWS", SO.LINGER, "0100", ""],
])("%s: %s", (_, system, option, native, guest) => {
  const from = coded(native, (length) =>
    marshal.optionFromSystem(System[system], SOL.SOCKET, option, FROM, length, TO),
  );
  expect(from).toBe(bytesOf(guest).toString("hex"));
});

test.each<[what: string, level: number, option: number, bytes: string]>([
  ["a timeout", SOL.SOCKET, SO.RCVTIMEO, "00".repeat(15)],
  ["lingering", SOL.SOCKET, SO.LINGER, "00".repeat(7)],
  ["ip_mreq", SOL.IP, IP.ADD_MEMBERSHIP, "00".repeat(7)],
  ["ip_mreq_source", SOL.IP, IP.BLOCK_SOURCE, "00".repeat(11)],
  ["in_addr", SOL.IP, IP.MULTICAST_IF, "00".repeat(3)],
  ["group_req", SOL.IP, MCAST.LEAVE_GROUP, "00".repeat(135)],
  ["group_source_req", SOL.IPV6, MCAST.BLOCK_SOURCE, "00".repeat(263)],
])(
  "%s that is cut is EINVAL everywhere but on Linux, whose kernel says so",
  (_, level, option, hex) => {
    for (const system of [System.DARWIN, System.FREEBSD, System.WINDOWS]) {
      const to = coded(hex, (length) =>
        marshal.optionToSystem(system, level, option, FROM, length, TO),
      );
      expect(to).toBe(-Errno.EINVAL);
    }
  },
);

test("a group of no Internet family is none elsewhere", () => {
  const hex = bytesOf(values.group.LINUX).toString("hex").replace("00000a00", "00001100");
  const to = coded(hex, (length) =>
    marshal.optionToSystem(System.DARWIN, SOL.IPV6, MCAST.JOIN_GROUP, FROM, length, TO),
  );
  expect(to).toBe(-Errno.EAFNOSUPPORT);
});

test.each(SYSTEMS)("an answer of getaddrinfo on %s", (name) => {
  const from = coded(answer[name], () => {
    marshal.addrinfoFromSystem(System[name], FROM, TO);
    return marshal.native_addrinfo.sizeof;
  });
  expect(from).toBe(bytesOf(answer.LINUX).toString("hex"));
});

test.each(SYSTEMS)("hints of getaddrinfo on %s", (name) => {
  const to = coded(hints.LINUX, () =>
    marshal.hintsToSystem(System[name], FROM, TO) ? marshal.native_addrinfo.sizeof : -1,
  );
  expect(to).toBe(bytesOf(hints[name]).toString("hex"));
});
