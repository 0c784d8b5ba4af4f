// What both forms of the TypeScript API have alike: the calls that never wait. Symbols and address objects
// become numbers and bytes in the linear memory of build/sockets.wasm, whose calls come back to the host as any
// guest's do.

import { bsdSockets } from "../adapters/bsd/index.js";
import type { Address } from "../address.js";
import type { Descriptor } from "../descriptors.js";
import type { ErrnoDescription } from "../errno.js";
import { Guest, type GuestOptions } from "../guest.js";
import { Errno } from "../marshal.js";
import { GuestMemory } from "../memory.js";
import type { Platform } from "../platform/index.js";
import type { Wait } from "../wait/index.js";
import { Calls } from "./calls.js";
import { Caller } from "./caller.js";
import { getFlags, setFlags } from "./fcntl.js";
import { getOption, setOption, type OptionValue } from "./option.js";
import { Listener, type ListenOptions } from "./listener.js";
import { epollControl, type EpollOperation } from "./poll.js";
import { Port } from "./port.js";
import { instantiateSockets } from "./sockets.js";
import {
  directions,
  domains,
  protocols,
  types,
  type DescriptorFlag,
  type Domain,
  type EpollEvent,
  type Flags,
  type How,
  type Level,
  type One,
  type Protocol,
  type StatusFlag,
  type Type,
} from "./symbols.js";

/** BSD sockets of one owner: what never waits. */
export class BaseNet {
  /** Its descriptors and its permissions. @internal */
  protected readonly guest: Guest;
  /** Its side of the instance of build/sockets.wasm. @internal */
  protected readonly caller: Caller;
  /** One try of each call that can wait. @internal */
  protected readonly calls: Calls;
  /** How to end the port or the listener that owns a descriptor, by its number. */
  readonly #owners = new Map<number, () => void>();

  /**
   * @param options permissions and limits; everything is allowed where `allow` is absent
   * @param waiting makes what happens where a call has to wait
   * @param platform the machine, this one where it is absent
   * @internal
   */
  protected constructor(
    options: GuestOptions,
    waiting: (guest: Guest) => Wait,
    platform?: Platform,
  ) {
    const { allow = true } = options;
    this.guest = new Guest({ ...options, allow }, platform);
    const memory = new GuestMemory();
    const wasm = instantiateSockets(bsdSockets(this.guest, memory, waiting(this.guest)));
    memory.attach(wasm.memory);
    this.caller = new Caller(wasm);
    this.calls = new Calls(this.caller, this.guest.descriptors);
  }

