// The file that the command line is given.

import { readFile } from "node:fs/promises";
import { getSystemErrorMap } from "node:util";
import { WasmError } from "../wasm.js";

/** What was asked for cannot be done as it was asked: one line, and exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const UNPRINTABLE = /[^\x20-\x7e]/gu;

/** Text of others, without what a terminal would act upon. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

function reason(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? message;
}

/**
 * Reads a file, and what can be told from its bytes.
 *
 * @param path of the file
 * @param look is given the bytes
 * @throws UsageError where it cannot be read, or is not WebAssembly
 */
export async function look<Result>(
  path: string,
  look: (bytes: Uint8Array<ArrayBuffer>) => Result,
): Promise<Result> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new UsageError(`${path}: ${reason(error)}`);
  }
  try {
    return look(bytes);
  } catch (error) {
    if (error instanceof WasmError) throw new UsageError(`${path}: ${error.message}`);
    throw error;
  }
}
