// The bytes of structs on each system, as its public headers lay them out, written down by hand: Linux's first, which
// are the guest's, or a 64-bit kernel's where there are pointers. tests/c/encodings.c has the same values for compilers.

import { everywhere, type Bytes } from "./encodings.js";

const IN6 = "01bb 00000007 20010db8000000000000000000000001 03000000";
const PATH = "2f72756e2f61 00"; // "/run/a"

/** Socket addresses. */
export const addresses = {
  // 192.0.2.1, port 8080
  inet: {
    LINUX: "0200 1f90 c0000201 0000000000000000",
    DARWIN: "10 02 1f90 c0000201 0000000000000000",
    FREEBSD: "10 02 1f90 c0000201 0000000000000000",
    WINDOWS: "0200 1f90 c0000201 0000000000000000",
  },
  // 2001:db8::1, port 443, flow 7, scope 3
  inet6: {
    LINUX: `0a00 ${IN6}`,
    DARWIN: `1c 1e ${IN6}`,
    FREEBSD: `1c 1c ${IN6}`,
    WINDOWS: `1700 ${IN6}`,
  },
  // "/run/a"
  path: {
    LINUX: `0100 ${PATH}`,
    DARWIN: `09 01 ${PATH}`,
    FREEBSD: `09 01 ${PATH}`,
    WINDOWS: `0100 ${PATH}`,
  },
} as const satisfies Record<string, Bytes>;

// Three pointers, and what they are in memory.
const [ADDRESS, NAME, NEXT] = ["8877665544332211", "7777665544332211", "6677665544332211"];

/** Hints of getaddrinfo(3): AI_PASSIVE and AI_NUMERICSERV, IPv6, a stream, TCP. */
export const hints: Bytes = {
  LINUX: `01040000 0a000000 01000000 06000000 ${"00".repeat(32)}`,
  DARWIN: `01100000 1e000000 01000000 06000000 ${"00".repeat(32)}`,
  FREEBSD: `09000000 1c000000 01000000 06000000 ${"00".repeat(32)}`,
  WINDOWS: `09000000 17000000 01000000 06000000 ${"00".repeat(32)}`,
};

/** An answer: AI_CANONNAME, IPv6, a stream, TCP, 28 bytes at the first pointer, a name at the second, the next answer. */
export const answer: Bytes = {
  LINUX: `02000000 0a000000 01000000 06000000 1c000000 00000000 ${ADDRESS} ${NAME} ${NEXT}`,
  DARWIN: `02000000 1e000000 01000000 06000000 1c000000 00000000 ${NAME} ${ADDRESS} ${NEXT}`,
  FREEBSD: `02000000 1c000000 01000000 06000000 1c000000 00000000 ${NAME} ${ADDRESS} ${NEXT}`,
  WINDOWS: `02000000 17000000 01000000 06000000 1c00000000000000 ${NAME} ${ADDRESS} ${NEXT}`,
};

