// The options that a guest under a policy may not set. An option is an escape where it changes who is reached
// or who seems to speak without an address that could be judged, or where it acts on more than its socket.

import { marshal } from "../marshal.js";

const { IP, IPV6, SO, SOL, TCP, UDP } = marshal;

/** The options of each level, and why. */
const ESCAPES: Readonly<Record<number, readonly number[]>> = {
  [SOL.SOCKET]: [
    // Another interface leads to another host of the same address; a mark, to another routing table.
    SO.BINDTODEVICE,
    SO.BINDTOIFINDEX,
    SO.MARK,
    // The administrator's limits on buffers, memory and time in the kernel are not a guest's to pass.
    SO.SNDBUFFORCE,
    SO.RCVBUFFORCE,
    SO.RESERVE_MEM,
    SO.BUSY_POLL,
    SO.PREFER_BUSY_POLL,
    SO.BUSY_POLL_BUDGET,
    // It writes to the kernel's log.
    SO.DEBUG,
  ],
  [SOL.IP]: [
    // A source route leads elsewhere than the address says; so does a header of the guest's own.
    IP.OPTIONS,
    IP.HDRINCL,
    IP.UNICAST_IF,
    // An address that is not this host's, to speak as somebody else.
    IP.TRANSPARENT,
    IP.FREEBIND,
    // What passes through this host, on a raw socket.
    IP.ROUTER_ALERT,
    IP.NODEFRAG,
  ],
  [SOL.IPV6]: [
    IPV6.HOPOPTS,
    IPV6.RTHDRDSTOPTS,
    IPV6.RTHDR,
    IPV6.DSTOPTS,
    IPV6.HDRINCL,
    IPV6.UNICAST_IF,
    IPV6.PKTINFO,
    IPV6.TRANSPARENT,
    IPV6.FREEBIND,
    IPV6.ROUTER_ALERT,
    IPV6.ROUTER_ALERT_ISOLATE,
    // It gives this host another address.
    IPV6.JOIN_ANYCAST,
  ],
  [SOL.TCP]: [
    // A connection out of nothing, to a peer that nobody judged.
    TCP.REPAIR,
    TCP.REPAIR_QUEUE,
    TCP.QUEUE_SEQ,
    TCP.TIMESTAMP,
    // It loads a module into the kernel.
    TCP.ULP,
  ],
  [SOL.UDP]: [
    // What is received goes to the kernel's IPsec.
    UDP.ENCAP,
  ],
};

/** The highest SO_PRIORITY that takes no privilege, socket(7). */
const PRIORITY_MAX = 6;

/**
 * Whether an option is an escape from a policy.
 *
 * @param value its number, where it has one
 */
export function isEscape(level: number, option: number, value: number): boolean {
  if (level === SOL.SOCKET && option === SO.PRIORITY) return value < 0 || value > PRIORITY_MAX;
  return ESCAPES[level]?.includes(option) ?? false;
}
