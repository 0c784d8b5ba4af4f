// The interfaces of WASI 0.2 as jco's generated code has them, without a component in between.

import type { InetAddress, Inet6Address, Address } from "wasi-sockets";
import { component, type ComponentOptions, type Interfaces } from "wasi-sockets/p2";

/** What the tests call. */
export type World = Interfaces & Disposable;

/** The interfaces of a component of its own. */
export function world(options: ComponentOptions = { allow: true }): World {
  const made = component(options);
  return Object.assign(made.interfaces, {
    [Symbol.dispose]: () => {
      made.dispose();
    },
  });
}

/** An address of 0.2 of one of the API's. */
export function p2Address(address: Address) {
  const { address: text, port } = address as InetAddress | Inet6Address;
  if (address.family === "inet") {
    const val = text.split(".").map(Number) as [number, number, number, number];
    return { tag: "ipv4", val: { port, address: val } } as const;
  }
  if (text !== "::1") throw new TypeError(`${text} is not ::1`);
  const val = { port, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 1], scopeId: 0 } as const;
  return { tag: "ipv6", val } as const;
}

/** What a call fails of: its error code, or the tag of its stream error. */
export function failureOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    if (error instanceof Error && "payload" in error) {
      const { payload } = error as { payload: string | { tag: string } };
      return typeof payload === "string" ? payload : payload.tag;
    }
    throw error;
  }
  return undefined;
}

/** A TCP socket that is connected. */
export function connected({ sockets }: World, address: Address) {
  const network = sockets.instanceNetwork.instanceNetwork();
  const family = address.family === "inet" ? "ipv4" : "ipv6";
  const socket = sockets.tcpCreateSocket.createTcpSocket(family);
  socket.startConnect(network, p2Address(address));
  socket.subscribe().block();
  const [input, output] = socket.finishConnect();
  return { socket, input, output };
}

/** A TCP socket that listens on a port of the kernel's choice. */
export function listening({ sockets }: World, address: Address) {
  const network = sockets.instanceNetwork.instanceNetwork();
  const family = address.family === "inet" ? "ipv4" : "ipv6";
  const socket = sockets.tcpCreateSocket.createTcpSocket(family);
  socket.startBind(network, p2Address(address));
  socket.finishBind();
  socket.startListen();
  socket.finishListen();
  const { port } = socket.localAddress().val;
  return { socket, address: { ...address, port } as InetAddress };
}

/** A UDP socket that is bound to a port of the kernel's choice. */
export function boundDatagrams({ sockets }: World, address: Address) {
  const network = sockets.instanceNetwork.instanceNetwork();
  const family = address.family === "inet" ? "ipv4" : "ipv6";
  const socket = sockets.udpCreateSocket.createUdpSocket(family);
  socket.startBind(network, p2Address(address));
  socket.finishBind();
  return socket;
}
