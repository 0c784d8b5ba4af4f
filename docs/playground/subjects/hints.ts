// Hints of getaddrinfo(3): a struct addrinfo, whose fields stand in another order on some systems.

import { fieldsOf } from "../fields.js";
import type { Machine, Names } from "../machine.js";
import { intBytes } from "../numbers.js";
import { titleOf } from "../systems.js";
import type { Option, Subject, Values } from "../subject.js";

const families = ["UNSPEC", "INET", "INET6"];
const types = ["any", "STREAM", "DGRAM", "RAW"];
const protocols = ["any", "TCP", "UDP"];

/** The number of a member of an enum, 0 for "any". */
function member(names: Names, values: Values, name: string, among: readonly string[]): number {
  const value = values[name] ?? among[0]!;
  if (among.includes(value)) return names[value] ?? 0;
  throw new TypeError(`${name} ${JSON.stringify(value)} is none of ${among.join(", ")}`);
}

export function hintsSubject(machine: Machine): Subject {
  const { codecs } = machine;
  const { native_addrinfo: layout } = codecs;

  function flagsOf(values: Values): number {
    const names = machine.names("AI");
    const flags = (values["flags"] ?? "").split(",").filter((name) => name !== "");
    return flags.reduce((sum, name) => {
      if (Object.hasOwn(names, name)) return sum | names[name]!;
      throw new TypeError(`${JSON.stringify(name)} is no flag of getaddrinfo(3)`);
    }, 0);
  }

  /** The hints as Linux has them. */
  function own(values: Values): Uint8Array {
    const bytes = new Uint8Array(layout.sizeof);
    const put = (value: number, at: number) => {
      bytes.set(intBytes(value, Int32Array.BYTES_PER_ELEMENT), at);
    };
    put(flagsOf(values), layout.ai_flags);
    put(member(machine.names("AF"), values, "family", families), layout.ai_family);
    put(member(machine.names("SOCK"), values, "type", types), layout.ai_socktype);
    put(member(machine.names("IPPROTO"), values, "protocol", protocols), layout.ai_protocol);
    return bytes;
  }

  const options = (prefix: string, among: readonly string[]): Record<string, Option[]> => ({
    "": among.map((value) => ({ value, label: value === "any" ? "any" : prefix + value })),
  });
  const nameOf = (names: Names, number: number, among: readonly string[]) =>
    among.find((name) => (names[name] ?? 0) === number);

  return {
    name: "hints",
    title: "Look-up",
    defaults: { family: "INET6", type: "STREAM", protocol: "TCP", flags: "NUMERICSERV" },
    examples: {
      "a server's": { family: "UNSPEC", type: "STREAM", protocol: "TCP", flags: "PASSIVE" },
      "numbers alone": { family: "INET6", type: "DGRAM", protocol: "UDP", flags: "NUMERICHOST,NUMERICSERV" }, // prettier-ignore
    },
    inputs() {
      return [
        { kind: "choice", name: "family", label: "Family", groups: options("AF_", families) },
        { kind: "choice", name: "type", label: "Type", groups: options("SOCK_", types) },
        { kind: "choice", name: "protocol", label: "Protocol", groups: options("IPPROTO_", protocols) }, // prettier-ignore
        {
          kind: "several",
          name: "flags",
          label: "Flags",
          options: Object.keys(machine.names("AI")).map((value) => ({ value, label: `AI_${value}` })), // prettier-ignore
        },
      ];
    },
    encode(values, system) {
      const linux = own(values);
      const title = "struct addrinfo";
      if (system === "linux") return { title, bytes: linux };
      let taken = false as boolean;
      const bytes = machine.through(linux, (from, to) => {
        taken = codecs.hintsToSystem(machine.system(system), from, to);
        return layout.sizeof;
      });
      if (taken) return { title, bytes };
      return { absent: `${titleOf(system)} lacks one of these flags.` };
    },
    fields: (_, system, bytes) => fieldsOf(machine, system, "addrinfo", bytes.length),
    decode(_, system, bytes) {
      const linux = machine.through(bytes, (from, to) => {
        codecs.addrinfoFromSystem(machine.system(system), from, to);
        return layout.sizeof;
      });
      const view = new DataView(linux.buffer);
      const at = (offset: number) => view.getInt32(offset, true);
      const family = nameOf(machine.names("AF"), at(layout.ai_family), families);
      const type = nameOf(machine.names("SOCK"), at(layout.ai_socktype), types);
      const protocol = nameOf(machine.names("IPPROTO"), at(layout.ai_protocol), protocols);
      if (family === undefined || type === undefined || protocol === undefined) return null;
      const flags = Object.entries(machine.names("AI"))
        .filter(([, flag]) => (at(layout.ai_flags) & flag) === flag)
        .map(([name]) => name)
        .join(",");
      return { family, type, protocol, flags };
    },
    describe(values, system, bytes) {
      const found = this.decode(values, system, bytes);
      if (found === null) return "no hints that Linux has";
      const { family, type, protocol, flags } = found as Record<string, string>;
      const list = flags === "" ? "no flags" : flags!.split(",").map((name) => `AI_${name}`).join(" | "); // prettier-ignore
      return `AF_${family!}, ${type!}, ${protocol!}, ${list}`;
    },
  };
}
