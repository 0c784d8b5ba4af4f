// Socket addresses of the families below and beside IP: packet(7), netlink(7), vsock(7).

import type { Codecs } from "./codecs.js";

/** A link-layer socket address, packet(7). */
export interface PacketAddress {
  readonly family: "packet";
  /** The Ethernet protocol, host byte order: 0x0800 is IPv4, 3 is every one. */
  readonly protocol: number;
  /** The interface, by its index or its name; 0 is any. */
  readonly interface: number | string;
  /** The type of the hardware, ARPHRD_ of linux/if_arp.h. */
  readonly hatype?: number;
  /** The type of a packet that was received: 0 for this host, 4 outgoing. */
  readonly pkttype?: number;
  /** The hardware address, at most 8 bytes. */
  readonly address?: Uint8Array;
}

/** A netlink socket address, netlink(7). */
export interface NetlinkAddress {
  readonly family: "netlink";
  /** The port: 0 is the kernel, or lets bind choose. */
  readonly pid?: number;
  /** The multicast groups, a bit mask. */
  readonly groups?: number;
}

/** An address of a virtual machine or of its host, vsock(7). */
export interface VsockAddress {
  readonly family: "vsock";
  /** The context: 1 is this machine, 2 the host. */
  readonly cid: number;
  readonly port: number;
}

/** An address of one of these families. */
export type LinkAddress = PacketAddress | NetlinkAddress | VsockAddress;

/** Bytes of sll_addr. */
function hardwareRoom({ sockaddr_ll }: Codecs): number {
  return sockaddr_ll.sizeof - sockaddr_ll.sll_addr;
}

function uint32(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 0xffffffff) return value;
  throw new RangeError(`${name} ${String(value)} is not an integer from 0 to 4294967295`);
}

/**
 * Writes an address into an instance's `address` scratch area.
 *
 * @param index of the interface of a PacketAddress
 * @returns the length of the sockaddr in bytes
 * @throws RangeError for a number or a hardware address that does not fit
 */
export function encodeLink(
  codecs: Codecs,
  bytes: Uint8Array,
  address: LinkAddress,
  index: number,
): number {
  const { AF, SOCKADDR_MAX, sockaddr_ll, sockaddr_nl, sockaddr_vm } = codecs;
  const view = new DataView(bytes.buffer, codecs.address, SOCKADDR_MAX);
  bytes.fill(0, codecs.address, codecs.address + SOCKADDR_MAX);
  switch (address.family) {
    case "packet": {
      const hardware = address.address ?? new Uint8Array(0);
      const room = hardwareRoom(codecs);
      if (hardware.length > room) {
        throw new RangeError(`hardware address of ${hardware.length} bytes: at most ${room} fit`);
      }
      view.setUint16(sockaddr_ll.sll_family, AF.PACKET, true);
      view.setUint16(sockaddr_ll.sll_protocol, uint32("protocol", address.protocol));
      view.setInt32(sockaddr_ll.sll_ifindex, index, true);
      view.setUint16(sockaddr_ll.sll_hatype, address.hatype ?? 0, true);
      view.setUint8(sockaddr_ll.sll_pkttype, address.pkttype ?? 0);
      view.setUint8(sockaddr_ll.sll_halen, hardware.length);
      bytes.set(hardware, codecs.address + sockaddr_ll.sll_addr);
      return sockaddr_ll.sizeof;
    }
    case "netlink":
      view.setUint16(sockaddr_nl.nl_family, AF.NETLINK, true);
      view.setUint32(sockaddr_nl.nl_pid, uint32("pid", address.pid ?? 0), true);
      view.setUint32(sockaddr_nl.nl_groups, uint32("groups", address.groups ?? 0), true);
      return sockaddr_nl.sizeof;
    case "vsock":
      view.setUint16(sockaddr_vm.svm_family, AF.VSOCK, true);
      view.setUint32(sockaddr_vm.svm_cid, uint32("cid", address.cid), true);
      view.setUint32(sockaddr_vm.svm_port, uint32("port", address.port), true);
      return sockaddr_vm.sizeof;
  }
}

/**
 * Reads the sockaddr in an instance's memory.
 *
 * @returns the address; undefined where it is of another family, or too short
 */
export function decodeLink(
  codecs: Codecs,
  bytes: Uint8Array,
  at: number,
  length: number,
): LinkAddress | undefined {
  const { AF, sockaddr_ll, sockaddr_nl, sockaddr_vm } = codecs;
  const view = new DataView(bytes.buffer, at);
  switch (codecs.familyOf(at, length)) {
    case AF.PACKET: {
      // The kernel gives only as much of the hardware address as there is.
      if (length < sockaddr_ll.sll_addr) return undefined;
      const start = at + sockaddr_ll.sll_addr;
      const end = Math.min(view.getUint8(sockaddr_ll.sll_halen), hardwareRoom(codecs)) + start;
      return {
        family: "packet",
        protocol: view.getUint16(sockaddr_ll.sll_protocol),
        interface: view.getInt32(sockaddr_ll.sll_ifindex, true),
        hatype: view.getUint16(sockaddr_ll.sll_hatype, true),
        pkttype: view.getUint8(sockaddr_ll.sll_pkttype),
        address: bytes.slice(start, Math.min(end, at + length)),
      };
    }
    case AF.NETLINK:
      if (length < sockaddr_nl.sizeof) return undefined;
      return {
        family: "netlink",
        pid: view.getUint32(sockaddr_nl.nl_pid, true),
        groups: view.getUint32(sockaddr_nl.nl_groups, true),
      };
    case AF.VSOCK:
      if (length < sockaddr_vm.sizeof) return undefined;
      return {
        family: "vsock",
        cid: view.getUint32(sockaddr_vm.svm_cid, true),
        port: view.getUint32(sockaddr_vm.svm_port, true),
      };
    default:
      return undefined;
  }
}
