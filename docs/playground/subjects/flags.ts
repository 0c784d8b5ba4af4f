// Types and flags: the ints that socket(2), send(2), getaddrinfo(3) and others take.

import type { SystemName } from "wasi-sockets/marshal";
import { valueOf } from "../fields.js";
import type { Machine, SetName } from "../machine.js";
import { intBytes, little, signed } from "../numbers.js";
import { titleOf } from "../systems.js";
import type { Absence, Encoding, Subject, Values } from "../subject.js";

/** A place where flags go. */
interface Place {
  readonly label: string;
  readonly set: SetName;
  /** Before each name. */
  readonly prefix: string;
  /** What the argument is in C, and how long. */
  readonly title: string;
  /** What fields.ts calls it. */
  readonly field: string;
  readonly size: number;
  /** What is no flag, but chosen from: one of them must be. */
  readonly one?: readonly string[];
}

const SHORT = Int16Array.BYTES_PER_ELEMENT;
const INT = Int32Array.BYTES_PER_ELEMENT;

const places = {
  SOCK: { label: "Type of socket(2)", set: "SOCK", prefix: "SOCK_", title: "int type", field: "type", size: INT, one: ["STREAM", "DGRAM", "RAW", "RDM", "SEQPACKET", "DCCP", "PACKET"] }, // prettier-ignore
  MSG: { label: "Flags of send(2) and recv(2)", set: "MSG", prefix: "MSG_", title: "int flags", field: "msg_flags", size: INT }, // prettier-ignore
  AI: { label: "Flags of getaddrinfo(3)", set: "AI", prefix: "AI_", title: "int ai_flags", field: "ai_flags", size: INT }, // prettier-ignore
  NI: { label: "Flags of getnameinfo(3)", set: "NI", prefix: "NI_", title: "int flags", field: "ni_flags", size: INT }, // prettier-ignore
  POLL: { label: "Events of poll(2)", set: "POLL", prefix: "POLL", title: "short events", field: "events", size: SHORT }, // prettier-ignore
} as const satisfies Record<string, Place>;

function placeOf(values: Values): Place {
  const { set = "" } = values;
  if (Object.hasOwn(places, set)) return places[set as keyof typeof places];
  throw new TypeError(`set ${JSON.stringify(set)} is none of ${Object.keys(places).join(", ")}`);
}

/** The flags that the form names. */
function chosen(values: Values, machine: Machine): string[] {
  const place = placeOf(values);
  const members = machine.names(place.set);
  const flags = (values["flags"] ?? "").split(",").filter((name) => name !== "");
  const unknown = flags.find((name) => !Object.hasOwn(members, name));
  if (unknown !== undefined) {
    throw new TypeError(`${JSON.stringify(unknown)} is no flag of ${place.label}`);
  }
  return place.one === undefined ? flags : [values["one"] ?? place.one[0]!, ...flags];
}

export function flagsSubject(machine: Machine): Subject {
  /** What a set's member is on a system; null where it is nothing there. */
  const on = (system: SystemName, { set }: Place, name: string): number | null =>
    machine.toSystem(system, set, machine.names(set)[name]!);

  return {
    name: "flags",
    title: "Flags",
    defaults: { set: "SOCK", one: "STREAM", flags: "NONBLOCK,CLOEXEC" },
    examples: {
      "a socket that does not block": { set: "SOCK", one: "STREAM", flags: "NONBLOCK,CLOEXEC" },
      "send without SIGPIPE": { set: "MSG", flags: "NOSIGNAL" },
      "a server's look-up": { set: "AI", flags: "PASSIVE,NUMERICSERV" },
      "wait to read and write": { set: "POLL", flags: "IN,OUT" },
    },
    inputs(values) {
      const place = placeOf(values);
      const { prefix, one } = place;
      const option = (name: string) => ({ value: name, label: prefix + name });
      const flags = Object.entries(machine.names(place.set)).filter(
        ([name, value]) => value !== 0 && !(one ?? []).includes(name),
      );
      return [
        {
          kind: "choice",
          name: "set",
          label: "Where",
          groups: {
            "": Object.entries(places).map(([value, { label }]) => ({ value, label })),
          },
        },
        ...(one === undefined
          ? []
          : ([
              { kind: "choice", name: "one", label: "Type", groups: { "": one.map(option) } },
            ] as const)),
        {
          kind: "several",
          name: "flags",
          label: "Flags",
          options: flags.map(([name]) => option(name)),
        },
      ];
    },
    encode(values, system): Encoding | Absence {
      const place = placeOf(values);
      const names = chosen(values, machine);
      const missing = names.filter((name) => on(system, place, name) === null);
      if (missing.length > 0) {
        const list = missing.map((name) => place.prefix + name).join(" and no ");
        return { absent: `${titleOf(system)} has no ${list}.` };
      }
      const value = names.reduce((sum, name) => sum | on(system, place, name)!, 0);
      return { title: place.title, bytes: intBytes(value, place.size) };
    },
    fields(values, _system, bytes) {
      return [{ name: placeOf(values).field, at: 0, size: bytes.length }];
    },
    decode(values, system, bytes) {
      const place = placeOf(values);
      const { NumberSet } = machine.codecs;
      let left = Number(signed(bytes.length < INT ? Uint8Array.of(...bytes, 0, 0) : bytes));
      const found: string[] = [];
      const one = place.one ?? [];
      for (const name of Object.keys(machine.names(place.set))) {
        if (one.includes(name)) continue;
        const theirs = on(system, place, name);
        if (theirs === null || theirs === 0 || (left & theirs) !== theirs) continue;
        found.push(name);
        left &= ~theirs;
      }
      const { set } = values as { set: string };
      if (place.one === undefined) {
        const unknown = machine.codecs.flagsFromSystem(machine.system(system), NumberSet[place.set], left); // prettier-ignore
        return left === 0 && unknown === 0 ? { set, flags: found.join(",") } : null;
      }
      const type = one.find((name) => on(system, place, name) === left);
      return type === undefined ? null : { set, one: type, flags: found.join(",") };
    },
    describe(values, system, bytes) {
      const said = valueOf({ name: placeOf(values).field }, bytes, machine, system);
      return `0x${little(bytes).toString(16)}: ${said}`;
    },
  };
}
