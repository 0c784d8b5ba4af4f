// What a component of WASI 0.2's command world imports beside sockets: its arguments, its exit, its standard streams,
// randomness, and files, of which it has none.

import { randomBytes } from "node:crypto";
import { isatty } from "node:tty";
import { Exit } from "../../exit.js";
import type { Stdio } from "../../stdio.js";
import { failure } from "./error.js";
import type { Host } from "./host.js";
import { Resource } from "./resource.js";
import { StandardInput, StandardOutput } from "./stdio.js";

const [STDIN, STDOUT, STDERR] = [0, 1, 2];

/** How many random bytes one call gives at most. */
const RANDOM_MAX = 0x4000000n;

/** What a command is run with. */
export interface Command {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdio: Stdio;
}

class TerminalInput extends Resource {}
class TerminalOutput extends Resource {}

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
  class Nothing extends Resource {}
  for (const name of methods.split(" ")) {
    Object.defineProperty(Nothing.prototype, name, {
      value: () => {
        throw failure("access-denied");
      },
    });
  }
  return Nothing;
}

const Descriptor = nothing(FILE_METHODS);
const DirectoryEntryStream = nothing("readDirectoryEntry");

/**
 * Makes those interfaces.
 *
 * @param host of the component
 * @param command what it is run with
 */
export function command(host: Host, { args, env, stdio }: Command) {
  const input = new StandardInput(host, stdio, STDIN);
  const output = new StandardOutput(host, stdio, STDOUT);
  const error = new StandardOutput(host, stdio, STDERR);
  const terminal = <Kind>(fd: number, kind: new () => Kind) =>
    isatty(stdio.native(fd)) ? new kind() : undefined;

  function exitWithCode(code: number): never {
    throw new Exit(code);
  }

  return {
    "wasi:cli/environment": {
      getArguments: () => [...args],
      getEnvironment: () => Object.entries(env),
      initialCwd: () => undefined,
    },
    "wasi:cli/exit": {
      exit: ({ tag }: { tag: "ok" | "err" }) => exitWithCode(tag === "ok" ? 0 : 1),
      exitWithCode,
    },
    "wasi:cli/stdin": { getStdin: () => input },
    "wasi:cli/stdout": { getStdout: () => output },
    "wasi:cli/stderr": { getStderr: () => error },
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
    "wasi:random/insecure-seed": { insecureSeed: () => [randomWord(), randomWord()] },
    "wasi:filesystem/preopens": { getDirectories: () => [] },
    "wasi:filesystem/types": {
      Descriptor,
      DirectoryEntryStream,
      filesystemErrorCode: () => undefined,
    },
  };
}
