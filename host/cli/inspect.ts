// `wasi-sockets inspect`: what a file is, in words.

import { inspect, type Inspection, type Need, type SocketAbi } from "../inspect.js";
import { look, printable } from "./file.js";

const INDENT = " ".repeat(11);

/** The options of `wasi-sockets run` that give a guest what it needs. */
const OPTIONS: Readonly<Record<Need, string>> = {
  connect: "--allow-connect",
  bind: "--allow-bind",
  resolve: "--allow-resolve",
  listen: "--listen",
};

/** Words on lines of a terminal's width, all but the first of them indented. */
function wrap(words: readonly string[], indent: string): string {
  const lines = [""];
  for (const word of words.map(printable)) {
    const line = lines.at(-1)!;
    if (line !== "" && `${indent}${line} ${word}`.length > 80) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join(`\n${indent}`);
}

function socketLines({ name, functions, hosted }: SocketAbi): string[] {
  const verdict = hosted ? "which wasi-sockets hosts" : "which wasi-sockets cannot host yet";
  return [`${printable(name)}, ${verdict}`, wrap(functions, INDENT)];
}

function needLines({ needs, abis }: Inspection): string[] {
  const lines = Array.from(needs, ([need, functions]) => {
    const option = OPTIONS[need].padEnd(17);
    return `${option} for ${wrap(functions, INDENT + " ".repeat(22))}`;
  });
  const opens = ({ name, functions }: SocketAbi): boolean =>
    name === "bsd_sockets_v1" && functions.includes("socket");
  if (abis.some(opens))
    lines.push("--allow-all       for raw or packet sockets, which imports do not tell");
  return lines.length > 0 ? lines : ["nothing to be allowed"];
}

/** A paragraph with a heading in the margin; nothing where it has no lines. */
function section(heading: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `${(index === 0 ? heading : "").padEnd(INDENT.length)}${line}`);
}

/**
 * Prints what a file is.
 *
 * @param path of a module or a component
 * @throws UsageError where it cannot be read
 */
export async function inspectCommand(path: string): Promise<void> {
  const inspection = await look(path, inspect);
  const { abis, kind, others, unknown } = inspection;
  const lines = [
    `${path} is a WebAssembly ${kind}.`,
    ...section("Sockets", abis.length > 0 ? abis.flatMap(socketLines) : ["none"]),
    ...section("Unknown", unknown.map(printable)),
    ...section("Needs", abis.length > 0 ? needLines(inspection) : []),
    ...section("Imports", others.length > 0 ? [wrap(others, INDENT)] : []),
  ];
  console.log(lines.join("\n"));
}
