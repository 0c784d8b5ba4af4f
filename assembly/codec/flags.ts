// The symbols of the API and the numbers they stand for, each set one table.

import { AF, AI, EPOLL, F, FD, IPPROTO, MSG, NI, O, POLL, SHUT, SOCK, SOL } from "../abi/constants";
import { optionsOf } from "./option";
import { controlsOf } from "./payload";
import { COLUMNS, Row, Rows, Table, endOf, nothing } from "./table";

/** The sets of symbols. The options of a level are set OPTION plus that level, its control messages CONTROL plus it. */
export const enum SymbolSet {
  DOMAIN = 0,
  TYPE = 1,
  PROTOCOL = 2,
  MESSAGE = 3,
  ADDRINFO = 4,
  FCNTL = 5,
  DESCRIPTOR = 6,
  STATUS = 7,
  LEVEL = 8,
  HOW = 9,
  POLL = 10,
  EPOLL = 11,
  NAMEINFO = 12,
  OPTION = 0x100,
  CONTROL = 0x200,
}

/** What encodeSymbol answers for a symbol that its set does not hold. */
export const NO_SYMBOL: i32 = i32.MIN_VALUE;

// Rows of symbol, number; the first of two symbols for one number is the one that decodes.
// prettier-ignore
@lazy
const DOMAIN: Table = [
  changetype<usize>("unspecified"), AF.UNSPEC,
  changetype<usize>("unspec"), AF.UNSPEC,
  changetype<usize>("unix"), AF.UNIX,
  changetype<usize>("local"), AF.LOCAL,
  changetype<usize>("inet"), AF.INET,
  changetype<usize>("inet6"), AF.INET6,
  changetype<usize>("netlink"), AF.NETLINK,
  changetype<usize>("packet"), AF.PACKET,
  changetype<usize>("vsock"), AF.VSOCK,
];

// prettier-ignore
@lazy
const TYPE: Table = [
  changetype<usize>("stream"), SOCK.STREAM,
  changetype<usize>("datagram"), SOCK.DGRAM,
  changetype<usize>("dgram"), SOCK.DGRAM,
  changetype<usize>("raw"), SOCK.RAW,
  changetype<usize>("rdm"), SOCK.RDM,
  changetype<usize>("seqpacket"), SOCK.SEQPACKET,
  changetype<usize>("dccp"), SOCK.DCCP,
  changetype<usize>("packet"), SOCK.PACKET,
  changetype<usize>("close-on-exec"), SOCK.CLOEXEC,
  changetype<usize>("cloexec"), SOCK.CLOEXEC,
  changetype<usize>("non-blocking"), SOCK.NONBLOCK,
  changetype<usize>("nonblock"), SOCK.NONBLOCK,
];

// "gcp" is the seed's spelling of tcp: it stands where the headers have IPPROTO_TCP.
// prettier-ignore
@lazy
const PROTOCOL: Table = [
  changetype<usize>("ipv4"), IPPROTO.IP,
  changetype<usize>("ip"), IPPROTO.IP,
  changetype<usize>("icmp"), IPPROTO.ICMP,
  changetype<usize>("igmp"), IPPROTO.IGMP,
  changetype<usize>("ipip"), IPPROTO.IPIP,
  changetype<usize>("tcp"), IPPROTO.TCP,
  changetype<usize>("gcp"), IPPROTO.TCP,
  changetype<usize>("egp"), IPPROTO.EGP,
  changetype<usize>("pup"), IPPROTO.PUP,
  changetype<usize>("udp"), IPPROTO.UDP,
  changetype<usize>("idp"), IPPROTO.IDP,
  changetype<usize>("tp"), IPPROTO.TP,
  changetype<usize>("dccp"), IPPROTO.DCCP,
  changetype<usize>("ipv6"), IPPROTO.IPV6,
  changetype<usize>("rsvp"), IPPROTO.RSVP,
  changetype<usize>("gre"), IPPROTO.GRE,
  changetype<usize>("esp"), IPPROTO.ESP,
  changetype<usize>("ah"), IPPROTO.AH,
  changetype<usize>("icmpv6"), IPPROTO.ICMPV6,
  changetype<usize>("mtp"), IPPROTO.MTP,
  changetype<usize>("beetph"), IPPROTO.BEETPH,
  changetype<usize>("encap"), IPPROTO.ENCAP,
  changetype<usize>("pim"), IPPROTO.PIM,
  changetype<usize>("comp"), IPPROTO.COMP,
  changetype<usize>("sctp"), IPPROTO.SCTP,
  changetype<usize>("udplite"), IPPROTO.UDPLITE,
  changetype<usize>("mpls"), IPPROTO.MPLS,
  changetype<usize>("raw"), IPPROTO.RAW,
  changetype<usize>("mptcp"), IPPROTO.MPTCP,
];

