// What a component of WASI 0.2's command world imports beside sockets, streams and clocks.

import { command as common, type Command } from "../../component/command.js";
import { STDERR, STDIN, STDOUT } from "../../stdio.js";
import type { Host } from "./host.js";
import { StandardInput, StandardOutput } from "./stdio.js";

/**
 * Makes those interfaces.
 *
 * @param host of the component
 * @param command what it is run with
 */
export function command(host: Host, command: Command) {
  const { stdio } = command;
  const input = new StandardInput(host, stdio, STDIN);
  const output = new StandardOutput(host, stdio, STDOUT);
  const error = new StandardOutput(host, stdio, STDERR);
  return {
    ...common(command, { initialCwd: "initialCwd", insecureSeed: "insecureSeed" }),
    "wasi:cli/stdin": { getStdin: () => input },
    "wasi:cli/stdout": { getStdout: () => output },
    "wasi:cli/stderr": { getStderr: () => error },
  };
}
