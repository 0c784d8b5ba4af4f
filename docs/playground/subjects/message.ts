// A message with control data, sendmsg(2): its header, one vector, and what the control data carries.

import type { SystemName } from "wasi-sockets/marshal";
import { fieldsOf, type Field } from "../fields.js";
import type { Machine } from "../machine.js";
import { intBytes, little, signed } from "../numbers.js";
import { titleOf } from "../systems.js";
import { wholeNumber, type Input, type Subject, type Values } from "../subject.js";

/** What control data may carry. */
interface Control {
  readonly label: string;
  readonly level: "SOCKET" | "IP" | "IPV6";
  readonly type: readonly ["SCM" | "IP" | "IPV6", string];
  readonly inputs: readonly Input[];
  /** What the payload is: a struct, or a field that fields.ts knows. */
  readonly struct?: string;
  readonly field?: string;
}

const number = (name: string, label: string): Input => ({ kind: "text", name, label, numeric: true }); // prettier-ignore
const text = (name: string, label: string): Input => ({ kind: "text", name, label });

const controls = {
  rights: {
    label: "SCM_RIGHTS: descriptors",
    level: "SOCKET",
    type: ["SCM", "RIGHTS"],
    inputs: [text("descriptors", "Descriptors")],
    field: "descriptors",
  },
  ttl: {
    label: "IP_TTL",
    level: "IP",
    type: ["IP", "TTL"],
    inputs: [number("number", "Hops")],
    field: "number",
  },
  tos: {
    label: "IP_TOS",
    level: "IP",
    type: ["IP", "TOS"],
    inputs: [number("number", "Type of service")],
    field: "number",
  },
  pktinfo: {
    label: "IP_PKTINFO: the source",
    level: "IP",
    type: ["IP", "PKTINFO"],
    inputs: [text("source", "Source"), number("interface", "Interface")],
    struct: "in_pktinfo",
  },
  hoplimit: {
    label: "IPV6_HOPLIMIT",
    level: "IPV6",
    type: ["IPV6", "HOPLIMIT"],
    inputs: [number("number", "Hops")],
    field: "number",
  },
  tclass: {
    label: "IPV6_TCLASS",
    level: "IPV6",
    type: ["IPV6", "TCLASS"],
    inputs: [number("number", "Traffic class")],
    field: "number",
  },
  pktinfo6: {
    label: "IPV6_PKTINFO: the source",
    level: "IPV6",
    type: ["IPV6", "PKTINFO"],
    inputs: [text("source", "Source"), number("interface", "Interface")],
    struct: "in6_pktinfo",
  },
} as const satisfies Record<string, Control>;
type Kind = keyof typeof controls;

/** Addresses that stand for those of the vector, the text and the control data: pictures, as no memory is sent. */
const AT = { vector: 0x1000, control: 0x2000, text: 0x3000 } as const;

const INT = Int32Array.BYTES_PER_ELEMENT;
const BYTE_MAX = 0xff;

function kindOf(values: Values): Kind {
  const { control = "" } = values;
  if (Object.hasOwn(controls, control)) return control as Kind;
  throw new TypeError(
    `control ${JSON.stringify(control)} is none of ${Object.keys(controls).join(", ")}`,
  );
}

