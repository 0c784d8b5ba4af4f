// Socket options: what setsockopt(2) takes, by its level and its name.

import type { SystemName } from "wasi-sockets/marshal";
import { fieldsOf, type Field } from "../fields.js";
import type { Machine, SetName } from "../machine.js";
import { signed } from "../numbers.js";
import { titleOf } from "../systems.js";
import { wholeNumber, type Option, type Subject, type Values } from "../subject.js";

/** Levels, as C names them, and the sets of their options. */
const levels = { SOCKET: "SO", IP: "IP", IPV6: "IPV6", TCP: "TCP" } as const;
type Level = keyof typeof levels;

/** The kinds of value that are made of one or two numbers: of which struct, and what they are called. */
const kinds = {
  INT: { labels: ["Value"] },
  FLAG: { labels: ["Value"] },
  LINGER: { struct: "linger", labels: ["On", "Seconds"] },
  TIMEVAL: { struct: "timeval", labels: ["Seconds", "Microseconds"] },
} as const;
type Kind = keyof typeof kinds;

/** An option of a level: "SOCKET.LINGER". */
interface Chosen {
  readonly level: Level;
  readonly name: string;
  readonly kind: Kind;
}

export function optionSubject(machine: Machine): Subject {
  const { codecs } = machine;

  function kindOf(level: Level, name: string): Kind | undefined {
    const number = machine.names(levels[level])[name]!;
    const kind = codecs.optionKind(codecs.SOL[level], number);
    return (Object.keys(kinds) as Kind[]).find((known) => codecs.Kind[known] === kind);
  }

  /** Every option whose value is made of numbers. */
  const groups = Object.fromEntries(
    (Object.entries(levels) as [Level, string][]).map(([level, set]) => [
      `SOL_${level}`,
      Object.keys(machine.names(set))
        .filter((name) => kindOf(level, name) !== undefined)
        .map((name): Option => ({ value: `${level}.${name}`, label: `${set}_${name}` })),
    ]),
  );

  function chosen(values: Values): Chosen {
    const [level = "", name = ""] = (values["option"] ?? "").split(".");
    if (Object.hasOwn(levels, level)) {
      const kind = Object.hasOwn(machine.names(levels[level as Level]), name)
        ? kindOf(level as Level, name)
        : undefined;
      if (kind !== undefined) return { level: level as Level, name, kind };
    }
    throw new TypeError(`option ${JSON.stringify(values["option"])} is none of numbers`);
  }

  function numbers({ kind }: Chosen, values: Values): [number, number] {
    const { labels } = kinds[kind];
    return ["first", "second"].map((name, i) => {
      const label = labels[i];
      const most = label === "Microseconds" ? 999_999 : 0x7fffffff;
      return label === undefined
        ? 0
        : wholeNumber(label.toLowerCase(), values[name] ?? "0", i === 0 && kind === "INT" ? -most : 0, most); // prettier-ignore
    }) as [number, number];
  }

  /** The numbers of level and option on a system. */
  function place(system: SystemName, { level, name }: Chosen): [number, number] | null {
    const set: SetName = levels[level];
    const theirs = machine.toSystem(system, "SOL", codecs.SOL[level]);
    const option = machine.toSystem(system, set, machine.names(set)[name]!);
    return theirs === null || option === null ? null : [theirs, option];
  }

  function fields(values: Values, system: SystemName, length: number): Field[] {
    const { kind } = chosen(values);
    const description = kinds[kind];
    if ("struct" in description) return fieldsOf(machine, system, description.struct, length);
    return [{ name: "int", at: 0, size: length }];
  }

  /** The numbers in bytes of a system's, by the fields that they are in. */
  function read(values: Values, system: SystemName, bytes: Uint8Array): number[] {
    return fields(values, system, bytes.length)
      .filter(({ name }) => name !== "padding" && name !== "beyond")
      .flatMap(({ name, at, size }) => {
        const value = Number(signed(bytes.subarray(at, at + size)));
        if (name !== "milliseconds") return [value];
        return [Math.floor((value >>> 0) / 1000), ((value >>> 0) % 1000) * 1000];
      });
  }

  return {
    name: "option",
    title: "Option",
    defaults: { option: "SOCKET.LINGER", first: "1", second: "30" },
    examples: {
      "linger for 30 seconds": { option: "SOCKET.LINGER", first: "1", second: "30" },
      "give up after 1.5 seconds": { option: "SOCKET.RCVTIMEO", first: "1", second: "500000" },
      "no delay": { option: "TCP.NODELAY", first: "1" },
      "IPv6 alone": { option: "IPV6.V6ONLY", first: "1" },
    },
    inputs(values) {
      const { labels } = kinds[chosen(values).kind];
      return [
        { kind: "choice", name: "option", label: "Option", groups },
        ...labels.map((label, i) => ({
          kind: "text" as const,
          name: i === 0 ? "first" : "second",
          label,
          numeric: true,
        })),
      ];
    },
    encode(values, system) {
      const option = chosen(values);
      const [first, second] = numbers(option, values);
      const own = machine.through(new Uint8Array(0), (_, to) =>
        codecs.encodeOption(codecs.Kind[option.kind], to, first, second),
      );
      const found = place(system, option);
      const prefix = levels[option.level];
      if (found === null) return { absent: `${titleOf(system)} has no ${prefix}_${option.name}.` };
      const linux = place("linux", option)!;
      const bytes = machine.through(own, (from, to) =>
        codecs.optionToSystem(machine.system(system), linux[0], linux[1], from, own.length, to),
      );
      return {
        title: `SOL_${option.level} ${found[0]}, ${prefix}_${option.name} ${found[1]}`,
        bytes,
      };
    },
    fields: (values, system, bytes) => fields(values, system, bytes.length),
    decode(values, system, bytes) {
      const [first = 0, second = 0] = read(values, system, bytes);
      const found = { option: values["option"]!, first: String(first), second: String(second) };
      try {
        numbers(chosen(found), found);
      } catch {
        return null;
      }
      return found;
    },
    describe(values, system, bytes) {
      const { labels } = kinds[chosen(values).kind];
      const found = read(values, system, bytes);
      return labels.map((label, i) => `${label.toLowerCase()} ${found[i] ?? 0}`).join(", ");
    },
  };
}
