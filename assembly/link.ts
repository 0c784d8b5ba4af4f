// Socket addresses of the families below and beside IP, as AssemblyScript objects: packet(7), netlink(7),
// vsock(7).

import { AF } from "./abi/constants";
import {
  SockaddrLl,
  SockaddrNl,
  SockaddrVm,
  sockaddr_ll,
  sockaddr_nl,
  sockaddr_vm,
} from "./abi/sockaddr";
import { SocketAddress, blank, decodeFamilyAs } from "./address";

/** Bytes of sll_addr. */
const HARDWARE_MAX: i32 = sockaddr_ll.sizeof - sockaddr_ll.sll_addr;

decodeFamilyAs(AF.PACKET, () => blank<Packet>());
decodeFamilyAs(AF.NETLINK, () => blank<Netlink>());
decodeFamilyAs(AF.VSOCK, () => blank<Vsock>());

/** A link-layer address, packet(7): an interface, a protocol, and whom a frame goes to or comes from. */
export class Packet extends SocketAddress {
  /**
   * @param protocol the Ethernet protocol, host byte order, 0 to 65535: 0x0800 is IPv4, 3 is every one
   * @param index the interface, if_nametoindex's; 0 is any
   * @param address the hardware address, at most 8 bytes; null for none
   * @param hatype the type of the hardware, ARPHRD_ of linux/if_arp.h
   * @param pkttype the type of a packet, PACKET_ of linux/if_packet.h
   */
  constructor(
    protocol: i32,
    index: i32,
    address: Uint8Array | null = null,
    hatype: u16 = 0,
    pkttype: u8 = 0,
  ) {
    super(sockaddr_ll.sizeof);
    const size = address == null ? 0 : address.length;
    if (<u32>protocol <= <u32>u16.MAX_VALUE && size <= HARDWARE_MAX) {
      const link = this.link;
      link.sll_family = <u16>AF.PACKET;
      link.sll_protocol = bswap<u16>(<u16>protocol);
      link.sll_ifindex = index;
      link.sll_hatype = hatype;
      link.sll_pkttype = pkttype;
      link.sll_halen = <u8>size;
      if (address != null) memory.copy(this.hardware, address.dataStart, size);
      this.length = sockaddr_ll.sizeof;
    }
  }

  private get link(): SockaddrLl {
    return changetype<SockaddrLl>(this.pointer);
  }

  private get hardware(): usize {
    return this.pointer + sockaddr_ll.sll_addr;
  }

  /** The Ethernet protocol, host byte order. */
  get protocol(): i32 {
    return bswap<u16>(this.link.sll_protocol);
  }

  /** The index of the interface, 0 for any. */
  get index(): i32 {
    return this.link.sll_ifindex;
  }

  /** The type of the hardware, ARPHRD_ of linux/if_arp.h: 1 is Ethernet, 772 loopback. */
  get hatype(): u16 {
    return this.link.sll_hatype;
  }

  /** The type of a packet that was received: 0 for this host, 1 broadcast, 2 multicast, 4 outgoing. */
  get pkttype(): u8 {
    return this.link.sll_pkttype;
  }

  /** A copy of the hardware address, of which the kernel may give less than its length says. */
  get address(): Uint8Array {
    const room = min(this.length - sockaddr_ll.sll_addr, HARDWARE_MAX);
    const bytes = new Uint8Array(max(min(<i32>this.link.sll_halen, room), 0));
    memory.copy(bytes.dataStart, this.hardware, bytes.length);
    return bytes;
  }

  toString(): string {
    const bytes = this.address;
    let text = "packet:0x" + this.protocol.toString(16) + "%" + this.index.toString();
    for (let i = 0; i < bytes.length; i++) {
      text += (i == 0 ? "/" : ":") + bytes[i].toString(16).padStart(2, "0");
    }
    return text;
  }
}

/** A netlink address, netlink(7): a port, the kernel's or a program's. */
export class Netlink extends SocketAddress {
  /**
   * @param pid the port: 0 is the kernel, or lets bind choose
   * @param groups the multicast groups, a bit mask
   */
  constructor(pid: u32 = 0, groups: u32 = 0) {
    super(sockaddr_nl.sizeof);
    const netlink = this.netlink;
    netlink.nl_family = <u16>AF.NETLINK;
    netlink.nl_pid = pid;
    netlink.nl_groups = groups;
    this.length = sockaddr_nl.sizeof;
  }

  private get netlink(): SockaddrNl {
    return changetype<SockaddrNl>(this.pointer);
  }

  /** The port, 0 for the kernel's. */
  get pid(): u32 {
    return this.netlink.nl_pid;
  }

  /** The multicast groups, a bit mask. */
  get groups(): u32 {
    return this.netlink.nl_groups;
  }

  toString(): string {
    const groups = this.groups == 0 ? "" : "/0x" + this.groups.toString(16);
    return "netlink:" + this.pid.toString() + groups;
  }
}

/** An address of a virtual machine or of its host, vsock(7). */
export class Vsock extends SocketAddress {
  /**
   * @param cid the context: 1 is this machine, 2 the host, u32.MAX_VALUE any
   * @param port u32.MAX_VALUE lets bind choose
   */
  constructor(cid: u32, port: u32) {
    super(sockaddr_vm.sizeof);
    const vsock = this.vsock;
    vsock.svm_family = <u16>AF.VSOCK;
    vsock.svm_cid = cid;
    vsock.svm_port = port;
    this.length = sockaddr_vm.sizeof;
  }

  private get vsock(): SockaddrVm {
    return changetype<SockaddrVm>(this.pointer);
  }

  /** The context. */
  get cid(): u32 {
    return this.vsock.svm_cid;
  }

  get port(): u32 {
    return this.vsock.svm_port;
  }

  toString(): string {
    return "vsock:" + this.cid.toString() + ":" + this.port.toString();
  }
}
