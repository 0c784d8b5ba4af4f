// What the page shows the bytes of: a form, its values, and what they are on a system.

import type { SystemName } from "wasi-sockets/marshal";
import type { Field } from "./fields.js";
import type { Machine } from "./machine.js";

/** What stands in a form, by the names of its inputs; several choices are joined by commas. */
export type Values = Readonly<Record<string, string>>;

interface Labelled {
  readonly name: string;
  readonly label: string;
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

/** An input of a form. */
export type Input = Labelled &
  (
    | { readonly kind: "text"; readonly numeric?: boolean; readonly wide?: boolean }
    | { readonly kind: "choice"; readonly groups: Readonly<Record<string, readonly Option[]>> }
    | { readonly kind: "several"; readonly options: readonly Option[] }
  );

/** Bytes on a system, and what they are there. */
export interface Encoding {
  /** The struct or type that they are. */
  readonly title: string;
  readonly bytes: Uint8Array;
}

/** Why a system has no such bytes. */
export interface Absence {
  readonly absent: string;
}

export interface Subject {
  /** As the address of the page has it. */
  readonly name: string;
  readonly title: string;
  /** What a form holds at first. */
  readonly defaults: Values;
  /** Values that are worth a look, by what they are called. */
  readonly examples: Readonly<Record<string, Values>>;
  inputs(values: Values): readonly Input[];
  /** What the values are on a system; throws an error that names the value that is none. */
  encode(values: Values, system: SystemName): Encoding | Absence;
  /** How bytes of that kind are divided. */
  fields(values: Values, system: SystemName, bytes: Uint8Array): readonly Field[];
  /** What bytes of a system say, as values of the form; null where the form has no such values. */
  decode(values: Values, system: SystemName, bytes: Uint8Array): Values | null;
  /** What bytes of a system say, in words. */
  describe(values: Values, system: SystemName, bytes: Uint8Array): string;
}

/** Makes a subject over marshal.wasm. */
export type SubjectOf = (machine: Machine) => Subject;

/** A whole number that somebody typed. */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most) {
    return value;
  }
  throw new RangeError(
    `${name} ${JSON.stringify(text)} is not an integer from ${least} to ${most}`,
  );
}