function descriptorsOf(values: Values): number[] {
  const listed = (values["descriptors"] ?? "").split(",").map((part) => part.trim());
  const found = listed.map((part) => wholeNumber("descriptor", part, 0, 0x7fffffff));
  if (found.length <= 16) return found;
  throw new RangeError(`${found.length} descriptors are more than are shown here: at most 16`);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function messageSubject(machine: Machine): Subject {
  const { codecs } = machine;

  function internet(family: "INET" | "INET6", address: string): Uint8Array {
    const size = family === "INET" ? codecs.in_pktinfo.ipi_addr - codecs.in_pktinfo.ipi_spec_dst : codecs.in6_pktinfo.ipi6_ifindex; // prettier-ignore
    let found = false as boolean;
    const typed = new TextEncoder().encode(address);
    const bytes = machine.through(typed, (from, to) => {
      found = codecs.inet_pton(codecs.AF[family], from, typed.length, to);
      return size;
    });
    if (found) return bytes;
    throw new TypeError(`${JSON.stringify(address)} is not an address of AF_${family}`);
  }

  /** What Linux's control data carries. */
  function payload(values: Values): Uint8Array {
    const kind = kindOf(values);
    switch (kind) {
      case "rights":
        return concat(...descriptorsOf(values).map((descriptor) => intBytes(descriptor, INT)));
      case "pktinfo": {
        const { in_pktinfo } = codecs;
        const bytes = new Uint8Array(in_pktinfo.sizeof);
        bytes.set(intBytes(interfaceOf(values), INT), in_pktinfo.ipi_ifindex);
        bytes.set(internet("INET", values["source"] ?? ""), in_pktinfo.ipi_spec_dst);
        return bytes;
      }
      case "pktinfo6": {
        const { in6_pktinfo } = codecs;
        const bytes = new Uint8Array(in6_pktinfo.sizeof);
        bytes.set(internet("INET6", values["source"] ?? ""), in6_pktinfo.ipi6_addr);
        bytes.set(intBytes(interfaceOf(values), INT), in6_pktinfo.ipi6_ifindex);
        return bytes;
      }
      default: {
        const [{ label }] = controls[kind].inputs;
        const value = wholeNumber(label.toLowerCase(), values["number"] ?? "", 0, BYTE_MAX);
        return intBytes(value, kind === "tos" ? 1 : INT);
      }
    }
  }

  function interfaceOf(values: Values): number {
    return wholeNumber("interface", values["interface"] ?? "", 0, 0x7fffffff);
  }

  function numbersOf(kind: Kind): [level: number, type: number] {
    const { level, type } = controls[kind];
    return [codecs.SOL[level], machine.names(type[0])[type[1]]!];
  }

  /** Control data of one message as Linux has it. */
  function linuxControl(values: Values): Uint8Array {
    const { native_cmsghdr } = codecs;
    const data = payload(values);
    const [level, type] = numbersOf(kindOf(values));
    const length = native_cmsghdr.sizeof + data.length;
    const alignment = native_cmsghdr.cmsg_level; // of its first field, which is the longest
    const bytes = new Uint8Array(Math.ceil(length / alignment) * alignment);
    bytes.set(intBytes(length, INT), native_cmsghdr.cmsg_len);
    bytes.set(intBytes(level, INT), native_cmsghdr.cmsg_level);
    bytes.set(intBytes(type, INT), native_cmsghdr.cmsg_type);
    bytes.set(data, native_cmsghdr.sizeof);
    return bytes;
  }

  function header(system: SystemName, controlLength: number): Uint8Array {
    const { native_msghdr } = codecs;
    const bytes = new Uint8Array(native_msghdr.sizeof);
    bytes.set(intBytes(AT.vector, INT), native_msghdr.msg_iov);
    bytes.set(intBytes(1, INT), native_msghdr.msg_iovlen);
    bytes.set(intBytes(AT.control, INT), native_msghdr.msg_control);
    bytes.set(intBytes(controlLength, INT), native_msghdr.msg_controllen);
    return machine.through(bytes, (from, to) =>
      codecs.messageToSystem(machine.system(system), from, to),
    );
  }

  function vector(system: SystemName, length: number): Uint8Array {
    const { native_iovec } = codecs;
    const bytes = new Uint8Array(native_iovec.sizeof);
    bytes.set(intBytes(AT.text, INT), native_iovec.iov_base);
    bytes.set(intBytes(length, INT), native_iovec.iov_len);
    return machine.through(bytes, (from, to) =>
      codecs.vectorsToSystem(machine.system(system), from, 1, to),
    );
  }

  /** Where the parts of a message start: its header, its vector, its control data and what that carries. */
  function parts(system: SystemName) {
    const sizeOf = (struct: string) => machine.layout(system, struct)["sizeof"]!;
    const vectorAt = sizeOf("msghdr");
    const controlAt = vectorAt + sizeOf("iovec");
    const cmsghdr = machine.layout(system, "cmsghdr");
    return { vectorAt, controlAt, dataAt: controlAt + (cmsghdr["data"] ?? cmsghdr["sizeof"]!) };
  }

  /** A number in a field of the control data's header. */
  function inHeader(system: SystemName, bytes: Uint8Array, name: string): number {
    const field = controlFields(system).find((known) => known.name === name)!;
    return Number(signed(bytes.subarray(field.at, field.at + field.size)));
  }

  function controlFields(system: SystemName): Field[] {
    const { controlAt, dataAt } = parts(system);
    return fieldsOf(machine, system, "cmsghdr", dataAt - controlAt).map((field) => ({
      ...field,
      name: field.name === "beyond" ? "padding" : field.name,
      at: field.at + controlAt,
    }));
  }

  function fields(values: Values, system: SystemName, bytes: Uint8Array): Field[] {
    const { vectorAt, controlAt, dataAt } = parts(system);
    const moved = (by: number, list: readonly Field[]) =>
      list.map((field) => ({ ...field, at: field.at + by }));
    const kind: Control = controls[kindOf(values)];
    const room = Math.max(0, bytes.length - dataAt);
    const whole = inHeader(system, bytes, "cmsg_len") - (dataAt - controlAt);
    const length = Math.max(0, Math.min(room, whole));
    const data = kind.struct === undefined
      ? length > 0 ? [{ name: kind.field!, at: dataAt, size: length }] : []
      : moved(dataAt, fieldsOf(machine, system, kind.struct, length)); // prettier-ignore
    const behind = { name: "padding", at: dataAt + length, size: room - length };
    return [
      ...fieldsOf(machine, system, "msghdr", vectorAt),
      ...moved(vectorAt, fieldsOf(machine, system, "iovec", controlAt - vectorAt)),
      ...controlFields(system).map((field) =>
        field.name === "cmsg_type" ? { ...field, of: kind.type[0] } : field,
      ),
      ...data,
      ...(behind.size > 0 ? [behind] : []),
    ];
  }

  /** What control data of Linux's carries, as the form has it; null where it is none of its kinds. */
  function carried(control: Uint8Array): Values | null {
    const { native_cmsghdr, in_pktinfo, in6_pktinfo } = codecs;
    if (control.length < native_cmsghdr.sizeof) return null;
    const int = (at: number) => Number(signed(control.subarray(at, at + INT)));
    const kind = (Object.keys(controls) as Kind[]).find((known) => {
      const [level, type] = numbersOf(known);
      return int(native_cmsghdr.cmsg_level) === level && int(native_cmsghdr.cmsg_type) === type;
    });
    if (kind === undefined) return null;
    const data = control.subarray(native_cmsghdr.sizeof, int(native_cmsghdr.cmsg_len));
    const address = (at: number, family: "INET" | "INET6") => {
      const raw = machine.through(data.subarray(at), (from, to) => codecs.inet_ntop(codecs.AF[family], from, to)); // prettier-ignore
      return new TextDecoder().decode(raw);
    };
    const index = (at: number) => String(little(data.subarray(at, at + INT)));
    switch (kind) {
      case "rights": {
        const list = Array.from({ length: data.length / INT }, (_, i) => index(i * INT));
        return { control: kind, descriptors: list.join(", ") };
      }
      case "pktinfo":
        return {
          control: kind,
          source: address(in_pktinfo.ipi_spec_dst, "INET"),
          interface: index(in_pktinfo.ipi_ifindex),
        };
      case "pktinfo6":
        return {
          control: kind,
          source: address(in6_pktinfo.ipi6_addr, "INET6"),
          interface: index(in6_pktinfo.ipi6_ifindex),
        };
      default:
        return { control: kind, number: String(little(data)) };
    }
  }

  /** What a system's bytes carry. */
  function decode(system: SystemName, bytes: Uint8Array): Values | null {
    const { controlAt } = parts(system);
    const control = bytes.subarray(controlAt);
    return carried(
      machine.through(control, (from, to) =>
        codecs.controlFromSystem(machine.system(system), from, control.length, to),
      ),
    );
  }

  return {
    name: "message",
    title: "Message",
    defaults: {
      text: "hello",
      control: "rights",
      descriptors: "3, 4, 5",
      number: "64",
      source: "192.0.2.1",
      interface: "2",
    },
    examples: {
      "three descriptors": { control: "rights", descriptors: "3, 4, 5" },
      "one hop": { control: "ttl", number: "1" },
      "from this address": { control: "pktinfo", source: "192.0.2.1", interface: "0" },
      "out of this interface": { control: "pktinfo6", source: "fe80::1", interface: "2" },
    },
    inputs(values) {
      const kind = kindOf(values);
      const options = Object.entries(controls).map(([value, { label }]) => ({ value, label }));
      return [
        text("text", "Text"),
        { kind: "choice", name: "control", label: "Control data", groups: { "": options } },
        ...controls[kind].inputs,
      ];
    },
    encode(values, system) {
      const linux = linuxControl(values);
      const control = machine.through(linux, (from, to) =>
        codecs.controlToSystem(machine.system(system), from, linux.length, to),
      );
      const [set, name] = controls[kindOf(values)].type;
      if (control.length === 0) return { absent: `${titleOf(system)} sends no ${set}_${name}.` };
      const { length } = new TextEncoder().encode(values["text"]);
      const head = header(system, control.length);
      return {
        title: system === "win32" ? "WSAMSG, WSABUF, WSACMSGHDR" : "struct msghdr, iovec, cmsghdr",
        bytes: concat(head, vector(system, length), control),
      };
    },
    fields,
    decode(values, system, bytes) {
      const found = decode(system, bytes);
      return found === null ? null : { ...values, ...found };
    },
    describe(values, system, bytes) {
      const found = decode(system, bytes);
      if (found === null) return "no control data that Linux has";
      const { control = "", ...rest } = found;
      const { type } = controls[control as Kind];
      return `${type.join("_")} ${Object.values(rest).join(", ")}`;
    },
  };
}
