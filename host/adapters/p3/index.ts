// The interfaces of wasi:sockets 0.3 for one component. Names and shapes are those of jco's generated code.

import type { IpAddress, IpAddressFamily } from "../../component/address.js";
import type { Guest } from "../../guest.js";
import { resolveAddresses } from "./names.js";
import { StandardInput } from "./stdio.js";
import { Incoming } from "./streams.js";
import { TcpSocket } from "./tcp.js";
import { UdpSocket } from "./udp.js";

/** The class of a socket, by which jco's code knows it: `create` makes the instances, socket(2). */
type Class<Instance> = (abstract new () => Instance) & {
  readonly create: (family: IpAddressFamily) => Instance;
};

/** The interfaces that this package has. */
export interface Interfaces {
  readonly types: {
    readonly TcpSocket: Class<TcpSocket>;
    readonly UdpSocket: Class<UdpSocket>;
  };
  readonly ipNameLookup: {
    readonly resolveAddresses: (name: string) => Promise<readonly IpAddress[]>;
  };
}

/** A class whose `create` opens sockets of one component; its instances are the class's. */
function classOf<Instance>(
  {
    open,
    prototype,
  }: {
    open: (guest: Guest, family: IpAddressFamily) => Instance;
    prototype: Instance;
  },
  guest: () => Guest,
): Class<Instance> {
  function Made(): never {
    throw new TypeError("a socket is made by create");
  }
  Made.prototype = prototype;
  const create = (family: IpAddressFamily): Instance => open(guest(), family);
  return Object.assign(Made as unknown as abstract new () => Instance, { create });
}

/**
 * Makes the interfaces of one component.
 *
 * @param guest gives what is kept for it, which may be made when it is first asked for
 */
export function interfaces(guest: () => Guest): Interfaces {
  return {
    types: { TcpSocket: classOf(TcpSocket, guest), UdpSocket: classOf(UdpSocket, guest) },
    ipNameLookup: { resolveAddresses: (name) => resolveAddresses(guest(), name) },
  };
}

/** The interfaces by the names that WASI has for them. */
export function named({
  types,
  ipNameLookup,
}: Interfaces): Record<string, Readonly<Record<string, unknown>>> {
  return { "wasi:sockets/types": types, "wasi:sockets/ip-name-lookup": ipNameLookup };
}

/** The classes of the resources that a component may hold, and the names that WASI has for them. */
export const resources: readonly (readonly [name: string, { readonly prototype: object }])[] = [
  ["tcp-socket", TcpSocket],
  ["udp-socket", UdpSocket],
  ["stream", Incoming],
  ["stream", StandardInput],
];
