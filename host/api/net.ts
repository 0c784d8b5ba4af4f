// The TypeScript API: what `open()` gives. Symbols and address objects become numbers and bytes in the
// linear memory of build/sockets.wasm, whose calls come back to the host as any guest's do.

import { bsdSockets } from "../adapters/bsd/index.js";
import type { Address } from "../address.js";
import {
  lookUp,
  nameOf,
  type AddressInfo,
  type AddressInfoHints,
  type NameInfo,
} from "./addrinfo.js";
import type { BufferPool } from "./buffers.js";
import { Caller } from "./caller.js";
import type { ErrnoDescription } from "../errno.js";
import { getFlags, setFlags } from "./fcntl.js";
import { Guest, type GuestOptions } from "../guest.js";
import { Errno } from "../marshal.js";
import { GuestMemory } from "../memory.js";
import { getOption, setOption, type OptionValue } from "./option.js";
import {
  receiveMessage,
  receiveMessages,
  sendMessage,
  sendMessages,
  type IncomingMessage,
  type OutgoingMessage,
  type ReceivedMessage,
} from "./message.js";
import {
  epollControl,
  epollWait,
  poll,
  type EpollOperation,
  type EpollResult,
  type PollRequest,
  type PollResult,
} from "./poll.js";
import { Port } from "./port.js";
import { instantiateSockets, type Sockets } from "./sockets.js";
import {
  directions,
  domains,
  messageFlags,
  protocols,
  types,
  type DescriptorFlag,
  type Domain,
  type EpollEvent,
  type Flags,
  type How,
  type Level,
  type MessageFlag,
  type NameInfoFlag,
  type One,
  type Protocol,
  type StatusFlag,
  type Type,
  type TypeFlag,
} from "./symbols.js";
import { Blocking } from "../wait/blocking.js";
import type { Waker } from "../waker.js";

/** Options of `open`. */
export interface OpenOptions extends GuestOptions {
  /** The descriptor of a Waker, by which another thread ends a blocked call with EINTR. */
  readonly wake?: Waker["descriptor"] | undefined;
}

/** BSD sockets. Every call that has to wait blocks the thread, as in C. */
export class Net {
  readonly #guest: Guest;
  readonly #caller: Caller;
  readonly #wasm: Sockets;
  readonly #pool: BufferPool;
  /** The ports that own a descriptor, by its number. */
  readonly #ports = new Map<number, Port>();

  /** @param options permissions and limits; everything is allowed where `allow` is absent */
  constructor({ wake, ...options }: OpenOptions = {}) {
    this.#guest = new Guest({ ...options, allow: options.allow ?? true });
    const memory = new GuestMemory();
    const wait = new Blocking(this.#guest.descriptors, wake);
    this.#wasm = instantiateSockets(bsdSockets(this.#guest, memory, wait));
    memory.attach(this.#wasm.memory);
    this.#caller = new Caller(this.#wasm);
    this.#pool = this.#caller.pool;
  }

  /** The last failure, errno(3); null where nothing has failed yet. */
  get errno(): ErrnoDescription | null {
    return this.#caller.failure;
  }

  /**
   * Opens a socket, socket(2). It is close-on-exec whatever its type says.
   *
   * @param domain address family
   * @param type a socket type, or a list of one and its modifiers
   * @param protocol null for the default of the type
   * @returns its descriptor, 3 or above
   * @throws SocketError EACCES, EAFNOSUPPORT, EINVAL, EMFILE, EPROTONOSUPPORT…; TypeError for a symbol
   */
  socket(domain: One<Domain>, type: Flags<Type>, protocol: One<Protocol> = null): number {
    return this.#caller.expect(
      "socket",
      this.#wasm.socket(
        domains.encode(domain),
        types.encodeFlags(type),
        protocols.encode(protocol),
      ),
    );
  }