/** Values of options that are structs. */
export const values = {
  // 1.5 seconds
  timeout: {
    LINUX: "0100000000000000 20a1070000000000",
    DARWIN: "0100000000000000 20a10700 00000000",
    FREEBSD: "0100000000000000 20a1070000000000",
    WINDOWS: "dc050000",
  },
  // for 7 seconds
  lingering: {
    LINUX: "01000000 07000000",
    DARWIN: "01000000 07000000",
    FREEBSD: "01000000 07000000",
    WINDOWS: "0100 0700",
  },
  // 239.1.2.3 on interface 3, which Windows has in the place of the interface's address
  mreqn: {
    LINUX: "ef010203 00000000 03000000",
    DARWIN: "ef010203 00000000 03000000",
    FREEBSD: "ef010203 00000000 03000000",
    WINDOWS: "ef010203 00000003",
  },
  // 239.1.2.3 on the interface of 192.0.2.1
  mreq: everywhere("ef010203 c0000201"),
  // the same, from 198.51.100.7
  mreq_source: {
    LINUX: "ef010203 c0000201 c6336407",
    DARWIN: "ef010203 c6336407 c0000201",
    FREEBSD: "ef010203 c6336407 c0000201",
    WINDOWS: "ef010203 c6336407 c0000201",
  },
  // ff02::fb on interface 3
  ipv6_mreq: everywhere("ff0200000000000000000000000000fb 03000000"),
  // the same, as an address
  group: {
    LINUX: `03000000 00000000 ${inet6Group("0a00")}`,
    DARWIN: `03000000 ${inet6Group("1c1e")}`,
    FREEBSD: `03000000 00000000 ${inet6Group("1c1c")}`,
    WINDOWS: `03000000 00000000 ${inet6Group("1700")}`,
  },
  // 239.1.2.3 on interface 3, from 198.51.100.7
  group_source: {
    LINUX: `03000000 00000000 ${inetStorage("0200", "ef010203")} ${inetStorage("0200", "c6336407")}`,
    DARWIN: `03000000 ${inetStorage("1002", "ef010203")} ${inetStorage("1002", "c6336407")}`,
    FREEBSD: `03000000 00000000 ${inetStorage("1002", "ef010203")} ${inetStorage("1002", "c6336407")}`,
    WINDOWS: `03000000 00000000 ${inetStorage("0200", "ef010203")} ${inetStorage("0200", "c6336407")}`,
  },
} as const satisfies Record<string, Bytes>;

/** The sockaddr_storage of ff02::fb, and of an IPv4 address. */
function inet6Group(family: string): string {
  return `${family} 0000 00000000 ff0200000000000000000000000000fb 00000000 ${"00".repeat(100)}`;
}
function inetStorage(family: string, address: string): string {
  return `${family} 0000 ${address} ${"00".repeat(120)}`;
}

/** A message's header: 28 bytes of name at the first pointer, 2 vectors at the second, 40 bytes of control data. */
export const header: Bytes = {
  LINUX: `${ADDRESS} 1c000000 00000000 ${NAME} 0200000000000000 ${NEXT} 2800000000000000 00000000 00000000`,
  DARWIN: `${ADDRESS} 1c000000 00000000 ${NAME} 02000000 00000000 ${NEXT} 28000000 00000000`,
  FREEBSD: `${ADDRESS} 1c000000 00000000 ${NAME} 02000000 00000000 ${NEXT} 28000000 00000000`,
  WINDOWS: `${ADDRESS} 1c000000 00000000 ${NAME} 02000000 00000000 28000000 00000000 ${NEXT} 00000000 00000000`,
};

/** Two vectors: 5 bytes at the first pointer, 65536 at the second. */
export const vectors: Bytes = {
  LINUX: `${ADDRESS} 0500000000000000 ${NAME} 0000010000000000`,
  DARWIN: `${ADDRESS} 0500000000000000 ${NAME} 0000010000000000`,
  FREEBSD: `${ADDRESS} 0500000000000000 ${NAME} 0000010000000000`,
  WINDOWS: `05000000 00000000 ${ADDRESS} 00000100 00000000 ${NAME}`,
};

/** Two entries of poll(2): descriptor 7 for POLLIN, POLLPRI and POLLOUT, and -1 for POLLIN. */
export const polled: Bytes = {
  LINUX: "07000000 0700 0000 ffffffff 0100 0000",
  DARWIN: "07000000 0700 0000 ffffffff 0100 0000",
  FREEBSD: "07000000 0700 0000 ffffffff 0100 0000",
  WINDOWS: "0700000000000000 1007 0000 00000000 ffffffffffffffff 0003 0000 00000000",
};

/** Control messages with their padding; null where the system has no such message. */
export type Control = Readonly<Record<keyof Bytes, string | null>>;

const PKTINFO6 = "20010db8000000000000000000000001 03000000";

