// The command line as a shell has it: what it prints, on which stream, and its exit code.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { compileGuest } from "./support/guest.js";
import { scratchPath } from "./support/programs.js";

const cli = fileURLToPath(new URL("../build/host/cli.js", import.meta.url));

/** Runs the command to its end. */
function command(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    encoding: "utf8",
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

/** Expects one line on standard error, nothing else, and exit code 2. */
function expectRefused(args: string[], line: RegExp): void {
  const { status, stdout, stderr } = command(...args);
  expect(stderr).toMatch(/^wasi-sockets: [^\n]*\n$/);
  expect(stderr).toMatch(line);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
}

describe("help", () => {
  const helps: [args: string[], words: string[]][] = [
    [["--help"], ["Usage: wasi-sockets", "run", "inspect", "--version"]],
    [
      ["run", "--help"],
      [
        ...["Usage: wasi-sockets run [options] guest.wasm [args...]", "--allow-connect <ENDPOINT>"],
        ...["--allow-bind <ENDPOINT>", "--allow-resolve <NAME>", "--allow-all"],
        ...["--listen <ADDR:PORT>", "--env <NAME=VALUE>", "--timeout <SECONDS>", "--wait <HOW>"],
        ...["--workers <N>", "--trace", "exit code", "Examples:"],
      ],
    ],
    [
      ["inspect", "--help"],
      ["Usage: wasi-sockets inspect guest.wasm", "ABI"],
    ],
  ];

  test.each(helps)("%j names every option, in lines of a terminal's width", (args, words) => {
    const { status, stdout, stderr } = command(...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    for (const word of words) expect(stdout).toContain(word);
    for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test("without a command it is an error that shows the help", () => {
    const { status, stdout, stderr } = command();
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("Usage: wasi-sockets");
  });

  test("--version is that of the package", () => {
    const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
    const { version } = JSON.parse(manifest) as { version: string };
    expect(command("--version")).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
  });
});

describe("a bad option is one line and exit code 2:", () => {
  const bad: [args: string[], line: RegExp][] = [
    [["frob"], /unknown command 'frob'/],
    [["run"], /missing required argument 'guest\.wasm'/],
    [["run", "--trac", "x"], /unknown option '--trac' \(Did you mean --trace\?\)/],
    [
      ["run", "--allow-connect", "http://x", "x"],
      /'http:\/\/x'.*"tcp:127\.0\.0\.1:8080".*or "any"/,
    ],
    [["run", "--allow-bind", "tcp:1.2.3:80", "x"], /'tcp:1\.2\.3:80'.*"udp:10\.0\.0\.0\/8:53"/],
    [["run", "--allow-resolve", "", "x"], /--allow-resolve.*host name like "example\.com"/],
    [["run", "--allow-bind"], /'--allow-bind <ENDPOINT>' argument missing/],
    [["run", "--listen", "8080", "x"], /'8080'.*"127\.0\.0\.1:8080" or "\[::1\]:8080"/],
    [["run", "--listen", "localhost:80", "x"], /'localhost:80'/],
    [["run", "--listen", "127.0.0.1:65536", "x"], /'127\.0\.0\.1:65536'/],
    [["run", "--listen", "[127.0.0.1]:80", "x"], /'\[127\.0\.0\.1\]:80'/],
    [["run", "--listen", "127.0.0.1:0", "--workers", "2", "x"], /127\.0\.0\.1:0.*2 workers/],
    [["run", "--env", "NAME", "x"], /'NAME'.*NAME=VALUE/],
    [["run", "--env", "=value", "x"], /'=value'/],
    [["run", "--timeout", "0", "x"], /'0'.*number of seconds above 0/],
    [["run", "--timeout", "1e3", "x"], /'1e3'/],
    [["run", "--timeout", "9999999", "x"], /'9999999'.*at most 2147483/],
    [["run", "--wait", "sleep", "x"], /'sleep'.*block, suspend/],
    [["run", "--workers", "0", "x"], /'0'.*from 1 to 256/],
    [["run", "--workers", "2.5", "x"], /'2\.5'/],
    [["inspect"], /missing required argument/],
    [["inspect", "a", "b"], /too many arguments/],
    [["inspect", "--trace", "a"], /unknown option '--trace'/],
  ];

  test.each(bad)("%j", expectRefused);
});

describe("a bad file is one line and exit code 2:", () => {
  const component = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00);
  const files: [what: string, content: Uint8Array | undefined, line: RegExp][] = [
    ["none", undefined, /[\\/]none: no such file or directory/],
    ["text", Buffer.from("hello, world"), /[\\/]text: byte 0: this is not WebAssembly/],
    ["cut", component.subarray(0, 6), /[\\/]cut: byte 6: the end, where a layer/],
  ];

  test.each(files)("%s", (name, content, line) => {
    const path = scratchPath(name);
    if (content !== undefined) writeFileSync(path, content);
    for (const verb of ["run", "inspect"]) expectRefused([verb, path], line);
  });

  test("a directory", () => {
    for (const verb of ["run", "inspect"]) expectRefused([verb, scratchPath("..")], /directory/);
  });

  test("a component, where it is to run and nobody has jco", () => {
    const path = scratchPath("component");
    writeFileSync(path, component);
    expectRefused(
      ["run", path],
      /a component takes the package @bytecodealliance\/jco: npm install @bytecodealliance\/jco/,
    );
    expect(command("inspect", path)).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("inspect", () => {
  const program = scratchPath("program.wasm");

  beforeAll(async () => {
    const source = `
      import { AF, Inet, SOCK, connect, getaddrinfo, socket } from "wasi-sockets/assembly";
      @external("wasi_snapshot_preview1", "proc_exit") declare function exit(code: i32): void;
      @external("evil\\u001b[2J", "f") declare function evil(): void;
      export function main(): void {
        const found = getaddrinfo("localhost", "80");
        if (found === null) exit(1);
        if (connect(socket(AF.INET, SOCK.STREAM, 0), new Inet("127.0.0.1", 80)) < 0) evil();
      }`;
    writeFileSync(program, await compileGuest(source));
  });

  test("says what a program imports, whether that is hosted, and what it needs", () => {
    const { status, stdout, stderr } = command("inspect", program);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toBe(`${program} is a WebAssembly module.
Sockets    bsd_sockets_v1, which wasi-sockets hosts
           connect getaddrinfo socket
Needs      --allow-connect   for connect
           --allow-resolve   for getaddrinfo
           --allow-all       for raw or packet sockets, which imports do not tell
Imports    env evil\\u{1b}[2J wasi_snapshot_preview1
`);
  });

  test("says so where a file has no sockets", () => {
    const path = fileURLToPath(new URL("../build/marshal.wasm", import.meta.url));
    const { status, stdout } = command("inspect", path);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `${path} is a WebAssembly module.\nSockets    none\n`,
    });
  });
});
