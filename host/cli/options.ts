// The values of the command line's options, checked one by one: what commander prints of an
// InvalidArgumentError is one line that names the option and the value.

import { isIPv4, isIPv6 } from "node:net";
import { InvalidArgumentError } from "commander";
import { Policy, type Allow, type Allowed } from "../policy/index.js";

/** The entry that allows all of a use. */
export const ANY = "any";
/** How many instances --workers takes. */
const WORKERS_MAX = 256;
/** The longest that a timer runs, in milliseconds. */
const TIMEOUT_MAX = 0x7fffffff;

/** Adds an entry to a use that is allowed: "any" is all of it. */
export function allowed(use: keyof Allow) {
  return (entry: string, before: Allowed | undefined): Allowed => {
    if (entry === ANY || before === true) return true;
    try {
      new Policy({ [use]: [entry] }, { answers: 0 });
    } catch (error) {
      throw new InvalidArgumentError(`${(error as Error).message}, or "${ANY}".`);
    }
    return [...(before ?? []), entry];
  };
}

/** Adds an address to listen at: "127.0.0.1:8080" or "[::1]:8080". */
export function listenAddress(text: string, before: readonly string[] = []): readonly string[] {
  const [, inet6, inet, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const host = inet6 === undefined ? isIPv4(inet ?? "") : isIPv6(inet6);
  if (!host || Number(port) > 0xffff) {
    throw new InvalidArgumentError('An address is like "127.0.0.1:8080" or "[::1]:8080".');
  }
  return [...before, text];
}

/** Adds a variable to an environment: "NAME=VALUE". */
export function variable(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, name, value] = /^([^=]+)=([^]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("A variable is NAME=VALUE.");
  }
  return Object.fromEntries([...Object.entries(before), [name, value]]);
}

/** Seconds, as milliseconds. */
export function seconds(text: string): number {
  const milliseconds = Math.ceil(Number(text) * 1000);
  if (/^\d+(\.\d+)?$/.test(text) && milliseconds > 0 && milliseconds <= TIMEOUT_MAX) {
    return milliseconds;
  }
  throw new InvalidArgumentError(
    `It is a number of seconds above 0, at most ${Math.floor(TIMEOUT_MAX / 1000)}.`,
  );
}

/** A number of instances. */
export function workers(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= WORKERS_MAX) return count;
  throw new InvalidArgumentError(`It is a number from 1 to ${WORKERS_MAX}.`);
}
