// Values of options and control messages, by what assembly/codec says that their bytes mean.

import { marshal } from "../marshal.js";
import { quote } from "./text.js";

const { INT_SIZE, Kind, Payload, linger, timeval, ucred } = marshal;

/** A value that is made of numbers: how many bytes it has, and how it is printed. */
interface Value {
  readonly size: number;
  text(view: DataView): string;
}

const int: Value = {
  size: INT_SIZE,
  text: (view) => `[${view.getInt32(0, true)}]`,
};

const credentials: Value = {
  size: ucred.sizeof,
  text: (view) =>
    `{pid=${view.getInt32(ucred.pid, true)}, uid=${view.getUint32(ucred.uid, true)}, gid=${view.getUint32(ucred.gid, true)}}`,
};

const time: Value = {
  size: timeval.sizeof,
  text: (view) =>
    `{tv_sec=${view.getBigInt64(timeval.tv_sec, true)}, tv_usec=${view.getBigInt64(timeval.tv_usec, true)}}`,
};

const OPTIONS: Readonly<Record<number, Value>> = {
  [Kind.INT]: int,
  [Kind.FLAG]: int,
  [Kind.CREDENTIALS]: credentials,
  [Kind.TIMEVAL]: time,
  [Kind.LINGER]: {
    size: linger.sizeof,
    text: (view) =>
      `{l_onoff=${view.getInt32(linger.l_onoff, true)}, l_linger=${view.getInt32(linger.l_linger, true)}}`,
  },
};

const CONTROLS: Readonly<Record<number, Value>> = {
  [Payload.INT]: int,
  [Payload.CREDENTIALS]: credentials,
  [Payload.TIMEVAL]: time,
};

function valueText(value: Value | undefined, bytes: Uint8Array): string {
  return value === undefined || bytes.length < value.size
    ? quote(bytes)
    : value.text(new DataView(bytes.buffer, bytes.byteOffset));
}

/** The value of an option. */
export function optionText(level: number, option: number, bytes: Uint8Array): string {
  const kind = marshal.optionKind(level, option);
  const end = kind === Kind.STRING ? bytes.indexOf(0) : -1;
  return valueText(OPTIONS[kind], end < 0 ? bytes : bytes.subarray(0, end));
}

/** The data of a control message. */
export function controlText(level: number, type: number, bytes: Uint8Array): string {
  const payload = marshal.controlPayload(level, type);
  if (payload !== Payload.RIGHTS) return valueText(CONTROLS[payload], bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const count = Math.trunc(bytes.length / INT_SIZE);
  const fds = Array.from({ length: count }, (_, i) => view.getInt32(i * INT_SIZE, true));
  return `[${fds.join(", ")}]`;
}
