#!/usr/bin/env node
// The command line: `wasi-sockets run` and `wasi-sockets inspect`.

import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { UsageError } from "./cli/file.js";
import { inspectCommand } from "./cli/inspect.js";
import { allowed, listenAddress, seconds, variable, workers } from "./cli/options.js";
import { runCommand, type RunCommandOptions } from "./cli/run.js";

/** The exit code where the command line or the file is at fault. */
const USAGE = 2;

const RUN_NOTES = `
ENDPOINT is like "tcp:127.0.0.1:8080", "udp:[::1]:53" or "unix:/run/app.sock".
Options with an ENDPOINT, a NAME, an ADDR:PORT or a VALUE may be given again.
What is not allowed fails with EACCES in the guest, with access-denied in a
component. A component takes the package @bytecodealliance/jco, installed in
the working directory or beside it; --wait is for modules.

The exit code is the guest's own; 2 where the command line or the file is at
fault, 124 where time was up, 134 where the guest trapped, 130 after Ctrl-C.

Examples:
  wasi-sockets run --allow-connect tcp:127.0.0.1:8080 guest.wasm hello
  wasi-sockets run --listen 127.0.0.1:8080 --workers 4 server.wasm
  wasi-sockets run --allow-all --trace guest.wasm 2> calls.txt`;

const INSPECT_NOTES = `
It says which socket ABI the file imports, and which options of
"wasi-sockets run" it would need for that.`;

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** An error in one line, whatever commander made of it. */
function oneLine(message: string): string {
  return `wasi-sockets: ${message
    .replace(/^error: /, "")
    .trim()
    .replace(/\s*\n\s*/g, " ")}\n`;
}

function program(): Command {
  const root = new Command("wasi-sockets")
    .description(
      "BSD sockets for WebAssembly: runs guests that reach only what they are allowed to.",
    )
    .version(version())
    .enablePositionalOptions()
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      outputError: (message, write) => {
        write(oneLine(message));
      },
    });

  root
    .command("run")
    .summary("run a guest to its end")
    .description("Runs a guest to its end, with the arguments that follow it.")
    .usage("[options] guest.wasm [args...]")
    .argument("<guest.wasm>", "a WebAssembly module or component")
    .argument("[args...]", "the guest's arguments")
    .passThroughOptions()
    .option(
      "--allow-connect <ENDPOINT>",
      'let it connect and send there, or to "any"',
      allowed("connect"),
    )
    .option("--allow-bind <ENDPOINT>", 'let it bind there, or to "any"', allowed("bind"))
    .option("--allow-resolve <NAME>", 'let it look up that name, or "any"', allowed("resolve"))
    .option("--allow-all", "let it do everything, raw sockets included")
    .option(
      "--listen <ADDR:PORT>",
      "a socket that listens there, which it finds from descriptor 3 up; a component may bind and listen there",
      listenAddress,
    )
    .option("--env <NAME=VALUE>", "a variable of its environment", variable)
    .option("--timeout <SECONDS>", "end it after that time", seconds)
    .addOption(
      new Option(
        "--wait <HOW>",
        "what a call does that has to wait: block a thread, or suspend the guest",
      )
        .choices(["block", "suspend"])
        .default("block"),
    )
    .option(
      "--workers <N>",
      "run N instances, which share the ports they listen at by SO_REUSEPORT",
      workers,
      1,
    )
    .option("--trace", "write its calls to standard error, as strace does")
    .addHelpText("after", RUN_NOTES)
    .action(async (path: string, args: string[], options: RunCommandOptions) => {
      process.exitCode = await runCommand(path, args, options);
    });

  root
    .command("inspect")
    .summary("say which sockets a file is written against")
    .description("Says what a module or a component is, and what it would need to run.")
    .usage("guest.wasm")
    .argument("<guest.wasm>", "a WebAssembly module or component")
    .addHelpText("after", INSPECT_NOTES)
    .action(inspectCommand);

  return root;
}

/** The exit code for what was thrown; commander has written what it had to say. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  process.stderr.write(oneLine(error instanceof Error ? error.message : String(error)));
  return error instanceof UsageError ? USAGE : 1;
}

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
