// What the page shows, as its address has it: "#address?family=inet&address=192.0.2.1&port=80".

import type { SystemName } from "wasi-sockets/marshal";
import { hex, unhex } from "./numbers.js";
import { systems } from "./systems.js";
import type { Subject, Values } from "./subject.js";

/** Bytes that somebody wrote into a system's column, and that are not what the form's values are there. */
export interface Edit {
  readonly system: SystemName;
  readonly bytes: Uint8Array;
}

/** The most bytes that are taken from an address of the page. */
const EDIT_MAX = 1024;

export interface State {
  readonly subject: Subject;
  readonly values: Values;
  readonly edit: Edit | null;
}

/** The values that a subject's form asks for, and no others. */
function asked({ subject, values }: Pick<State, "subject" | "values">): Values {
  const names = subject.inputs(values).map(({ name }) => name);
  return Object.fromEntries(names.map((name) => [name, values[name] ?? ""]));
}

/** What goes behind the "#" of the page's address. */
export function hashOf(state: State): string {
  const query = new URLSearchParams(asked(state));
  if (state.edit !== null) query.set(state.edit.system, hex(state.edit.bytes));
  return `#${state.subject.name}?${query.toString()}`;
}

/**
 * What an address of the page says; a subject's defaults stand in for what it does not.
 *
 * @param hash with its "#"
 * @param subjects of which the first is meant where none is named
 */
export function stateOf(hash: string, subjects: readonly Subject[]): State {
  const [name, query = ""] = hash.slice(1).split("?") as [string, string?];
  const subject = subjects.find((known) => known.name === name) ?? subjects[0]!;
  const given = Object.fromEntries(new URLSearchParams(query));
  const edit = systems.flatMap(({ name: system }): Edit[] => {
    const bytes = unhex(given[system] ?? "");
    return bytes === null || bytes.length === 0 || bytes.length > EDIT_MAX
      ? []
      : [{ system, bytes }];
  })[0];
  const values = { ...subject.defaults, ...given };
  try {
    subject.inputs(values);
  } catch {
    return { subject, values: subject.defaults, edit: null }; // a choice that there is not
  }
  return { subject, values, edit: edit ?? null };
}
