// traceroute(8) without privileges: datagrams that live one hop longer each, and the ICMP errors by which
// routers and at last the target report their end, IP_RECVERR of ip(7).

import {
  AF,
  ControlData,
  Errno,
  IP,
  IPV6,
  Inet,
  Inet6,
  MSG,
  Messages,
  NI,
  POLL,
  PollList,
  SOCK,
  SOL,
  SocketAddress,
  close,
  connect,
  errno,
  getnameinfo,
  send,
  setsockopt,
  socket,
} from "wasi-sockets/assembly";

const PATIENCE_MS: i32 = 1000;

/** An error report, or why there is none. */
class Report {
  constructor(
    /** EHOSTUNREACH on the way, ECONNREFUSED at the target; ETIMEDOUT where nobody reported. */
    readonly error: i32,
    readonly sender: string,
  ) {}
}

/** Waits for the error report of a socket. */
function receive(fd: i32): Report {
  const wait = new PollList(1);
  wait.add(fd, POLL.ERR);
  if (wait.wait(PATIENCE_MS) <= 0) return new Report(Errno.ETIMEDOUT, "*");

  const control = new ControlData(128);
  const message = new Messages();
  message.set(0, new Uint8Array(0), null, control);
  if (message.receive(fd, MSG.ERRQUEUE) < 0) return new Report(errno(), "?");
  const error = control.errorReport();
  if (error == null) return new Report(Errno.EBADMSG, "?");
  const name = getnameinfo(error.offender, NI.NUMERICHOST | NI.NUMERICSERV);
  return new Report(error.errno, name == null ? "?" : name.host);
}

/** Sends a datagram that lives for so many hops, and waits for its error. */
function probe(target: SocketAddress, hops: i32): Report {
  const fd = socket(target.family, SOCK.DGRAM, 0);
  if (fd < 0) return new Report(errno(), "?");
  const inet6 = target.family == AF.INET6;
  const level = inet6 ? SOL.IPV6 : SOL.IP;
  const recverr = inet6 ? IPV6.RECVERR : IP.RECVERR;
  setsockopt(fd, level, inet6 ? IPV6.UNICAST_HOPS : IP.TTL, hops);
  setsockopt(fd, level, recverr, true);
  const sent = connect(fd, target) == 0 && send(fd, new Uint8Array(32)) >= 0;
  const report = sent ? receive(fd) : new Report(errno(), "?");
  close(fd);
  return report;
}

/**
 * Prints the routers on the way to an address.
 *
 * @param port one where nobody listens
 * @returns how many hops away it is, or -errno
 */
export function main(host: string, port: i32, most: i32): i32 {
  let target: SocketAddress = new Inet(host, port);
  if (host.includes(":")) target = new Inet6(host, port);
  for (let hops = 1; hops <= most; hops++) {
    const report = probe(target, hops);
    console.log(`${hops.toString().padStart(2)}  ${report.sender}`);
    if (report.error == Errno.ECONNREFUSED) return hops;
    if (report.error != Errno.EHOSTUNREACH && report.error != Errno.ETIMEDOUT) return -report.error;
  }
  return -Errno.ETIMEDOUT;
}
