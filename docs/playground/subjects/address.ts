// Socket addresses: what connect(2), bind(2) and a message take.

import type { Address } from "wasi-sockets/marshal";
import { fieldsOf } from "../fields.js";
import type { Machine } from "../machine.js";
import { titleOf } from "../systems.js";
import { wholeNumber, type Subject, type Values } from "../subject.js";

const STRUCTS = { inet: "sockaddr_in", inet6: "sockaddr_in6", unix: "sockaddr_un" } as const;
type Family = keyof typeof STRUCTS;

/** What stands for a NUL in the form: the first character of an abstract path. */
const NUL = "@";

function familyOf(values: Values): Family {
  const { family } = values;
  if (family !== undefined && Object.hasOwn(STRUCTS, family)) return family as Family;
  throw new TypeError(`family ${JSON.stringify(family)} is none of inet, inet6, unix`);
}

function addressOf(values: Values): Address {
  const family = familyOf(values);
  const { path = "", address = "" } = values;
  if (family === "unix") {
    return { family, path: path.startsWith(NUL) ? `\0${path.slice(1)}` : path };
  }
  const port = wholeNumber("port", values["port"]!, 0, 65535);
  if (family === "inet") return { family, address, port };
  const [flowinfo, scope] = ["flowinfo", "scope"].map((name) =>
    wholeNumber(name, values[name]!, 0, 0xffffffff),
  );
  return { family, address, port, flowinfo: flowinfo!, scope: scope! };
}

function valuesOf(address: Address): Values | null {
  switch (address.family) {
    case "inet":
      return { family: "inet", address: address.address, port: String(address.port) };
    case "inet6": {
      const { port, flowinfo = 0, scope = 0 } = address;
      return {
        family: "inet6",
        address: address.address,
        port: String(port),
        flowinfo: String(flowinfo),
        scope: String(scope),
      };
    }
    case "unix":
      return { family: "unix", path: address.path.replace(/^\0/, NUL) };
    default:
      return null;
  }
}

function textOf(address: Address): string {
  switch (address.family) {
    case "inet":
      return `${address.address}:${address.port}`;
    case "inet6":
      return `[${address.address}${address.scope ? `%${address.scope}` : ""}]:${address.port}`;
    case "unix":
      return address.path === "" ? "an unnamed socket" : address.path.replace(/^\0/, NUL);
    default:
      return `family ${JSON.stringify(address.family)}`;
  }
}

export function addressSubject(machine: Machine): Subject {
  return {
    name: "address",
    title: "Address",
    defaults: {
      family: "inet6",
      address: "2001:db8::1",
      port: "443",
      flowinfo: "0",
      scope: "0",
      path: "/run/app.sock",
    },
    examples: {
      "an IPv4 server": { family: "inet", address: "192.0.2.1", port: "8080" },
      "link-local": { family: "inet6", address: "fe80::1", port: "5353", scope: "2" },
      "IPv4 within IPv6": { family: "inet6", address: "::ffff:192.0.2.1", port: "80" },
      "a path": { family: "unix", path: "/run/app.sock" },
      "an abstract name": { family: "unix", path: "@app" },
    },
    inputs(values) {
      const family = {
        kind: "choice",
        name: "family",
        label: "Family",
        groups: {
          "": [
            { value: "inet", label: "IPv4" },
            { value: "inet6", label: "IPv6" },
            { value: "unix", label: "Unix" },
          ],
        },
      } as const;
      const address = { kind: "text", name: "address", label: "Address", wide: true } as const;
      const port = { kind: "text", name: "port", label: "Port", numeric: true } as const;
      switch (values["family"]) {
        case "unix":
          return [family, { kind: "text", name: "path", label: "Path", wide: true }];
        case "inet":
          return [family, address, port];
        default:
          return [
            family,
            address,
            port,
            { kind: "text", name: "flowinfo", label: "Flow", numeric: true },
            { kind: "text", name: "scope", label: "Scope", numeric: true },
          ];
      }
    },
    encode(values, system) {
      const address = addressOf(values);
      const linux = machine.encode(address); // which throws where the values are none
      const title = `struct ${STRUCTS[familyOf(values)]}`;
      if (system === "linux") return { title, bytes: linux };
      try {
        return { title, bytes: machine.encode(address, system) };
      } catch (error) {
        return { absent: `${titleOf(system)} ${reasonOf(String(error))}` };
      }
    },
    fields(values, system, bytes) {
      const { AF } = machine.codecs;
      // Of what family the bytes are, whatever the form says.
      const layout = machine.layout(system, "sockaddr_in");
      const [at, end] = [layout["sin_family"]!, layout["sin_port"]!];
      const theirs = bytes.subarray(at, end).reduceRight((sum, byte) => sum * 256 + byte, 0);
      const family = machine.fromSystem(system, "AF", theirs);
      const found = { [AF.INET]: "inet", [AF.INET6]: "inet6", [AF.UNIX]: "unix" } as const;
      const struct = STRUCTS[found[family ?? AF.UNSPEC] ?? familyOf(values)];
      return fieldsOf(machine, system, struct, bytes.length);
    },
    decode(_, system, bytes) {
      const address = machine.decode(bytes, system);
      return address === null ? null : valuesOf(address);
    },
    describe(_, system, bytes) {
      const address = machine.decode(bytes, system);
      return address === null ? "no address that Linux has" : textOf(address);
    },
  };
}

/** What an error number of the codecs' means to somebody who looks at addresses. */
function reasonOf(error: string): string {
  if (error.includes("ENAMETOOLONG")) return "has no room for a path of that length.";
  if (error.includes("EINVAL")) return "has no abstract names and no unnamed addresses.";
  return "has no addresses of that family.";
}
