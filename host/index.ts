// The package's public API.

import type { InstantiateOptions, Instance } from "./instantiate.js";
import type { Source } from "./source.js";
import type { Net, OpenOptions } from "./api/net.js";
import { currentPlatform } from "./platform/index.js";
import type { Suspended } from "./suspend.js";
import type { RunOptions } from "./run/index.js";
import type { Waker } from "./waker.js";

export type { Address, Inet6Address, InetAddress, OtherAddress, UnixAddress } from "./address.js";
export type { AddressInfo, AddressInfoHints, NameInfo } from "./api/addrinfo.js";
export type {
  Control,
  Credentials,
  ErrorReport,
  OtherControl,
  PacketInfo,
  Rights,
  Timestamp,
  Value,
} from "./api/control.js";
export type { ErrnoDescription } from "./errno.js";
export type { SocketError } from "./error.js";
export type { LinkAddress, NetlinkAddress, PacketAddress, VsockAddress } from "./link.js";
export type { InstantiateOptions, Instance } from "./instantiate.js";
export type { Source } from "./source.js";
export type { Listener, ListenOptions } from "./api/listener.js";
export type { IncomingMessage, OutgoingMessage, ReceivedMessage } from "./api/message.js";
export type { Net, OpenOptions } from "./api/net.js";
export type {
  Linger,
  Membership,
  MulticastInterface,
  OptionValue,
  PeerCredentials,
  TcpInfo,
  Timeval,
} from "./api/option.js";
export type { Limits } from "./limits.js";
export type { Allow, AllowFunction, Allowed, Denied, Use } from "./policy/index.js";
export type { EpollOperation, EpollResult, PollRequest, PollResult } from "./api/poll.js";
export type { Port } from "./api/port.js";
export type {
  AddressInfoFlag,
  DescriptorFlag,
  Domain,
  EpollEvent,
  Flags,
  How,
  Level,
  MessageFlag,
  NameInfoFlag,
  One,
  PollEvent,
  Protocol,
  StatusFlag,
  Type,
  TypeFlag,
} from "./api/symbols.js";
export type { Suspended } from "./suspend.js";
export type { RunOptions } from "./run/index.js";
export type { Input, Output } from "./run/streams.js";
export type { Waker } from "./waker.js";

// What needs the machine is imported only once it is known to be one that is supported: on any other,
// these functions fail with one clear line, and importing the package does no harm.

/**
 * Opens the BSD socket API for this program's own use.
 *
 * @param options `allow`, `onDenied`, the limits, `wake`; everything is allowed where `allow` is absent
 * @throws Error on a platform that is not supported; TypeError for options that cannot be read
 */
export async function open(options: OpenOptions = {}): Promise<Net> {
  currentPlatform();
  const { Net } = await import("./api/net.js");
  return new Net(options);
}

/**
 * Hosts a guest, which reaches only what `allow` names.
 *
 * @param source a path, a file URL, bytes or a compiled module
 * @param options `allow`, `onDenied`, the limits, `wait`, `wake`, and `imports` for what else the guest needs
 * @returns its exports and `dispose`
 * @throws Error on a platform that is not supported, or where "suspend" is not; TypeError for options that cannot
 *   be read; WebAssembly.CompileError, WebAssembly.LinkError
 */
export async function instantiate<Exports = WebAssembly.Exports>(
  source: Source,
  options: InstantiateOptions & { readonly wait: "suspend" },
): Promise<Instance<Suspended<Exports>>>;
export async function instantiate<Exports = WebAssembly.Exports>(
  source: Source,
  options?: InstantiateOptions,
): Promise<Instance<Exports>>;
export async function instantiate<Exports = WebAssembly.Exports>(
  source: Source,
  options: InstantiateOptions = {},
): Promise<Instance<Exports>> {
  currentPlatform();
  const { host } = await import("./instantiate.js");
  return host<Exports>(source, options);
}

/**
 * Runs a guest, a WASI command or one that exports `main`, in a thread of its own, where its calls may block.
 * However it ends, no descriptor of it is left. A component of WASI 0.2, or 0.3 on Node 24, is run as well, where the package
 * `@bytecodealliance/jco` is installed in the working directory or beside it.
 *
 * @param source a path, a file URL, bytes or a compiled module
 * @param options `allow`, `args`, `env`, `stdin`, `stdout`, `stderr`, `listen`, `preopens`, `descriptors`, and
 *   `signal` and `timeout`, in milliseconds, which end it; a component takes no `preopens` and no "suspend"
 * @returns its exit code, from 0 to 255
 * @throws WebAssembly.RuntimeError where it traps; the signal's reason, a TimeoutError; SocketError for what
 *   cannot be opened for it; otherwise as `instantiate`
 */
export async function run(source: Source, options: RunOptions = {}): Promise<number> {
  currentPlatform();
  const { run } = await import("./run/index.js");
  return run(source, options);
}

/**
 * Makes a waker, by which this thread ends blocked calls of another: give its `descriptor` to the
 * other's `open` or `instantiate`.
 *
 * @throws Error on a platform that is not supported, or where no descriptor is left
 */
export async function waker(): Promise<Waker> {
  currentPlatform();
  const { Waker } = await import("./waker.js");
  return new Waker();
}
