// What a command of WASI 0.2 or 0.3 imports beside sockets, where both have the same: its arguments, its exit, its
// terminals, randomness, and files, of which it has none.

import { randomBytes } from "node:crypto";
import { isatty } from "node:tty";
import { Exit } from "../exit.js";
import { STDERR, STDIN, STDOUT, type Stdio } from "../stdio.js";
import { Failure } from "./error.js";

/** How many random bytes one call gives at most. */
const RANDOM_MAX = 0x4000000n;

/** What a command is run with. */
export interface Command {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdio: Stdio;
}

class TerminalInput {
  readonly reads = true;
}
class TerminalOutput {
  readonly reads = false;
}

function random(length: bigint): Uint8Array {
  if (length > RANDOM_MAX) throw new RangeError(`${String(length)} random bytes are too many`);
  return randomBytes(Number(length));
}

const randomWord = (): bigint => randomBytes(8).readBigUInt64LE();

/** The methods of wasi:filesystem/types' `descriptor`. */
const FILE_METHODS =
  "readViaStream writeViaStream appendViaStream advise syncData getFlags getType setSize setTimes read write " +
  "readDirectory sync createDirectoryAt stat statAt setTimesAt linkAt openAt readlinkAt removeDirectoryAt " +
  "renameAt symlinkAt unlinkFileAt isSameObject metadataHash metadataHashAt";

/** A resource that a component never has: whatever is called of it is refused. */
function nothing(methods: string) {
  class Nothing {
    readonly methods = methods;
  }
  for (const name of methods.split(" ")) {
    Object.defineProperty(Nothing.prototype, name, {
      value: () => {
        throw new Failure("access-denied");
      },
    });
  }
  return Nothing;
}

/** Makes a component end. */
function exitWithCode(code: number): never {
  throw new Exit(code);
}

/** How the two are called that have another name in each. */
export interface Names {
  readonly initialCwd: string;
  readonly insecureSeed: string;
}

/**
 * Makes those interfaces.
 *
 * @param command what it is run with
 * @param names of what is called otherwise in each
 */
export function command({ args, env, stdio }: Command, names: Names) {
  const seed = [randomWord(), randomWord()]; // the same whenever it is asked for
  const terminal = <Kind>(fd: number, kind: new () => Kind) =>
    isatty(stdio.native(fd)) ? new kind() : undefined;
  return {
    "wasi:cli/environment": {
      getArguments: () => [...args],
      getEnvironment: () => Object.entries(env),
      [names.initialCwd]: () => undefined,
    },
    "wasi:cli/exit": {
      exit: ({ tag }: { tag: "ok" | "err" }) => exitWithCode(tag === "ok" ? 0 : 1),
      exitWithCode,
    },
    "wasi:cli/terminal-input": { TerminalInput },
    "wasi:cli/terminal-output": { TerminalOutput },
    "wasi:cli/terminal-stdin": { getTerminalStdin: () => terminal(STDIN, TerminalInput) },
    "wasi:cli/terminal-stdout": { getTerminalStdout: () => terminal(STDOUT, TerminalOutput) },
    "wasi:cli/terminal-stderr": { getTerminalStderr: () => terminal(STDERR, TerminalOutput) },
    "wasi:random/random": { getRandomBytes: random, getRandomU64: randomWord },
    "wasi:random/insecure": {
      getInsecureRandomBytes: random,
      getInsecureRandomU64: randomWord,
    },
    "wasi:random/insecure-seed": { [names.insecureSeed]: () => seed },
    "wasi:filesystem/preopens": { getDirectories: () => [] },
    "wasi:filesystem/types": {
      Descriptor: nothing(FILE_METHODS),
      DirectoryEntryStream: nothing("readDirectoryEntry"),
      filesystemErrorCode: () => undefined,
    },
  };
}
