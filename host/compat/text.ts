// strerror(3) and gai_strerror(3) of Linux's numbers.

import { getSystemErrorMap } from "node:util";
import { codecs } from "./room.js";

/** Node's words, by the names of the numbers. */
const words = new Map(getSystemErrorMap().values());

const names = new Map<number, string>();
for (const [name, number] of Object.entries(codecs.Errno)) {
  if (!names.has(number as number) || words.has(name)) names.set(number as number, name);
}
for (const [name, number] of Object.entries(codecs.EAI)) names.set(number as number, `EAI_${name}`);

function textOf(number: number): string {
  const text = words.get(names.get(number) ?? "") ?? `unknown error ${number}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const ctext = { strerror: textOf, gai_strerror: textOf };
