// The control messages that have a name, and what kind of payload each carries.

import { IP, IPV6, SCM, SOL, UDP } from "../abi/constants";
import { Rows, Table, kindOf, nothing } from "./table";

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

// Rows of symbol, number, payload.
// prettier-ignore
@lazy
const SOCKET: Table = [
  changetype<usize>("rights"), SCM.RIGHTS, Payload.RIGHTS,
  changetype<usize>("credentials"), SCM.CREDENTIALS, Payload.CREDENTIALS,
  changetype<usize>("timestamp"), SCM.TIMESTAMP, Payload.TIMEVAL,
  changetype<usize>("timestampns"), SCM.TIMESTAMPNS, Payload.TIMESPEC,
  changetype<usize>("timestamping"), SCM.TIMESTAMPING, Payload.BYTES,
];

// prettier-ignore
@lazy
const INET: Table = [
  changetype<usize>("tos"), IP.TOS, Payload.BYTE,
  changetype<usize>("ttl"), IP.TTL, Payload.INT,
  changetype<usize>("pktinfo"), IP.PKTINFO, Payload.IN_PKTINFO,
  changetype<usize>("recverr"), IP.RECVERR, Payload.ERROR,
];

// prettier-ignore
@lazy
const INET6: Table = [
  changetype<usize>("pktinfo"), IPV6.PKTINFO, Payload.IN6_PKTINFO,
  changetype<usize>("hoplimit"), IPV6.HOPLIMIT, Payload.INT,
  changetype<usize>("tclass"), IPV6.TCLASS, Payload.INT,
  changetype<usize>("recverr"), IPV6.RECVERR, Payload.ERROR,
];

// prettier-ignore
@lazy
const DATAGRAM: Table = [
  changetype<usize>("segment"), UDP.SEGMENT, Payload.SHORT,
  changetype<usize>("gro"), UDP.GRO, Payload.INT,
];

/** The control messages of a level that have a name: rows of symbol, number, Payload. */
export function controlsOf(level: i32): Rows {
  switch (level) {
    case SOL.SOCKET:
      return changetype<Rows>(SOCKET);
    case SOL.IP:
      return changetype<Rows>(INET);
    case SOL.IPV6:
      return changetype<Rows>(INET6);
    case SOL.UDP:
      return changetype<Rows>(DATAGRAM);
    default:
      return nothing();
  }
}

/** What a control message carries; Payload.BYTES where it has no name. */
export function controlPayload(level: i32, type: i32): i32 {
  return kindOf(controlsOf(level), type, Payload.BYTES);
}
