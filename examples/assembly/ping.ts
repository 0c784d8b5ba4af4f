// ping(8): ICMP echo of RFC 792 and RFC 4443, for IPv4 and IPv6.

import {
  AF,
  ControlData,
  IP,
  IPPROTO,
  IPV6,
  Inet,
  Inet6,
  Messages,
  PollList,
  POLL,
  SOCK,
  SOL,
  SocketAddress,
  checksum,
  close,
  connect,
  errno,
  send,
  setsockopt,
  socket,
} from "wasi-sockets/assembly";
import { RoundTrips, inMilliseconds } from "./support/roundtrips";

const HEADER_SIZE: i32 = 8;
const PACKET_SIZE: i32 = 64;
/** Milliseconds between two requests, and for which an answer is waited. */
const INTERVAL: f64 = 200;
const PATIENCE: f64 = 2000;

/** Echo requests to one address, and their answers. */
class Pinger {
  fd: i32;
  /** Whether the socket is raw, and an IPv4 packet comes with its header. */
  raw: bool = false;
  /** A raw socket sees everybody's answers: ours are known by this. */
  private readonly cookie: u64 = <u64>(Math.random() * Number.MAX_SAFE_INTEGER);
  private readonly packet: Uint8Array = new Uint8Array(PACKET_SIZE);
  private readonly answer: Uint8Array = new Uint8Array(1500);
  private readonly control: ControlData = new ControlData(64);
  private readonly message: Messages = new Messages();
  private readonly ready: PollList = new PollList(1);

  constructor(private readonly inet6: bool) {
    const domain = inet6 ? AF.INET6 : AF.INET;
    const protocol = inet6 ? IPPROTO.ICMPV6 : IPPROTO.ICMP;
    // Without privileges where net.ipv4.ping_group_range includes us, icmp(7).
    this.fd = socket(domain, SOCK.DGRAM, protocol);
    if (this.fd < 0) {
      this.fd = socket(domain, SOCK.RAW, protocol);
      this.raw = true;
    }
    if (inet6) setsockopt(this.fd, SOL.IPV6, IPV6.RECVHOPLIMIT, true);
    else setsockopt(this.fd, SOL.IP, IP.RECVTTL, true);
    this.message.set(0, this.answer, null, this.control);
    this.ready.add(this.fd, POLL.IN);
  }

  /** Sends a request: 0, or -1. */
  request(sequence: u16): i32 {
    const view = new DataView(this.packet.buffer);
    view.setUint8(0, this.inet6 ? 128 : 8);
    view.setUint16(2, 0);
    view.setUint16(6, sequence);
    view.setUint64(HEADER_SIZE, this.cookie);
    // IPv6's checksum also covers the addresses, and the kernel computes it.
    if (!this.inet6) view.setUint16(2, checksum(this.packet), true);
    return send(this.fd, this.packet) < 0 ? -1 : 0;
  }

  /** Whether a packet answers the request. */
  private answers(start: i32, count: i32, sequence: u16): bool {
    if (count - start != PACKET_SIZE) return false;
    const view = new DataView(this.answer.buffer, start, PACKET_SIZE);
    if (view.getUint8(0) != (this.inet6 ? 129 : 0) || view.getUint16(6) != sequence) return false;
    return view.getUint64(HEADER_SIZE) == this.cookie;
  }

  /** Waits for the answer until a time: whether it came. */
  receive(sequence: u16, deadline: f64): bool {
    while (true) {
      const left = deadline - performance.now();
      if (left <= 0 || this.ready.wait(<i32>Math.ceil(left)) <= 0) return false;
      const count = this.message.receive(this.fd);
      const start = this.raw && !this.inet6 ? (this.answer[0] & 15) * 4 : 0;
      if (count > 0 && this.answers(start, count, sequence)) return true;
    }
  }

  /** The time to live, or hop limit, with which the answer came. */
  get ttl(): i32 {
    return this.inet6
      ? this.control.getInt(SOL.IPV6, IPV6.HOPLIMIT)
      : this.control.getInt(SOL.IP, IP.TTL);
  }
}

/** Pings an address so many times: how many answers came, or -errno. */
export function main(host: string, count: i32): i32 {
  const inet6 = host.includes(":");
  let address: SocketAddress = new Inet(host, 0);
  if (inet6) address = new Inet6(host, 0);
  const pinger = new Pinger(inet6);
  if (pinger.fd < 0 || connect(pinger.fd, address) < 0) return -errno();
  console.log(`PING ${host}: 56 data bytes, ${pinger.raw ? "raw" : "datagram"} socket`);

  const trips = new RoundTrips();
  const pause = new PollList(0);
  const begin = performance.now();
  for (let sequence = 1; sequence <= count; sequence++) {
    const sent = performance.now();
    if (pinger.request(<u16>sequence) < 0) return -errno();
    if (pinger.receive(<u16>sequence, sent + PATIENCE)) {
      const time = performance.now() - sent;
      trips.add(time);
      const fields = `icmp_seq=${sequence} ttl=${pinger.ttl} time=${inMilliseconds(time)} ms`;
      console.log(`${PACKET_SIZE} bytes from ${host}: ${fields}`);
    }
    const rest = sent + INTERVAL - performance.now();
    if (sequence < count && rest > 0) pause.wait(<i32>rest);
  }
  close(pinger.fd);

  const total = <i32>(performance.now() - begin);
  const loss = ((count - trips.count) * 100) / count;
  console.log(`\n--- ${host} ping statistics ---`);
  console.log(
    `${count} packets transmitted, ${trips.count} received, ${loss}% packet loss, time ${total}ms`,
  );
  if (trips.count > 0) console.log(trips.toString());
  return trips.count;
}