// prettier-ignore
@lazy
const MESSAGE: Table = [
  changetype<usize>("oob"), MSG.OOB,
  changetype<usize>("peek"), MSG.PEEK,
  changetype<usize>("dontroute"), MSG.DONTROUTE,
  changetype<usize>("tryhard"), MSG.TRYHARD,
  changetype<usize>("ctrunc"), MSG.CTRUNC,
  changetype<usize>("proxy"), MSG.PROXY,
  changetype<usize>("trunc"), MSG.TRUNC,
  changetype<usize>("dontwait"), MSG.DONTWAIT,
  changetype<usize>("eor"), MSG.EOR,
  changetype<usize>("waitall"), MSG.WAITALL,
  changetype<usize>("fin"), MSG.FIN,
  changetype<usize>("syn"), MSG.SYN,
  changetype<usize>("confirm"), MSG.CONFIRM,
  changetype<usize>("rst"), MSG.RST,
  changetype<usize>("errqueue"), MSG.ERRQUEUE,
  changetype<usize>("nosignal"), MSG.NOSIGNAL,
  changetype<usize>("more"), MSG.MORE,
  changetype<usize>("waitforone"), MSG.WAITFORONE,
  changetype<usize>("batch"), MSG.BATCH,
  changetype<usize>("zerocopy"), MSG.ZEROCOPY,
  changetype<usize>("fastopen"), MSG.FASTOPEN,
  changetype<usize>("cmsg-cloexec"), MSG.CMSG_CLOEXEC,
];

// prettier-ignore
@lazy
const ADDRINFO: Table = [
  changetype<usize>("passive"), AI.PASSIVE,
  changetype<usize>("canonname"), AI.CANONNAME,
  changetype<usize>("numerichost"), AI.NUMERICHOST,
  changetype<usize>("v4mapped"), AI.V4MAPPED,
  changetype<usize>("all"), AI.ALL,
  changetype<usize>("addrconfig"), AI.ADDRCONFIG,
  changetype<usize>("idn"), AI.IDN,
  changetype<usize>("canonidn"), AI.CANONIDN,
  changetype<usize>("idn-allow-unassigned"), AI.IDN_ALLOW_UNASSIGNED,
  changetype<usize>("idn-use-std3-ascii-rules"), AI.IDN_USE_STD3_ASCII_RULES,
  changetype<usize>("numericserv"), AI.NUMERICSERV,
];

// prettier-ignore
@lazy
const FCNTL: Table = [
  changetype<usize>("getfl"), F.GETFL,
  changetype<usize>("setfl"), F.SETFL,
  changetype<usize>("getfd"), F.GETFD,
  changetype<usize>("setfd"), F.SETFD,
];

// prettier-ignore
@lazy
const DESCRIPTOR: Table = [
  changetype<usize>("close-on-exec"), FD.CLOEXEC,
  changetype<usize>("cloexec"), FD.CLOEXEC,
];

// prettier-ignore
@lazy
const STATUS: Table = [
  changetype<usize>("non-blocking"), O.NONBLOCK,
  changetype<usize>("nonblock"), O.NONBLOCK,
  changetype<usize>("append"), O.APPEND,
  changetype<usize>("async"), O.ASYNC,
];

// prettier-ignore
@lazy
const LEVEL: Table = [
  changetype<usize>("socket"), SOL.SOCKET,
  changetype<usize>("ip"), SOL.IP,
  changetype<usize>("ipv6"), SOL.IPV6,
  changetype<usize>("tcp"), SOL.TCP,
  changetype<usize>("udp"), SOL.UDP,
  changetype<usize>("icmpv6"), SOL.ICMPV6,
];

// prettier-ignore
@lazy
const HOW: Table = [
  changetype<usize>("read"), SHUT.RD,
  changetype<usize>("write"), SHUT.WR,
  changetype<usize>("both"), SHUT.RDWR,
];

// prettier-ignore
@lazy
const EVENTS: Table = [
  changetype<usize>("in"), POLL.IN,
  changetype<usize>("pri"), POLL.PRI,
  changetype<usize>("out"), POLL.OUT,
  changetype<usize>("err"), POLL.ERR,
  changetype<usize>("hup"), POLL.HUP,
  changetype<usize>("nval"), POLL.NVAL,
  changetype<usize>("rdhup"), POLL.RDHUP,
];

