// An address in the trusted memory as a policy judges it, and back.

import { decodeAddress, encodeAddress, type Address } from "../address.js";
import { marshal, marshalBytes } from "../marshal.js";
import { plain } from "./address.js";
import { bytesOf, resolvePath } from "./path.js";
import { isInternet, type Action, type Protocol } from "./protocol.js";

const { AF } = marshal;

/** An address that is judged. */
export interface Place {
  /** What an embedder is shown; null where there is none. */
  readonly address: Address | null;
  /** The path of a Unix address, a character for each byte, without links where those matter. */
  readonly path?: string;
  /** Why it cannot be judged. */
  readonly error?: Error;
}

/**
 * What is judged of an address.
 *
 * @param action what it is for
 * @param protocol of the socket, undefined for one that no policy can judge
 * @param length of the address in bytes
 * @param at where it stands
 * @param resolves whether it matters where a path leads
 */
export function placeOf(
  action: Action,
  protocol: Protocol | undefined,
  length: number,
  at: number,
  resolves: boolean,
): Place {
  const address = plain(decodeAddress(marshal, marshalBytes, at, length));
  const family = address?.family;
  // Linux takes AF_UNSPEC for AF_INET in bind and sendto, so an address of no known family is refused,
  // whatever is allowed.
  const internet = protocol !== undefined && isInternet(protocol);
  const fits = internet ? family === "inet" || family === "inet6" : family === protocol;
  if (address === null || !fits) {
    return { address, error: new TypeError("the address is not of the socket's family") };
  }
  if (address.family !== "unix") return { address };
  const path = marshal.pathOf(at);
  const bytes = bytesOf(marshalBytes.subarray(path, path + marshal.pathLengthOf(at, length)));
  // The other side's name is what it gave to bind(2), wherever it was then.
  const given = action === "accept" || action === "receive" || action === "listen";
  if (given || bytes === "" || bytes.startsWith("\0") || !resolves) {
    return { address, path: bytes };
  }
  const resolved = resolvePath(bytes, action === "connect");
  const { sizeof, sun_path } = marshal.sockaddr_un;
  const text = Buffer.from(resolved, "latin1").toString();
  const place: Place = { address: { family: "unix", path: text }, path: resolved };
  if (resolved.length <= sizeof - sun_path) return place;
  const error = new RangeError(`the path leads to one of ${resolved.length} bytes: too long`);
  return { ...place, error };
}

/** The address that stands for any of a family, with the port that lets the kernel choose one. */
export function unspecified(domain: number): Address {
  if (domain === AF.UNIX) return { family: "unix", path: "" };
  if (domain === AF.INET6) return { family: "inet6", address: "::", port: 0 };
  return { family: "inet", address: "0.0.0.0", port: 0 };
}

/** Writes it into the scratch area: its length. */
export function encodeUnspecified(domain: number): number {
  return encodeAddress(marshal, marshalBytes, unspecified(domain), () => 0);
}

/** Writes a path that fits in the place of another: the length of the address. */
export function writePath(at: number, length: number, path: string): number {
  const start = marshal.pathOf(at);
  const given = bytesOf(marshalBytes.subarray(start, start + marshal.pathLengthOf(at, length)));
  if (given === path) return length;
  marshalBytes.set(Buffer.from(path, "latin1"), marshal.text);
  return marshal.encodeUnix(at, marshal.text, path.length);
}
