// The control messages that have a name, and what kind of payload each carries.

import { IP, IPV6, SCM, SOL, UDP } from "../abi/constants";

/** What the bytes of a control message mean. */
export const enum Payload {
  BYTES = 0,
  INT = 1,
  SHORT = 2,
  BYTE = 3,
  RIGHTS = 4,
  CREDENTIALS = 5,
  TIMEVAL = 6,
  TIMESPEC = 7,
  IN_PKTINFO = 8,
  IN6_PKTINFO = 9,
  ERROR = 10,
}

const COLUMNS: i32 = 3;

// Rows of symbol, number, payload.
// prettier-ignore
const SOCKET: StaticArray<usize> = [
  changetype<usize>("rights"), SCM.RIGHTS, Payload.RIGHTS,
  changetype<usize>("credentials"), SCM.CREDENTIALS, Payload.CREDENTIALS,
  changetype<usize>("timestamp"), SCM.TIMESTAMP, Payload.TIMEVAL,
  changetype<usize>("timestampns"), SCM.TIMESTAMPNS, Payload.TIMESPEC,
  changetype<usize>("timestamping"), SCM.TIMESTAMPING, Payload.BYTES,
];

// prettier-ignore
const INET: StaticArray<usize> = [
  changetype<usize>("tos"), IP.TOS, Payload.BYTE,
  changetype<usize>("ttl"), IP.TTL, Payload.INT,
  changetype<usize>("pktinfo"), IP.PKTINFO, Payload.IN_PKTINFO,
  changetype<usize>("recverr"), IP.RECVERR, Payload.ERROR,
];

// prettier-ignore
const INET6: StaticArray<usize> = [
  changetype<usize>("pktinfo"), IPV6.PKTINFO, Payload.IN6_PKTINFO,
  changetype<usize>("hoplimit"), IPV6.HOPLIMIT, Payload.INT,
  changetype<usize>("tclass"), IPV6.TCLASS, Payload.INT,
  changetype<usize>("recverr"), IPV6.RECVERR, Payload.ERROR,
];

// prettier-ignore
const DATAGRAM: StaticArray<usize> = [
  changetype<usize>("segment"), UDP.SEGMENT, Payload.SHORT,
  changetype<usize>("gro"), UDP.GRO, Payload.INT,
];

const NOTHING: StaticArray<usize> = [];

function controlsOf(level: i32): StaticArray<usize> {
  switch (level) {
    case SOL.SOCKET:
      return SOCKET;
    case SOL.IP:
      return INET;
    case SOL.IPV6:
      return INET6;
    case SOL.UDP:
      return DATAGRAM;
    default:
      return NOTHING;
  }
}

/** How many control messages of a level have a name. */
export function controlCount(level: i32): i32 {
  return controlsOf(level).length / COLUMNS;
}

/** The symbol in row index of a level's table. */
export function controlSymbol(level: i32, index: i32): string {
  return changetype<string>(controlsOf(level)[index * COLUMNS]);
}

/** The number in row index of a level's table. */
export function controlNumber(level: i32, index: i32): i32 {
  return <i32>controlsOf(level)[index * COLUMNS + 1];
}

/** What a control message carries; Payload.BYTES where it has no name. */
export function controlPayload(level: i32, type: i32): i32 {
  const table = controlsOf(level);
  for (let i = 1; i < table.length; i += COLUMNS) {
    if (<i32>table[i] == type) return <i32>table[i + 1];
  }
  return Payload.BYTES;
}
