// An HTTP proxy, RFC 9110 and RFC 9112: tunnels for CONNECT, and requests in absolute form, one a connection. Any number
// of connections are served in one thread by poll(2), and none waits for another but in a look-up.

import {
  AF,
  Errno,
  Inet,
  POLL,
  PollList,
  SO,
  SOCK,
  SOL,
  accept,
  bind,
  close,
  connect,
  errno,
  getaddrinfo,
  getsockname,
  getsockopt,
  listen,
  recv,
  send,
  setsockopt,
  socket,
  AddressInfoHints,
} from "wasi-sockets/assembly";
import { Relay } from "./support/relay";

/** The longest head of a request. */
const HEAD_MAX: i32 = 8192;
const CONNECTIONS_MAX: i32 = 256;
const HTTP_PORT = "80";

/** Where a request is to go, and what of it is sent there. */
class Target {
  constructor(
    readonly host: string,
    readonly port: string,
    /** The head as the server gets it; null for a tunnel. */
    readonly head: string | null,
  ) {}
}

/** "host:port" or "[address]:port" as two; the port may be missing where there is another. */
function authority(text: string, port: string, head: string | null): Target | null {
  const colon = text.lastIndexOf(":");
  const hasPort = colon > text.lastIndexOf("]");
  let host = hasPort ? text.slice(0, colon) : text;
  const service = hasPort ? text.slice(colon + 1) : port;
  if (host.startsWith("[") && host.endsWith("]")) host = host.slice(1, -1);
  return host.length == 0 || service.length == 0 ? null : new Target(host, service, head);
}

/** A field that is of one connection alone, and not passed on. */
function isHopByHop(line: string): bool {
  const name = line.slice(0, max(0, line.indexOf(":"))).toLowerCase();
  return name == "connection" || name == "keep-alive" || name.startsWith("proxy-");
}

/** What a request's head asks for; null where it is none for a proxy. */
function parse(head: string): Target | null {
  const lines = head.split("\r\n");
  const parts = lines[0].split(" ");
  if (parts.length != 3 || !parts[2].startsWith("HTTP/1.")) return null;
  if (parts[0] == "CONNECT") return authority(parts[1], "", null);
  const scheme = "http://";
  if (!parts[1].toLowerCase().startsWith(scheme)) return null;
  const rest = parts[1].slice(scheme.length);
  let slash = rest.indexOf("/");
  if (slash < 0) slash = rest.length;
  const path = slash == rest.length ? "/" : rest.slice(slash);
  let passed = `${parts[0]} ${path} ${parts[2]}\r\n`;
  for (let i = 1; i < lines.length && lines[i].length > 0; i++) {
    if (!isHopByHop(lines[i])) passed += lines[i] + "\r\n";
  }
  return authority(rest.slice(0, slash), HTTP_PORT, passed + "Connection: close\r\n\r\n");
}

/** Where a head ends, behind its empty line; -1 where it has not all come. */
function endOfHead(bytes: Uint8Array, length: i32): i32 {
  for (let i = 3; i < length; i++) {
    if (bytes[i] == 0x0a && bytes[i - 1] == 0x0d && bytes[i - 2] == 0x0a && bytes[i - 3] == 0x0d) {
      return i + 1;
    }
  }
  return -1;
}

/** What it is waiting for: the head, the connection to the server, or bytes of either. */
const enum State {
  HEAD,
  CONNECTING,
  RELAYING,
  CLOSED,
}

/** A connection of a client, and that to its server. */
class Connection {
  state: State = State.HEAD;
  server: i32 = -1;
  private readonly head: Uint8Array = new Uint8Array(HEAD_MAX);
  private length: i32 = 0;
  private target: Target | null = null;
  private up: Relay | null = null;
  private down: Relay | null = null;

  constructor(readonly client: i32) {}

  /** Adds what it waits for to a list. */
  watch(list: PollList): void {
    if (this.state == State.HEAD) {
      list.add(this.client, POLL.IN);
    } else if (this.state == State.CONNECTING) {
      list.add(this.server, POLL.OUT);
    } else if (this.state == State.RELAYING) {
      const up = this.up!;
      const down = this.down!;
      const ofClient = (up.receives ? POLL.IN : 0) | (down.sends ? POLL.OUT : 0);
      const ofServer = (down.receives ? POLL.IN : 0) | (up.sends ? POLL.OUT : 0);
      // A socket that nothing is wanted of would still tell of its end, again and again.
      if (ofClient != 0) list.add(this.client, ofClient);
      if (ofServer != 0) list.add(this.server, ofServer);
    }
  }

