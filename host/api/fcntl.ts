// The flags of a descriptor as symbols, fcntl(2).

import type { Caller } from "./caller.js";
import {
  descriptorFlags,
  fcntlCommands,
  statusFlags,
  type Flags,
  type SymbolSet,
} from "./symbols.js";

/** The command's number, and the set of the flags that it is about. */
function readCommand(
  command: string | number,
  descriptor: number,
  status: number,
): { readonly number: number; readonly set: SymbolSet } {
  const number = fcntlCommands.encode(command);
  if (number === descriptor) return { number, set: descriptorFlags };
  if (number === status) return { number, set: statusFlags };
  const valid = [descriptor, status].map((n) => `"${fcntlCommands.decode(n)}"`).join(" and ");
  throw new TypeError(`fcntl command ${JSON.stringify(command)} is not valid here: ${valid} are`);
}

/** Reads flags: "getfd" or "getfl". */
export function getFlags(caller: Caller, fd: number, command: string | number): string[] {
  const { F, fcntl } = caller.wasm;
  const { number, set } = readCommand(command, F.GETFD, F.GETFL);
  return set.decodeFlags(caller.expect("fcntl", fcntl(fd, number, 0)));
}

/** Sets flags: "setfd" or "setfl". */
export function setFlags(
  caller: Caller,
  fd: number,
  command: string | number,
  flags: Flags<string>,
): void {
  const { F, fcntl } = caller.wasm;
  const { number, set } = readCommand(command, F.SETFD, F.SETFL);
  caller.expect("fcntl", fcntl(fd, number, set.encodeFlags(flags)));
}
