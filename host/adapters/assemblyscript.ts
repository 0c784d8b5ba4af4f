// Module `env`: what AssemblyScript's own runtime imports.

import type { GuestMemory } from "../memory.js";

/** AssemblyScript keeps the length of an object, in bytes, in the word before it. */
const LENGTH_WORD = 4;
/** The longest message that is read from a guest, in bytes. */
const MESSAGE_LIMIT = 4096;

/** Reads a UTF-16 string of AssemblyScript's; "" where the pointer is bad. */
function readString(memory: GuestMemory, pointer: number): string {
  if (!memory.holds(pointer - LENGTH_WORD, LENGTH_WORD)) return "";
  const length = Math.min(memory.int32(pointer - LENGTH_WORD) >>> 0, MESSAGE_LIMIT) & ~1;
  const bytes = Buffer.alloc(length);
  return memory.read(pointer, length, bytes, 0) ? bytes.toString("utf16le") : "";
}

/** Where a guest's lines go. */
type Printer = Pick<Console, "log" | "debug" | "info" | "warn" | "error">;

/**
 * Makes the imports of one guest: `abort`, which throws, the clocks, and `console.log` and its kind.
 *
 * @param memory the guest's linear memory
 * @param printer where its lines go
 */
export function assemblyScript(memory: GuestMemory, printer: Printer = console) {
  const print = (method: keyof Printer) => (text: number) => {
    printer[method](readString(memory, text));
  };
  return {
    abort(message: number, file: number, line: number, column: number): never {
      const place = `${readString(memory, file)}:${line}:${column}`;
      throw new Error(`guest aborted: ${readString(memory, message) || "no message"} (${place})`);
    },
    seed: () => Math.random(),
    "performance.now": () => performance.now(),
    "Date.now": () => Date.now(),
    "console.log": print("log"),
    "console.debug": print("debug"),
    "console.info": print("info"),
    "console.warn": print("warn"),
    "console.error": print("error"),
  };
}