  /** Goes on as far as it can. */
  run(): void {
    if (this.state == State.HEAD) this.readHead();
    if (this.state == State.CONNECTING) this.finishConnecting();
    if (this.state == State.RELAYING) {
      if (!this.up!.pump() || !this.down!.pump() || this.down!.done) this.end();
    }
  }

  private end(): void {
    this.state = State.CLOSED;
    close(this.client);
    if (this.server >= 0) close(this.server);
  }

  /** Answers in the server's place, and ends. */
  private refuse(status: string): void {
    const text = `HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
    send(this.client, Uint8Array.wrap(String.UTF8.encode(text)));
    this.end();
  }

  private refuseFor(error: i32): void {
    this.refuse(error == Errno.EACCES ? "403 Forbidden" : "502 Bad Gateway");
  }

  private readHead(): void {
    const count = recv(this.client, this.head.subarray(this.length));
    if (count == 0 || (count < 0 && errno() != Errno.EAGAIN)) return this.end();
    if (count < 0) return;
    this.length += count;
    const end = endOfHead(this.head, this.length);
    if (end < 0) {
      if (this.length == HEAD_MAX) this.refuse("431 Request Header Fields Too Large");
      return;
    }
    const target = parse(String.UTF8.decode(this.head.slice(0, end).buffer));
    if (target == null) return this.refuse("400 Bad Request");
    this.target = target;
    this.head.copyWithin(0, end, this.length); // what came behind it
    this.length -= end;
    this.begin(target);
  }

  private begin(target: Target): void {
    const hints = new AddressInfoHints(0, 0, SOCK.STREAM);
    const found = getaddrinfo(target.host, target.port, hints);
    if (found == null) return this.refuseFor(errno());
    let error: i32 = Errno.EADDRNOTAVAIL;
    for (let i = 0; i < found.length; i++) {
      const address = found[i].address;
      this.server = socket(address.family, SOCK.STREAM | SOCK.NONBLOCK, 0);
      if (this.server < 0) return this.refuseFor(errno());
      if (connect(this.server, address) == 0 || errno() == Errno.EINPROGRESS) {
        this.state = State.CONNECTING;
        return;
      }
      error = errno();
      close(this.server);
      this.server = -1;
    }
    this.refuseFor(error);
  }

  private finishConnecting(): void {
    const list = new PollList(1);
    list.add(this.server, POLL.OUT);
    if (list.wait(0) <= 0) return;
    const error = getsockopt(this.server, SOL.SOCKET, SO.ERROR);
    if (error != 0) return this.refuseFor(error);
    const up = new Relay(this.client, this.server);
    const down = new Relay(this.server, this.client);
    const head = this.target!.head;
    const behind = this.head.slice(0, this.length);
    if (head == null) {
      up.put(behind);
      down.put(Uint8Array.wrap(String.UTF8.encode("HTTP/1.1 200 Connection Established\r\n\r\n")));
    } else {
      const first = Uint8Array.wrap(String.UTF8.encode(head));
      const all = new Uint8Array(first.length + behind.length);
      all.set(first);
      all.set(behind, first.length);
      up.put(all);
    }
    this.up = up;
    this.down = down;
    this.state = State.RELAYING;
  }
}

let listener: i32 = -1;

/** Starts to listen on a loopback port, or with 0 on one that the kernel chooses: the port, or -errno. */
export function open(port: i32): i32 {
  listener = socket(AF.INET, SOCK.STREAM | SOCK.NONBLOCK, 0);
  if (listener < 0) return -errno();
  setsockopt(listener, SOL.SOCKET, SO.REUSEADDR, true);
  if (bind(listener, new Inet("127.0.0.1", port)) < 0 || listen(listener, 128) < 0) return -errno();
  const address = getsockname(listener);
  return address == null ? -errno() : (address as Inet).port;
}

let connections: Connection[] = [];

/** Accepts every connection that waits, as long as there is room: how many. */
function acceptAll(): i32 {
  let count = 0;
  while (connections.length < CONNECTIONS_MAX) {
    const fd = accept(listener, SOCK.NONBLOCK);
    if (fd < 0) return count;
    connections.push(new Connection(fd));
    count++;
  }
  return count;
}

/** Serves until it is interrupted: how many connections there were, or -errno. */
export function serve(): i32 {
  let served = 0;
  while (true) {
    const list = new PollList(1 + 2 * CONNECTIONS_MAX);
    if (connections.length < CONNECTIONS_MAX) list.add(listener, POLL.IN);
    for (let i = 0; i < connections.length; i++) connections[i].watch(list);
    if (list.wait() < 0) return errno() == Errno.EINTR ? served : -errno();
    served += acceptAll();
    for (let i = 0; i < connections.length; i++) connections[i].run();
    connections = connections.filter((connection) => connection.state != State.CLOSED);
  }
}
