// What the codecs make of addresses, answers, values and numbers for each system. The bytes are what the systems'
// public headers say, written down by hand; no machine but this one is needed.

import { Errno, marshal } from "#host/marshal";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const { ABSENT, AF, AI, EAI, MSG, NumberSet, POLL, SO, SOCK, SOL, System } = marshal;
const memory = Buffer.from(marshal.memory.buffer);
/** Places of our own in the largest scratch area. */
const [FROM, TO] = [marshal.block, marshal.block + 1024];

const SYSTEMS = ["LINUX", "DARWIN", "FREEBSD", "WINDOWS"] as const;
type Bytes = Readonly<Record<(typeof SYSTEMS)[number], string>>;

/** Bytes of hexadecimal digits, in groups. */
const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");

/** Runs a codec from FROM to TO: the bytes that it made, or its error number. */
function coded(from: string, codec: (length: number) => number): string | number {
  const bytes = bytesOf(from);
  memory.fill(0xee, TO, TO + 512);
  bytes.copy(memory, FROM);
  const length = codec(bytes.length);
  return length < 0 ? length : memory.toString("hex", TO, TO + length);
}

const IN6 = "01bb 00000007 20010db8000000000000000000000001 03000000";
const PATH = "2f72756e2f61 00"; // "/run/a"

const addresses: Readonly<Record<string, Bytes>> = {
  "192.0.2.1:8080": {
    LINUX: "0200 1f90 c0000201 0000000000000000",
    DARWIN: "10 02 1f90 c0000201 0000000000000000",
    FREEBSD: "10 02 1f90 c0000201 0000000000000000",
    WINDOWS: "0200 1f90 c0000201 0000000000000000",
  },
  "[2001:db8::1]:443 with a flow and a scope": {
    LINUX: `0a00 ${IN6}`,
    DARWIN: `1c 1e ${IN6}`,
    FREEBSD: `1c 1c ${IN6}`,
    WINDOWS: `1700 ${IN6}`,
  },
  "/run/a": {
    LINUX: `0100 ${PATH}`,
    DARWIN: `09 01 ${PATH}`,
    FREEBSD: `09 01 ${PATH}`,
    WINDOWS: `0100 ${PATH}`,
  },
};

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

const values: Readonly<Record<string, { option: number; bytes: Bytes }>> = {
  "a timeout of 1.5 seconds": {
    option: SO.RCVTIMEO,
    bytes: {
      LINUX: "0100000000000000 20a1070000000000",
      DARWIN: "0100000000000000 20a10700 00000000",
      FREEBSD: "0100000000000000 20a1070000000000",
      WINDOWS: "dc050000",
    },
  },
  "a timeout of a microsecond, which is not none": {
    option: SO.SNDTIMEO,
    bytes: {
      LINUX: "0000000000000000 0100000000000000",
      DARWIN: "0000000000000000 01000000 00000000",
      FREEBSD: "0000000000000000 0100000000000000",
      WINDOWS: "01000000",
    },
  },
  "no timeout": {
    option: SO.SNDTIMEO,
    bytes: {
      LINUX: "00".repeat(16),
      DARWIN: "00".repeat(16),
      FREEBSD: "00".repeat(16),
      WINDOWS: "00000000",
    },
  },
  "lingering for 7 seconds": {
    option: SO.LINGER,
    bytes: {
      LINUX: "01000000 07000000",
      DARWIN: "01000000 07000000",
      FREEBSD: "01000000 07000000",
      WINDOWS: "0100 0700",
    },
  },
  "a flag": {
    option: SO.KEEPALIVE,
    bytes: { LINUX: "01000000", DARWIN: "01000000", FREEBSD: "01000000", WINDOWS: "01000000" },
  },
};

describe.each(SYSTEMS)("values of options on %s", (name) => {
  test.each(Object.entries(values))("%s", (_, { option, bytes }) => {
    const to = coded(bytes.LINUX, (length) =>
      marshal.optionToSystem(System[name], SOL.SOCKET, option, FROM, length, TO),
    );
    expect(to).toBe(bytesOf(bytes[name]).toString("hex"));
  });
});

// An answer: AI_CANONNAME, IPv6, a stream, TCP, 28 bytes at 0x1122334455667788, a name at 0x…77, the next at 0x…66.
const [ADDRESS, NAME, NEXT] = ["8877665544332211", "7777665544332211", "6677665544332211"];
const answers: Bytes = {
  LINUX: `02000000 0a000000 01000000 06000000 1c000000 00000000 ${ADDRESS} ${NAME} ${NEXT}`,
  DARWIN: `02000000 1e000000 01000000 06000000 1c000000 00000000 ${NAME} ${ADDRESS} ${NEXT}`,
  FREEBSD: `02000000 1c000000 01000000 06000000 1c000000 00000000 ${NAME} ${ADDRESS} ${NEXT}`,
  WINDOWS: `02000000 17000000 01000000 06000000 1c00000000000000 ${NAME} ${ADDRESS} ${NEXT}`,
};

test.each(SYSTEMS)("an answer of getaddrinfo on %s", (name) => {
  const from = coded(answers[name], () => {
    marshal.addrinfoFromSystem(System[name], FROM, TO);
    return marshal.native_addrinfo.sizeof;
  });
  expect(from).toBe(bytesOf(answers.LINUX).toString("hex"));
});

// Hints: AI_PASSIVE and AI_NUMERICSERV, IPv6, a stream, TCP.
const hints: Bytes = {
  LINUX: `01040000 0a000000 01000000 06000000 ${"00".repeat(32)}`,
  DARWIN: `01100000 1e000000 01000000 06000000 ${"00".repeat(32)}`,
  FREEBSD: `09000000 1c000000 01000000 06000000 ${"00".repeat(32)}`,
  WINDOWS: `09000000 17000000 01000000 06000000 ${"00".repeat(32)}`,
};

test.each(SYSTEMS)("hints of getaddrinfo on %s", (name) => {
  const to = coded(hints.LINUX, () =>
    marshal.hintsToSystem(System[name], FROM, TO) ? marshal.native_addrinfo.sizeof : -1,
  );
  expect(to).toBe(bytesOf(hints[name]).toString("hex"));
});