  /**
   * Opens two sockets that are connected to each other, socketpair(2).
   *
   * @returns both descriptors
   * @throws SocketError EAFNOSUPPORT, EMFILE, EOPNOTSUPP…
   */
  socketpair(
    domain: One<Domain>,
    type: Flags<Type>,
    protocol: One<Protocol> = null,
  ): [number, number] {
    const { block } = this.#wasm;
    const numbers = [
      domains.encode(domain),
      types.encodeFlags(type),
      protocols.encode(protocol),
    ] as const;
    this.#caller.expect("socketpair", this.#wasm.socketpair(...numbers, block));
    return [this.#pool.word(block), this.#pool.word(block + this.#wasm.INT_SIZE)];
  }

  /**
   * Closes a descriptor, close(2), and destroys the port that owns it, if one does.
   *
   * @throws SocketError EBADF
   */
  close(fd: number): void {
    this.#ports.get(fd)?.release();
    this.#caller.expect("close", this.#wasm.close(fd));
  }

  /**
   * Ends one or both directions of a connection, shutdown(2).
   *
   * @throws SocketError EBADF, ENOTCONN
   */
  shutdown(fd: number, how: One<How>): void {
    this.#caller.expect("shutdown", this.#wasm.shutdown(fd, directions.encode(how)));
  }

  /**
   * Connects to an address, connect(2), and waits until it is done unless the socket is non-blocking.
   *
   * @throws SocketError ECONNREFUSED, ETIMEDOUT, ENETUNREACH, EACCES, EINPROGRESS (non-blocking)…;
   *   TypeError, RangeError for an address that is none
   */
  connect(fd: number, address: Address): void {
    const length = this.#caller.encodeAddress(address);
    this.#caller.expect("connect", this.#wasm.connect(fd, this.#wasm.address, length), { address });
  }

  /**
   * Gives a socket its local address, bind(2); port 0 lets the kernel choose, as does an empty unix path.
   *
   * @throws SocketError EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL…; TypeError, RangeError for an address
   *   that is none
   */
  bind(fd: number, address: Address): void {
    const length = this.#caller.encodeAddress(address);
    this.#caller.expect("bind", this.#wasm.bind(fd, this.#wasm.address, length), { address });
  }

  /**
   * Lets others connect to a socket, listen(2).
   *
   * @param backlog how many connections may wait to be accepted
   * @throws SocketError EADDRINUSE, EOPNOTSUPP…
   */
  listen(fd: number, backlog = 128): void {
    this.#caller.expect("listen", this.#wasm.listen(fd, backlog));
  }

  /**
   * Accepts a connection, accept(2), and waits for one unless the socket is non-blocking.
   *
   * @returns the connection's descriptor
   * @throws SocketError EAGAIN (non-blocking, or after SO_RCVTIMEO), EINVAL, EMFILE…
   */
  accept(fd: number): number {
    return this.accept4(fd, null);
  }

  /**
   * Accepts a connection, accept4(2).
   *
   * @param flags modifiers for the new descriptor
   * @returns the connection's descriptor
   * @throws SocketError as `accept`
   */
  accept4(fd: number, flags: Flags<TypeFlag>): number {
    return this.#caller.expect("accept", this.#wasm.accept4(fd, 0, 0, types.encodeFlags(flags)));
  }

  /**
   * The local address of a socket, getsockname(2).
   *
   * @throws SocketError EBADF
   */
  getsockname(fd: number): Address {
    return this.#name("getsockname", fd);
  }

  /**
   * The address that a socket is connected to, getpeername(2).
   *
   * @throws SocketError ENOTCONN, EBADF
   */
  getpeername(fd: number): Address {
    return this.#name("getpeername", fd);
  }

  /**
   * Sends bytes on a connection, send(2). A blocking stream takes all of them. No signal is raised.
   *
   * @returns how many bytes were taken, or -1 with `errno` EPIPE, ECONNRESET, EAGAIN, EMSGSIZE…
   */
  send(fd: number, bytes: Uint8Array, flags: Flags<MessageFlag> = null): number {
    const bits = flags === null ? 0 : messageFlags.encodeFlags(flags);
    return this.#caller.count(
      this.#wasm.send(fd, this.#outgoing(fd, bytes, bits), bytes.length, bits),
    );
  }

  /**
   * Receives bytes, recv(2), and waits for some unless the socket is non-blocking.
   *
   * @param bytes where they go; a view from `buffer` is filled by the kernel itself
   * @returns how many bytes came, 0 at the end of a stream, or -1 with `errno` EAGAIN, ECONNRESET…
   */
  recv(fd: number, bytes: Uint8Array, flags: Flags<MessageFlag> = null): number {
    const bits = flags === null ? 0 : messageFlags.encodeFlags(flags);
    const at = this.#room(bytes, bits);
    const count = this.#caller.count(this.#wasm.recv(fd, at, bytes.length, bits));
    this.#pool.unstage(bytes, at, count);
    return count;
  }