  /** The last failure, errno(3); null where nothing has failed yet. */
  get errno(): ErrnoDescription | null {
    return this.caller.failure;
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
    return this.caller.expect(
      "socket",
      this.caller.wasm.socket(
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
    const { block } = this.caller.wasm;
    const numbers = [
      domains.encode(domain),
      types.encodeFlags(type),
      protocols.encode(protocol),
    ] as const;
    this.caller.expect("socketpair", this.caller.wasm.socketpair(...numbers, block));
    return [this.caller.pool.word(block), this.caller.pool.word(block + this.caller.wasm.INT_SIZE)];
  }

  /**
   * Closes a descriptor, close(2), and the port or listener that owns it, if one does.
   *
   * @throws SocketError EBADF
   */
  close(fd: number): void {
    const end = this.#owners.get(fd);
    if (end !== undefined) end();
    else this.caller.expect("close", this.caller.wasm.close(fd));
  }

  /**
   * Ends one or both directions of a connection, shutdown(2).
   *
   * @throws SocketError EBADF, ENOTCONN
   */
  shutdown(fd: number, how: One<How>): void {
    this.caller.expect("shutdown", this.caller.wasm.shutdown(fd, directions.encode(how)));
  }

  /**
   * Gives a socket its local address, bind(2); port 0 lets the kernel choose, as does an empty unix path.
   *
   * @throws SocketError EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL…; TypeError, RangeError for an address
   *   that is none
   */
  bind(fd: number, address: Address): void {
    const length = this.caller.encodeAddress(address);
    this.caller.expect("bind", this.caller.wasm.bind(fd, this.caller.wasm.address, length), {
      address,
    });
  }

  /**
   * Lets others connect to a socket, listen(2).
   *
   * @param backlog how many connections may wait to be accepted
   * @throws SocketError EADDRINUSE, EOPNOTSUPP…
   */
  listen(fd: number, backlog = 128): void {
    this.caller.expect("listen", this.caller.wasm.listen(fd, backlog));
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
   * Whether the next byte is the one behind the urgent data, sockatmark(3).
   *
   * @throws SocketError EBADF, EINVAL, ENOTTY
   */
  sockatmark(fd: number): boolean {
    return this.caller.expect("sockatmark", this.caller.wasm.sockatmark(fd)) === 1;
  }

  /**
   * Opens a set of descriptors to wait for, epoll_create1(2).
   *
   * @returns its descriptor
   * @throws SocketError EMFILE
   */
  epollCreate(): number {
    return this.caller.expect("epoll_create1", this.caller.wasm.epoll_create1(0));
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
    epollControl(this.caller, epfd, operation, fd, events, data);
  }

  /**
   * The index of a network interface, if_nametoindex(3).
   *
   * @throws SocketError ENODEV
   */
  ifNameToIndex(name: string): number {
    return this.caller.interfaceIndex(name);
  }

  /**
   * The name of a network interface, if_indextoname(3).
   *
   * @throws SocketError ENXIO
   */
  ifIndexToName(index: number): string {
    const { text } = this.caller.wasm;
    this.caller.expect("if_indextoname", this.caller.wasm.if_indextoname(index, text));
    return this.caller.readString(text);
  }

  /** The name of this host, gethostname(2). */
  gethostname(): string {
    const { text, TEXT_SIZE } = this.caller.wasm;
    this.caller.expect("gethostname", this.caller.wasm.gethostname(text, TEXT_SIZE));
    return this.caller.readString(text);
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
    return getFlags(this.caller, fd, command) as StatusFlag[];
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
    setFlags(this.caller, fd, command, flags);
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
    setOption(this.caller, fd, level, optname, optval, optlen);
  }

  /**
   * Reads an option, getsockopt(2).
   *
   * @param optname a symbol of its level or a number
   * @returns a boolean for a flag, a number, `{on, seconds}`, `{seconds, microseconds}`, text or bytes
   * @throws SocketError ENOPROTOOPT…; TypeError for a symbol
   */
  getsockopt(fd: number, level: One<Level>, optname: One<string>): OptionValue {
    return getOption(this.caller, fd, level, optname);
  }

  /**
   * Makes a Node Duplex of a stream or seqpacket socket. It owns the descriptor from now on: use the number no
   * more, the port closes it.
   *
   * @throws SocketError EBADF; EBUSY where a port or a listener owns it already; TypeError for another type
   */
  fdToPort(fd: number): Port {
    const descriptor = this.#unowned("fdToPort", fd);
    const { SOCK } = this.caller.wasm;
    if (descriptor.type !== SOCK.STREAM && descriptor.type !== SOCK.SEQPACKET) {
      throw new TypeError(`descriptor ${fd} is no "stream" or "seqpacket" socket`);
    }
    const port = new Port(this.guest, descriptor, fd, () => {
      this.#disown(fd);
    });
    this.#owners.set(fd, () => port.destroy());
    return port;
  }

  /**
   * Listens, listen(2), and gives the connections as ports: `for await (const port of net.listenPort(address))`.
   *
   * @param at the address to bind a new stream socket to, port 0 lets the kernel choose; or a descriptor, bound or
   *   not, which the listener owns from now on
   * @param options `backlog`, `reuseaddr`, `signal`
   * @returns the listener, with its `fd` and its `address`
   * @throws SocketError as `socket`, `bind` and `listen`; EBUSY where a port or a listener owns the descriptor;
   *   the signal's reason; TypeError, RangeError for an address that is none
   */
  listenPort(at: Address | number, { backlog, reuseaddr, signal }: ListenOptions = {}): Listener {
    signal?.throwIfAborted();
    if (typeof at === "number") return this.#listener(at, backlog, signal);
    const fd = this.socket(at.family, "stream");
    try {
      if (reuseaddr ?? (at.family === "inet" || at.family === "inet6")) {
        this.setsockopt(fd, "socket", "reuseaddr", true);
      }
      this.bind(fd, at);
      return this.#listener(fd, backlog, signal);
    } catch (error) {
      this.close(fd);
      throw error;
    }
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
    return this.caller.pool.allocate(size);
  }

  /**
   * A new view of the bytes of one that `buffer` gave and growth of the memory detached.
   *
   * @throws TypeError for any other view
   */
  remap(view: Uint8Array): Uint8Array {
    return this.caller.pool.remap(view);
  }

  /**
   * Gives back what `buffer` gave; no view of it may be used any more. Bytes that were sent with "zerocopy"
   * must have been reported as sent before.
   *
   * @throws TypeError for any other view, and for one that was released before
   */
  release(view: Uint8Array): void {
    this.caller.pool.release(view);
  }

  /** Destroys every port and closes every listener and every socket that is still open. */
  dispose(): void {
    for (const end of this.#owners.values()) end();
    this.guest.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** A descriptor that is still the caller's own. */
  #unowned(syscall: string, fd: number): Descriptor {
    const descriptor = this.guest.descriptors.get(fd);
    if (descriptor === undefined) throw this.caller.error(syscall, Errno.EBADF);
    if (this.#owners.has(fd)) throw this.caller.error(syscall, Errno.EBUSY);
    return descriptor;
  }

  #disown(fd: number): void {
    this.#owners.delete(fd);
    this.caller.wasm.close(fd);
  }

  #listener(fd: number, backlog: number | undefined, signal: AbortSignal | undefined): Listener {
    const descriptor = this.#unowned("listenPort", fd);
    this.listen(fd, backlog);
    const listener = new Listener(
      this.guest,
      descriptor,
      fd,
      this.getsockname(fd),
      (accepted) => this.fdToPort(accepted),
      () => {
        this.#disown(fd);
      },
      signal,
    );
    this.#owners.set(fd, () => {
      listener.close();
    });
    return listener;
  }

  #name(call: "getsockname" | "getpeername", fd: number): Address {
    const { address, length } = this.caller.wasm;
    this.caller.expectAddress();
    this.caller.expect(call, this.caller.wasm[call](fd, address, length));
    return this.caller.decodeAddress() ?? { family: 0, bytes: new Uint8Array(0) };
  }
}
