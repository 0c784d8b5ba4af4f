// strerror(3) and gai_strerror(3) of Linux's numbers.

import { getSystemErrorMap } from "node:util";
import { codecs } from "./room.js";

const { EAI, Errno } = codecs;

/** What RFC 3493 says of them. */
const LOOKUP_ERRORS = new Map<number, string>([
  [EAI.AGAIN, "Temporary failure in name resolution"],
  [EAI.BADFLAGS, "Bad value for ai_flags"],
  [EAI.FAIL, "Non-recoverable failure in name resolution"],
  [EAI.FAMILY, "ai_family not supported"],
  [EAI.MEMORY, "Memory allocation failure"],
  [EAI.NODATA, "No address associated with hostname"],
  [EAI.NONAME, "Name or service not known"],
  [EAI.OVERFLOW, "Argument buffer overflow"],
  [EAI.SERVICE, "Servname not supported for ai_socktype"],
  [EAI.SOCKTYPE, "ai_socktype not supported"],
  [EAI.SYSTEM, "System error"],
]);

/** Node's words for the error numbers, by their names. */
const words = new Map(getSystemErrorMap().values());

const names = new Map<number, string>();
for (const [name, number] of Object.entries(Errno)) {
  if (!names.has(number as number)) names.set(number as number, name);
}

function strerror(errno: number): string {
  const text = words.get(names.get(errno) ?? "") ?? `unknown error ${errno}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function gai_strerror(code: number): string {
  return LOOKUP_ERRORS.get(code) ?? "Unknown error";
}

export const ctext = { strerror, gai_strerror };
