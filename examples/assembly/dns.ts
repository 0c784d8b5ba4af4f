// A DNS client: asks over UDP, and once more over TCP where the answer did not fit, RFC 1035 and RFC 7766.

import {
  AF,
  Errno,
  Inet,
  Inet6,
  MSG,
  SO,
  SOCK,
  SocketAddress,
  close,
  connect,
  errno,
  recv,
  send,
  setTimeout,
  socket,
} from "wasi-sockets/assembly";
import { DnsMessage, RECURSION_DESIRED, Type, question } from "./support/dnsmessage";

/** What a UDP answer holds at most where the query does not say otherwise. */
const DATAGRAM_SIZE: i32 = 512;
const ATTEMPTS: i32 = 3;
const PATIENCE_MS: i32 = 2000;

/** A socket that is connected to the server and waits for it only so long: -1 where it failed. */
function dial(server: SocketAddress, type: i32): i32 {
  const fd = socket(server.family, type, 0);
  if (fd < 0) return -1;
  setTimeout(fd, SO.RCVTIMEO, PATIENCE_MS);
  if (connect(fd, server) == 0) return fd;
  close(fd);
  return -1;
}

/** Asks by a datagram, again where it may have been lost: null where no answer came. */
function askByUdp(server: SocketAddress, query: Uint8Array, id: u16): DnsMessage | null {
  const fd = dial(server, SOCK.DGRAM);
  if (fd < 0) return null;
  const bytes = new Uint8Array(DATAGRAM_SIZE);
  let answer: DnsMessage | null = null;
  for (let i = 0; i < ATTEMPTS && answer == null; i++) {
    if (send(fd, query) < 0) break;
    const count = recv(fd, bytes);
    if (count < 0 && errno() == Errno.EAGAIN) continue;
    if (count < 0) break;
    const message = new DnsMessage(bytes.slice(0, count));
    if (message.response && message.id == id && !message.malformed) answer = message;
  }
  close(fd);
  return answer;
}

/** Asks by a stream, where two bytes before each message tell its length: null where no answer came. */
function askByTcp(server: SocketAddress, query: Uint8Array): DnsMessage | null {
  const fd = dial(server, SOCK.STREAM);
  if (fd < 0) return null;
  const prefix = new Uint8Array(2);
  const length = new DataView(prefix.buffer);
  length.setUint16(0, <u16>query.length);
  let answer: DnsMessage | null = null;
  if (send(fd, prefix, MSG.MORE) == 2 && send(fd, query) == query.length) {
    if (recv(fd, prefix, MSG.WAITALL) == 2) {
      const bytes = new Uint8Array(length.getUint16(0));
      if (recv(fd, bytes, MSG.WAITALL) == bytes.length) answer = new DnsMessage(bytes);
    }
  }
  close(fd);
  return answer;
}

function typeOf(name: string): i32 {
  if (name == "A") return Type.A;
  if (name == "AAAA") return Type.AAAA;
  if (name == "NS") return Type.NS;
  if (name == "CNAME") return Type.CNAME;
  if (name == "PTR") return Type.PTR;
  return name == "TXT" ? Type.TXT : 0;
}

/**
 * Asks a server for the records of a name, and prints them.
 *
 * @returns how many there are, or -errno: ENODATA where there is no such name, ETIMEDOUT where nobody answers
 */
export function main(server: string, port: i32, name: string, type: string): i32 {
  const code = typeOf(type);
  if (code == 0) return -Errno.EINVAL;
  let address: SocketAddress = new Inet(server, port);
  if (server.includes(":")) address = new Inet6(server, port);

  const id = <u16>(Math.random() * 65536);
  const query = question(id, RECURSION_DESIRED, name, code);
  let answer = askByUdp(address, query, id);
  if (answer != null && answer.truncated) {
    console.log(";; truncated, asking over TCP");
    answer = askByTcp(address, query);
  }
  if (answer == null) {
    const error = errno();
    return error == 0 || error == Errno.EAGAIN ? -Errno.ETIMEDOUT : -error;
  }
  if (answer.malformed || answer.id != id) return -Errno.EBADMSG;
  if (answer.code != 0) return -Errno.ENODATA;
  for (let i = 0; i < answer.answers.length; i++) {
    const record = answer.answers[i];
    console.log(`${record.name} ${record.text}`);
  }
  return answer.answers.length;
}