  /**
   * Sends bytes to an address, sendto(2).
   *
   * @param address where to, null for the address that the socket is connected to
   * @returns how many bytes were taken, or -1 with `errno` EACCES, EMSGSIZE, ENETUNREACH…
   * @throws TypeError, RangeError for an address that is none
   */
  sendto(
    fd: number,
    bytes: Uint8Array,
    flags: Flags<MessageFlag>,
    address: Address | null,
  ): number {
    const bits = messageFlags.encodeFlags(flags);
    const length = address === null ? 0 : this.#caller.encodeAddress(address);
    const to = address === null ? 0 : this.#wasm.address;
    return this.#caller.count(
      this.#wasm.sendto(fd, this.#outgoing(fd, bytes, bits), bytes.length, bits, to, length),
    );
  }

  /**
   * Receives bytes and who sent them, recvfrom(2).
   *
   * @returns the count and the sender's address, null where the socket is a stream; or false and null
   *   with `errno` EAGAIN, ECONNREFUSED…
   */
  recvfrom(
    fd: number,
    bytes: Uint8Array,
    flags: Flags<MessageFlag> = null,
  ): [count: number, address: Address | null] | [count: false, address: null] {
    const wasm = this.#wasm;
    const bits = messageFlags.encodeFlags(flags);
    const at = this.#room(bytes, bits);
    this.#caller.expectAddress();
    const count = this.#caller.count(
      wasm.recvfrom(fd, at, bytes.length, bits, wasm.address, wasm.length),
    );
    if (count < 0) return [false, null];
    this.#pool.unstage(bytes, at, count);
    return [count, this.#caller.decodeAddress()];
  }

  /**
   * Sends part of a file that `preopens` opened, sendfile(2).
   *
   * @param offset where in the file, null for its own position, which then moves
   * @param count how many bytes at most
   * @returns how many bytes were taken, 0 at the end of the file, or -1 with `errno` EPIPE, EINVAL…
   */
  sendfile(fd: number, file: number, offset: number | null, count: number): number {
    const { block, sendfile } = this.#wasm;
    if (offset !== null) this.#pool.setLong(block, offset);
    return this.#caller.count(sendfile(fd, file, offset === null ? 0 : block, count));
  }

  /**
   * Whether the next byte is the one behind the urgent data, sockatmark(3).
   *
   * @throws SocketError EBADF, EINVAL, ENOTTY
   */
  sockatmark(fd: number): boolean {
    return this.#caller.expect("sockatmark", this.#wasm.sockatmark(fd)) === 1;
  }

  /**
   * Sends a message, sendmsg(2): bytes from several places, an address, control messages.
   *
   * @returns how many bytes were taken, or -1 with `errno` as `sendto`
   * @throws TypeError, RangeError for an address or a control message that is none
   */
  sendmsg(fd: number, message: OutgoingMessage, flags: Flags<MessageFlag> = null): number {
    const bits = messageFlags.encodeFlags(flags);
    return sendMessage(this.#caller, fd, message, bits, this.#zeroCopies(fd, bits));
  }

  /**
   * Receives a message, recvmsg(2): bytes into several places, an address, control messages. Descriptors
   * that come with it get numbers of this net; those that do not fit are closed, and "ctrunc" says so.
   *
   * @param message where its bytes go, and how many bytes of control data to take
   * @returns the message, or null with `errno` as `recvfrom`
   */
  recvmsg(
    fd: number,
    message: IncomingMessage,
    flags: Flags<MessageFlag> = null,
  ): ReceivedMessage | null {
    return receiveMessage(this.#caller, fd, message, flags);
  }

  /**
   * Sends up to 64 messages by one system call, sendmmsg(2).
   *
   * @returns how many messages were sent, or -1 with `errno` as `sendto`
   */
  sendmmsg(
    fd: number,
    messages: readonly OutgoingMessage[],
    flags: Flags<MessageFlag> = null,
  ): number {
    const bits = messageFlags.encodeFlags(flags);
    return sendMessages(this.#caller, fd, messages, bits, this.#zeroCopies(fd, bits));
  }

  /**
   * Receives up to 64 messages by one system call, recvmmsg(2). It waits for all of them, unless the flag
   * "waitforone" is set or time is up.
   *
   * @param timeout in milliseconds, -1 for none
   * @returns the messages that came, or null with `errno` as `recvfrom`
   */
  recvmmsg(
    fd: number,
    messages: readonly IncomingMessage[],
    flags: Flags<MessageFlag> = null,
    timeout = -1,
  ): ReceivedMessage[] | null {
    return receiveMessages(this.#caller, fd, messages, flags, timeout);
  }

  /**
   * Waits until descriptors are ready, poll(2).
   *
   * @param timeout in milliseconds, -1 for none
   * @returns those that have something to tell, none where time is up
   * @throws SocketError EINTR; TypeError for a symbol
   */
  poll(requests: readonly PollRequest[], timeout = -1): PollResult[] {
    return poll(this.#caller, requests, timeout);
  }

  /**
   * Opens a set of descriptors to wait for, epoll_create1(2).
   *
   * @returns its descriptor
   * @throws SocketError EMFILE
   */
  epollCreate(): number {
    return this.#caller.expect("epoll_create1", this.#wasm.epoll_create1(0));
  }

  /**
   * Adds a descriptor to a set, changes what it is watched for, or removes it, epoll_ctl(2).
   *
   * @param events "in", "out"…, and "et", "oneshot", "exclusive"; not for "del"
   * @param data what epollWait gives for the descriptor: the descriptor itself where it is absent
   * @throws SocketError EEXIST, ENOENT, EBADF, EPERM, EINVAL; TypeError for a symbol
   */
  epollCtl(
    epfd: number,
    operation: EpollOperation,
    fd: number,
    events: Flags<EpollEvent> = null,
    data = fd,
  ): void {
    epollControl(this.#caller, epfd, operation, fd, events, data);
  }

  /**
   * Waits until a descriptor of a set is ready, epoll_wait(2).
   *
   * @param count how many events to take at most
   * @param timeout in milliseconds, -1 for none
   * @returns the events, none where time is up
   * @throws SocketError EBADF, EINVAL, EINTR
   */
  epollWait(epfd: number, count = 64, timeout = -1): EpollResult[] {
    return epollWait(this.#caller, epfd, count, timeout);
  }

  /**
   * Finds the names of an address, getnameinfo(3).
   *
   * @param flags "numerichost", "numericserv", "namereqd"…
   * @throws SocketError with code EAI_NONAME, EAI_AGAIN…; TypeError for an address or a symbol
   */
  getnameinfo(address: Address, flags: Flags<NameInfoFlag> = null): NameInfo {
    return nameOf(this.#caller, address, flags);
  }

  /**
   * Looks a host and a service up, getaddrinfo(3), by libc's own resolver.
   *
   * @param node a name or an address in text, null for this host
   * @param service a service name or a port in text, null for port 0
   * @param hints what is wanted; each of its members, and it itself, may be absent
   * @returns the addresses, best first
   * @throws SocketError with code EAI_NONAME, EAI_SERVICE, EAI_AGAIN…; EACCES where the policy refuses
   */
  getaddrinfo(
    node: string | null,
    service: string | null = null,
    hints: AddressInfoHints | null = null,
  ): AddressInfo[] {
    return lookUp(this.#caller, node, service, hints);
  }

  /**
   * The index of a network interface, if_nametoindex(3).
   *
   * @throws SocketError ENODEV
   */
  ifNameToIndex(name: string): number {
    return this.#caller.interfaceIndex(name);
  }

  /**
   * The name of a network interface, if_indextoname(3).
   *
   * @throws SocketError ENXIO
   */
  ifIndexToName(index: number): string {
    const { text } = this.#wasm;
    this.#caller.expect("if_indextoname", this.#wasm.if_indextoname(index, text));
    return this.#caller.readString(text);
  }

  /** The name of this host, gethostname(2). */
  gethostname(): string {
    const { text, TEXT_SIZE } = this.#wasm;
    this.#caller.expect("gethostname", this.#wasm.gethostname(text, TEXT_SIZE));
    return this.#caller.readString(text);
  }

  /**
   * Reads descriptor flags ("getfd") or file status flags ("getfl"), fcntl(2).
   *
   * @returns the flags that are set
   * @throws SocketError EBADF
   */
  fcntl(fd: number, command: "getfd"): DescriptorFlag[];
  fcntl(fd: number, command: "getfl"): StatusFlag[];
  fcntl(fd: number, command: "getfd" | "getfl" | number): (DescriptorFlag | StatusFlag)[];
  fcntl(fd: number, command: "getfd" | "getfl" | number): (DescriptorFlag | StatusFlag)[] {
    return getFlags(this.#caller, fd, command) as StatusFlag[];
  }

  /**
   * Sets descriptor flags ("setfd") or file status flags ("setfl"), fcntl(2); flags that are not named
   * are cleared.
   *
   * @throws SocketError EBADF; TypeError for a symbol
   */
  fcntlSet(fd: number, command: "setfd", flags: Flags<DescriptorFlag>): void;
  fcntlSet(fd: number, command: "setfl", flags: Flags<StatusFlag>): void;
  fcntlSet(fd: number, command: "setfd" | "setfl" | number, flags: Flags<string>): void {
    setFlags(this.#caller, fd, command, flags);
  }

  /**
   * Sets an option, setsockopt(2).
   *
   * @param optname a symbol of its level ("reuseaddr", "nodelay") or a number
   * @param optval a number or boolean; `{on, seconds}` for linger; `{seconds, microseconds}` or a number
   *   of milliseconds for a timeout; text; or bytes, which are passed as they are
   * @param optlen how many bytes of the value count, where not all do
   * @throws SocketError ENOPROTOOPT, EINVAL, EPERM…; TypeError for a symbol or a value that does not fit
   */
  setsockopt(
    fd: number,
    level: One<Level>,
    optname: One<string>,
    optval: OptionValue,
    optlen?: number,
  ): void {
    setOption(this.#caller, fd, level, optname, optval, optlen);
  }

  /**
   * Reads an option, getsockopt(2).
   *
   * @param optname a symbol of its level or a number
   * @returns a boolean for a flag, a number, `{on, seconds}`, `{seconds, microseconds}`, text or bytes
   * @throws SocketError ENOPROTOOPT…; TypeError for a symbol
   */
  getsockopt(fd: number, level: One<Level>, optname: One<string>): OptionValue {
    return getOption(this.#caller, fd, level, optname);
  }

  /**
   * Makes a Node Duplex of a stream or seqpacket socket. It owns the descriptor from now on: use it no
   * more, the port closes it.
   *
   * @throws SocketError EBADF; EBUSY where a port owns it already
   */
  fdToPort(fd: number): Port {
    const descriptor = this.#guest.descriptors.get(fd);
    if (descriptor === undefined) throw this.#caller.error("fdToPort", Errno.EBADF);
    if (this.#ports.has(fd)) throw this.#caller.error("fdToPort", Errno.EBUSY);
    const port = new Port(this, fd, descriptor.native, () => this.#ports.delete(fd));
    this.#ports.set(fd, port);
    return port;
  }

  /**
   * Takes bytes of linear memory: what is received into them, or sent from them, is not copied.
   *
   * @param size how many
   * @returns a view of them, zeroed. It detaches where memory has to grow for another `buffer` or a very
   *   large transfer, is then refused with a TypeError, and `remap` gives a new view of the same bytes.
   * @throws RangeError where there is no such memory
   */
  buffer(size: number): Uint8Array {
    return this.#pool.allocate(size);
  }

  /**
   * A new view of the bytes of one that `buffer` gave and growth of the memory detached.
   *
   * @throws TypeError for any other view
   */
  remap(view: Uint8Array): Uint8Array {
    return this.#pool.remap(view);
  }

  /**
   * Gives back what `buffer` gave; no view of it may be used any more. Bytes that were sent with "zerocopy"
   * must have been reported as sent before.
   *
   * @throws TypeError for any other view, and for one that was released before
   */
  release(view: Uint8Array): void {
    this.#pool.release(view);
  }

  /** Destroys every port and closes every socket that is still open. */
  dispose(): void {
    for (const port of this.#ports.values()) port.release();
    this.#guest.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Whether the kernel may read what is sent after the call: the flag counts where the option is set. */
  #zeroCopies(fd: number, flags: number): boolean {
    if ((flags & this.#wasm.MSG.ZEROCOPY) === 0) return false;
    return this.#guest.descriptors.get(fd)?.zeroCopies ?? false;
  }

  /** Where bytes are sent from. */
  #outgoing(fd: number, bytes: Uint8Array, flags: number): number {
    return this.#zeroCopies(fd, flags) ? this.#pool.pin(bytes) : this.#pool.stage(bytes);
  }

  /** Where bytes are received. With MSG_TRUNC a stream counts and writes none: what is there must be theirs. */
  #room(bytes: Uint8Array, flags: number): number {
    const truncates = (flags & this.#wasm.MSG.TRUNC) !== 0;
    return truncates ? this.#pool.stage(bytes) : this.#pool.room(bytes);
  }

  #name(call: "getsockname" | "getpeername", fd: number): Address {
    const { address, length } = this.#wasm;
    this.#caller.expectAddress();
    this.#caller.expect(call, this.#wasm[call](fd, address, length));
    return this.#caller.decodeAddress() ?? { family: 0, bytes: new Uint8Array(0) };
  }
}
