// Packet, netlink and vsock sockets, each with addresses of its own family.

import {
  AF,
  Netlink,
  Packet,
  SOCK,
  Vsock,
  bind,
  errno,
  getsockname,
  recvfrom,
  sendto,
  socket,
} from "wasi-sockets/assembly";

/** if_ether.h: ARP, and IEEE 802's EtherType for local experiments. */
const ARP: i32 = 0x0806;
const EXPERIMENT: i32 = 0x88b5;

function failed(): string {
  return "errno " + errno().toString();
}

function hex(bytes: Uint8Array, start: i32, end: i32): string {
  let text = "";
  for (let i = start; i < end; i++) text += bytes[i].toString(16).padStart(2, "0");
  return text;
}

let arp: i32 = -1;

/** Listens for ARP on an interface: 0, or an error number. */
export function openArp(index: i32): i32 {
  arp = socket(AF.PACKET, SOCK.DGRAM, 0);
  return bind(arp, new Packet(ARP, index)) < 0 ? errno() : 0;
}

/** The next ARP packet: its bytes, the type of the frame and of the hardware, and who sent it. */
export function nextArp(): string {
  const bytes = new Uint8Array(256);
  const received = recvfrom(arp, bytes);
  if (received == null) return failed();
  const from = received.address as Packet;
  const types = from.pkttype.toString() + " " + from.hatype.toString();
  return [hex(bytes, 0, 28), types, from.toString()].join(" ");
}

/** Sends a packet of an experiment, by an interface, to the hardware that sent the last ARP packet. */
export function answer(index: i32): i32 {
  const bytes = new Uint8Array(256);
  const received = recvfrom(arp, bytes);
  if (received == null) return -1;
  const to = new Packet(EXPERIMENT, index, (received.address as Packet).address);
  return sendto(arp, Uint8Array.wrap(String.UTF8.encode("an experiment")), 0, to);
}

/** rtnetlink(7): a request for every interface, and where its answers have what. */
const RTM_GETLINK: u16 = 18;
const NLM_F_REQUEST_DUMP: u16 = 0x301;
const NLMSG_DONE: u16 = 3;
const HEADER: i32 = 16;
const IFINFO: i32 = 16;
const IFLA_IFNAME: u16 = 3;

/** The index and the name of an interface. */
function link(message: usize, length: i32): string {
  const index = load<i32>(message + HEADER + 4);
  for (let at = HEADER + IFINFO; at < length;) {
    const size = <i32>load<u16>(message + at);
    if (load<u16>(message + at, 2) == IFLA_IFNAME) {
      const name = String.UTF8.decodeUnsafe(message + at + 4, size - 5);
      return index.toString() + " " + name;
    }
    at += (size + 3) & ~3;
  }
  return index.toString();
}

/** The interfaces that the kernel lists, a line each; and who the kernel is. */
export function links(): string {
  const fd = socket(AF.NETLINK, SOCK.RAW, 0);
  if (bind(fd, new Netlink()) < 0) return failed();
  const request = new Uint8Array(HEADER + IFINFO);
  store<u32>(request.dataStart, request.length);
  store<u16>(request.dataStart, RTM_GETLINK, 4);
  store<u16>(request.dataStart, NLM_F_REQUEST_DUMP, 6);
  if (sendto(fd, request, 0, new Netlink(0)) != request.length) return failed();
  const lines: string[] = [];
  const answer = new Uint8Array(65536);
  let from = new Netlink(u32.MAX_VALUE);
  for (let done = false; !done;) {
    const received = recvfrom(fd, answer);
    if (received == null) return failed();
    from = received.address as Netlink;
    for (let at = 0; at < received.count && !done;) {
      const message = answer.dataStart + at;
      const length = load<i32>(message);
      done = load<u16>(message, 4) == NLMSG_DONE;
      if (!done) lines.push(link(message, length));
      at += (length + 3) & ~3;
    }
  }
  lines.push(from.toString());
  return lines.join("\n");
}

/** The port of a netlink socket that is bound to one. */
export function netlinkPort(pid: u32): i32 {
  const fd = socket(AF.NETLINK, SOCK.RAW, 0);
  if (bind(fd, new Netlink(pid)) < 0) return -errno();
  return (getsockname(fd)! as Netlink).pid;
}

/** The context that a vsock socket is bound to, or why it is not. */
export function vsock(cid: u32): string {
  const fd = socket(AF.VSOCK, SOCK.STREAM, 0);
  if (fd < 0 || bind(fd, new Vsock(cid, u32.MAX_VALUE)) < 0) return failed();
  const name = getsockname(fd)! as Vsock;
  return name.port == u32.MAX_VALUE ? "no port" : "context " + name.cid.toString();
}