// prettier-ignore
@lazy
const EPOLL_EVENTS: Table = [
  changetype<usize>("in"), POLL.IN,
  changetype<usize>("pri"), POLL.PRI,
  changetype<usize>("out"), POLL.OUT,
  changetype<usize>("err"), POLL.ERR,
  changetype<usize>("hup"), POLL.HUP,
  changetype<usize>("rdhup"), POLL.RDHUP,
  changetype<usize>("exclusive"), EPOLL.EXCLUSIVE,
  changetype<usize>("oneshot"), EPOLL.ONESHOT,
  changetype<usize>("et"), EPOLL.ET,
];

// prettier-ignore
@lazy
const NAMEINFO: Table = [
  changetype<usize>("numerichost"), NI.NUMERICHOST,
  changetype<usize>("numericserv"), NI.NUMERICSERV,
  changetype<usize>("nofqdn"), NI.NOFQDN,
  changetype<usize>("namereqd"), NI.NAMEREQD,
  changetype<usize>("dgram"), NI.DGRAM,
  changetype<usize>("idn"), NI.IDN,
];

/** In the order of SymbolSet. */
@lazy
const SETS: StaticArray<Table> = [
  DOMAIN,
  TYPE,
  PROTOCOL,
  MESSAGE,
  ADDRINFO,
  FCNTL,
  DESCRIPTOR,
  STATUS,
  LEVEL,
  HOW,
  EVENTS,
  EPOLL_EVENTS,
  NAMEINFO,
];

/** The table of a set: rows of symbol and number, and of a kind where the set belongs to a level. */
function tableOf(set: i32): Rows {
  if (set >= SymbolSet.CONTROL) return controlsOf(set - SymbolSet.CONTROL);
  if (set >= SymbolSet.OPTION) return optionsOf(set - SymbolSet.OPTION);
  if (<u32>set > <u32>SymbolSet.NAMEINFO) return nothing();
  return load<Rows>(changetype<usize>(SETS) + <usize>set * sizeof<Rows>());
}

/** Bytes of a row of a set's table. */
@inline
function rowSize(set: i32): usize {
  return <usize>(set >= SymbolSet.OPTION ? COLUMNS : COLUMNS - 1) * sizeof<usize>();
}

/** How many symbols a set holds; 0 for a set that does not exist. */
export function symbolCount(set: i32): i32 {
  const rows = tableOf(set);
  return <i32>((endOf(rows) - rows) / rowSize(set));
}

/** The symbol in row index of a set's table, index below symbolCount. */
export function symbolName(set: i32, index: i32): string {
  return changetype<string>(load<usize>(tableOf(set) + <usize>index * rowSize(set), Row.symbol));
}

/** The number in row index of a set's table, index below symbolCount. */
export function symbolNumber(set: i32, index: i32): i32 {
  return load<i32>(tableOf(set) + <usize>index * rowSize(set), Row.number);
}

/**
 * The number of a symbol that is no literal of this program, or of none.
 *
 * @param symbol the address of a string: its caller writes nothing down for the collector, where it needs not come here
 */
function readSymbol(set: i32, symbol: usize): i32 {
  const rows = tableOf(set);
  const end = endOf(rows);
  for (let row = rows; row < end; row += rowSize(set)) {
    if (changetype<string>(load<usize>(row, Row.symbol)) == changetype<string>(symbol)) {
      return load<i32>(row, Row.number);
    }
  }
  return NO_SYMBOL;
}

/**
 * The number that a symbol stands for, such as "inet" in SymbolSet.DOMAIN.
 *
 * @returns the number, NO_SYMBOL where the set does not hold the symbol
 */
export function encodeSymbol(set: i32, symbol: string): i32 {
  // A program has one string for all literals that are alike: one that is written in it is known by its address.
  const rows = tableOf(set);
  const end = endOf(rows);
  for (let row = rows; row < end; row += rowSize(set)) {
    if (load<usize>(row, Row.symbol) == changetype<usize>(symbol)) {
      return load<i32>(row, Row.number);
    }
  }
  return readSymbol(set, changetype<usize>(symbol));
}

/**
 * The symbol that stands for a number; of two, the one that its table names first.
 *
 * @returns the symbol, null where the set does not hold the number
 */
export function decodeSymbol(set: i32, number: i32): string | null {
  const rows = tableOf(set);
  const end = endOf(rows);
  for (let row = rows; row < end; row += rowSize(set)) {
    if (load<i32>(row, Row.number) == number) {
      return changetype<string>(load<usize>(row, Row.symbol));
    }
  }
  return null;
}