/** Control messages that are sent. */
export const sent = {
  // a TTL of 64
  ttl: {
    LINUX: "1400000000000000 00000000 02000000 40000000 00000000",
    DARWIN: "10000000 00000000 04000000 40000000",
    FREEBSD: "11000000 00000000 04000000 00000000 40 00000000000000",
    WINDOWS: "1400000000000000 00000000 04000000 40000000 00000000",
  },
  // a TOS of 0xb8
  tos: {
    LINUX: "1100000000000000 00000000 01000000 b8 00000000000000",
    DARWIN: "10000000 00000000 03000000 b8000000",
    FREEBSD: "11000000 00000000 03000000 00000000 b8 00000000000000",
    WINDOWS: "1400000000000000 00000000 03000000 b8000000 00000000",
  },
  // from 192.0.2.1 on interface 3
  pktinfo: {
    LINUX: "1c00000000000000 00000000 08000000 03000000 c0000201 00000000 00000000",
    DARWIN: "18000000 00000000 1a000000 03000000 c0000201 00000000",
    FREEBSD: null,
    WINDOWS: "1800000000000000 00000000 13000000 c0000201 03000000",
  },
  // from 2001:db8::1 on interface 3
  pktinfo6: {
    LINUX: `2400000000000000 29000000 32000000 ${PKTINFO6} 00000000`,
    DARWIN: `20000000 29000000 2e000000 ${PKTINFO6}`,
    FREEBSD: `24000000 29000000 2e000000 00000000 ${PKTINFO6} 00000000`,
    WINDOWS: `2400000000000000 29000000 13000000 ${PKTINFO6} 00000000`,
  },
  // a hop limit of 64
  hoplimit: {
    LINUX: "1400000000000000 29000000 34000000 40000000 00000000",
    DARWIN: "10000000 29000000 2f000000 40000000",
    FREEBSD: "14000000 29000000 2f000000 00000000 40000000 00000000",
    WINDOWS: "1400000000000000 29000000 15000000 40000000 00000000",
  },
  // a traffic class of 0xb8
  tclass: {
    LINUX: "1400000000000000 29000000 43000000 b8000000 00000000",
    DARWIN: "10000000 29000000 24000000 b8000000",
    FREEBSD: "14000000 29000000 3d000000 00000000 b8000000 00000000",
    WINDOWS: "1400000000000000 29000000 27000000 b8000000 00000000",
  },
  // descriptors 5 and 7
  rights: {
    LINUX: "1800000000000000 01000000 01000000 05000000 07000000",
    DARWIN: "14000000 ffff0000 01000000 05000000 07000000",
    FREEBSD: "18000000 ffff0000 01000000 00000000 05000000 07000000",
    WINDOWS: null,
  },
} as const satisfies Record<string, Control>;

/** Control messages that are received, where they are others than those that are sent. */
export const received = {
  ...sent,
  // of BSD's as IP_RECVTTL and IP_RECVTOS, each a u_char, ip(4)
  ttl: {
    ...sent.ttl,
    DARWIN: "0d000000 00000000 18000000 40 000000",
    FREEBSD: "11000000 00000000 41000000 00000000 40 00000000000000",
  },
  tos: {
    ...sent.tos,
    DARWIN: "0d000000 00000000 1b000000 b8 000000",
    FREEBSD: "11000000 00000000 44000000 00000000 b8 00000000000000",
  },
  // to 192.0.2.1, which is the address of the interface as well
  pktinfo: {
    ...sent.pktinfo,
    LINUX: "1c00000000000000 00000000 08000000 03000000 c0000201 c0000201 00000000",
    DARWIN: "18000000 00000000 1a000000 03000000 c0000201 c0000201",
  },
  // 1.5 seconds
  timestamp: {
    LINUX: "2000000000000000 01000000 1d000000 0100000000000000 20a1070000000000",
    DARWIN: "1c000000 ffff0000 02000000 0100000000000000 20a10700 00000000",
    FREEBSD: "20000000 ffff0000 02000000 00000000 0100000000000000 20a1070000000000",
    WINDOWS: null,
  },
} as const satisfies Record<string, Control>;
