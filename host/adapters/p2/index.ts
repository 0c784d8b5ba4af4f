// The interfaces of wasi:sockets 0.2 for one component, with the wasi:io and wasi:clocks that they are polled with.
// Names and shapes are those of jco's generated code.

import type { IpAddressFamily } from "../../component/address.js";
import { monotonicClock, wallClock, type MonotonicClock, type WallClock } from "./clocks.js";
import { IoError, type ErrorCode } from "./error.js";
import type { Host } from "./host.js";
import { ResolveAddressStream } from "./names.js";
import { Network, networkErrorCode } from "./network.js";
import { inputStream, outputStream, pollable } from "./lower.js";
import { OwnPollable, type AnyPollable } from "./poll.js";
import { anyWith, type Likeness } from "./resource.js";
import { StandardInput, StandardOutput } from "./stdio.js";
import { TcpInputStream, TcpOutputStream } from "./streams.js";
import { TcpSocket, createTcpSocket } from "./tcp.js";
import {
  IncomingDatagramStream,
  OutgoingDatagramStream,
  UdpSocket,
  createUdpSocket,
} from "./udp.js";

/** A prototype with other forms of some of a class's methods. */
function withForms(prototype: object, forms: object): object {
  return Object.assign(Object.create(prototype) as object, forms);
}

// wasi:io's resources, of any implementation.
const Pollable = anyWith(["ready", "block"], withForms(OwnPollable.prototype, pollable));
const InputStream = anyWith(
  ["read", "blockingRead"],
  withForms(TcpInputStream.prototype, inputStream),
);
const OutputStream = anyWith(
  ["checkWrite", "write"],
  withForms(TcpOutputStream.prototype, outputStream),
);

/** The class of a resource, by which jco's code knows it: functions make the instances. */
type Class<Instance> = abstract new (...args: never) => Instance;

/** The interfaces of `wasi:sockets`, each by its name. */
export interface SocketsInterfaces {
  readonly network: {
    readonly Network: Class<Network>;
    readonly networkErrorCode: (error: unknown) => ErrorCode | undefined;
  };
  readonly instanceNetwork: { readonly instanceNetwork: () => Network };
  readonly ipNameLookup: {
    readonly ResolveAddressStream: Class<ResolveAddressStream>;
    readonly resolveAddresses: (network: Network, name: string) => ResolveAddressStream;
  };
  readonly tcp: { readonly TcpSocket: Class<TcpSocket> };
  readonly tcpCreateSocket: {
    readonly createTcpSocket: (family: IpAddressFamily) => TcpSocket;
  };
  readonly udp: {
    readonly UdpSocket: Class<UdpSocket>;
    readonly IncomingDatagramStream: Class<IncomingDatagramStream>;
    readonly OutgoingDatagramStream: Class<OutgoingDatagramStream>;
  };
  readonly udpCreateSocket: {
    readonly createUdpSocket: (family: IpAddressFamily) => UdpSocket;
  };
}

/** The interfaces of `wasi:io`, whose resources may be another implementation's. */
export interface IoInterfaces {
  readonly error: { readonly Error: Likeness };
  readonly poll: {
    readonly Pollable: Likeness;
    readonly poll: (list: readonly AnyPollable[]) => Uint32Array;
  };
  readonly streams: { readonly InputStream: Likeness; readonly OutputStream: Likeness };
}

/** The interfaces of `wasi:clocks`. */
export interface ClocksInterfaces {
  readonly monotonicClock: MonotonicClock;
  readonly wallClock: WallClock;
}

/** The interfaces that this package has, by the modules that `jco transpile --map` maps them to. */
export interface Interfaces {
  readonly sockets: SocketsInterfaces;
  readonly io: IoInterfaces;
  readonly clocks: ClocksInterfaces;
}

/**
 * Makes the interfaces of one component.
 *
 * @param host gives what is kept for it, which may be made when it is first asked for
 */
export function interfaces(host: () => Host): Interfaces {
  let network: Network | undefined;
  return {
    sockets: {
      network: { Network, networkErrorCode },
      instanceNetwork: {
        instanceNetwork: () =>
          network?.host === host() ? network : (network = new Network(host())),
      },
      ipNameLookup: {
        ResolveAddressStream,
        resolveAddresses: ({ host }, name) => new ResolveAddressStream(host, name),
      },
      tcp: { TcpSocket },
      tcpCreateSocket: {
        createTcpSocket: (family) => createTcpSocket(host(), family),
      },
      udp: { UdpSocket, IncomingDatagramStream, OutgoingDatagramStream },
      udpCreateSocket: {
        createUdpSocket: (family) => createUdpSocket(host(), family),
      },
    },
    io: {
      error: { Error: IoError },
      poll: { Pollable, poll: (list) => host().poller.poll(list) },
      streams: { InputStream, OutputStream },
    },
    clocks: { monotonicClock: monotonicClock(host), wallClock },
  };
}

/** The interfaces that a component is given, by their names. */
export type ComponentImports = Record<string, Record<string, unknown>>;

/** The interfaces by the names that WASI has for them. */
export function named({ sockets, io, clocks }: Interfaces): ComponentImports {
  return {
    "wasi:sockets/network": sockets.network,
    "wasi:sockets/instance-network": sockets.instanceNetwork,
    "wasi:sockets/ip-name-lookup": sockets.ipNameLookup,
    "wasi:sockets/tcp": sockets.tcp,
    "wasi:sockets/tcp-create-socket": sockets.tcpCreateSocket,
    "wasi:sockets/udp": sockets.udp,
    "wasi:sockets/udp-create-socket": sockets.udpCreateSocket,
    "wasi:io/error": io.error,
    "wasi:io/poll": io.poll,
    "wasi:io/streams": io.streams,
    "wasi:clocks/monotonic-clock": { ...clocks.monotonicClock },
    "wasi:clocks/wall-clock": { ...clocks.wallClock },
  };
}

/** The classes of the resources that a component may hold, and the names that WASI has for them. */
export const resources: readonly (readonly [name: string, { readonly prototype: object }])[] = [
  ["tcp-socket", TcpSocket],
  ["udp-socket", UdpSocket],
  ["incoming-datagram-stream", IncomingDatagramStream],
  ["outgoing-datagram-stream", OutgoingDatagramStream],
  ["resolve-address-stream", ResolveAddressStream],
  ["input-stream", TcpInputStream],
  ["output-stream", TcpOutputStream],
  ["input-stream", StandardInput],
  ["output-stream", StandardOutput],
  ["pollable", OwnPollable],
];
