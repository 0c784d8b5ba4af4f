// The examples that are clients of real servers, Debian's PostgreSQL and Redis, each in a network of its own.

import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect } from "vitest";
import { Example, compileExample } from "./support/examples.js";
import { testInNetwork, type Host, type Network } from "./support/namespaces.js";
import { scratchPath } from "./support/programs.js";

beforeAll(async () => {
  await Promise.all(["redis", "postgres"].map(compileExample));
});

/** A user without privileges, in whose name no server of Debian's refuses to run; and its group. */
const NOBODY = 65534;
const asNobody = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];

let directories = 0;

/** A directory that belongs to nobody. */
function ownDirectory(name: string): string {
  const path = scratchPath(`${name}-${directories++}`);
  chmodSync(join(path, ".."), 0o755);
  mkdirSync(path, { mode: 0o700 });
  chownSync(path, NOBODY, NOBODY);
  return path;
}

/** A host with a Redis. */
async function redisHost(network: Network): Promise<Host> {
  const host = network.host();
  const options = ["--port", "6379", "--bind", "127.0.0.1", "::1", "--dir", ownDirectory("redis")];
  const quiet = ["--save", "", "--appendonly", "no", "--daemonize", "no", "--logfile", ""];
  const command = ["redis-server", ...options, ...quiet].map((word) => `'${word}'`).join(" ");
  await host.start([...asNobody, "sh", "-c", `exec ${command} >&2`], /(Ready to accept connections)/); // prettier-ignore
  return host;
}

/** What redis-cli prints of the same commands, each in a terminal's form. */
function redisCli(host: Host, commands: readonly string[]): string[] {
  const [command, ...args] = [...host.prefix, "redis-cli", "--no-raw"];
  const input = commands.join("\n") + "\n";
  return execFileSync(command, args, { encoding: "utf8", input }).trimEnd().split("\n");
}

const COMMANDS = [
  "PING",
  "SET greeting hello",
  "GET greeting",
  "GET nothing",
  'SET "two words" "καλημέρα\\ και"',
  "INCR counter",
  "DEL counter",
  "RPUSH list one two three four five six seven eight nine ten",
  "LRANGE list 0 -1",
  "LRANGE list 20 30",
  "HSET hash field value",
  "HGETALL hash",
  "INCR greeting",
  "NOSUCH command",
  "EVAL \"return {1,{2,{3,'four'}},{},false}\" 0",
  "FLUSHALL",
];

/** How much of a line a host prints for a guest. */
const LINE_MAX = 2048;

for (const address of ["127.0.0.1", "::1"]) {
  testInNetwork(
    `redis: every kind of reply of a Redis at ${address} is printed as redis-cli prints it`,
    async (network) => {
      const host = await redisHost(network);
      await using redis = new Example("redis", [address, "6379"], host.prefix);
      for (const command of COMMANDS) redis.type(command);
      redis.endInput();
      const said = await redis.rest();
      expect(said.slice(0, 4)).toEqual(["PONG", "OK", '"hello"', "(nil)"]);
      expect(said).toEqual(redisCli(host, COMMANDS));
    },
    ["redis-server", "redis-cli", "setpriv"],
  );
}

testInNetwork(
  "redis: bytes of every kind come back, and a value of 1 MiB to its last byte",
  async (network) => {
    const host = await redisHost(network);
    await using redis = new Example("redis", ["127.0.0.1", "6379"], host.prefix);
    redis.type('EVAL "return string.char(0,7,8,9,10,13,34,92,127,255)" 0');
    redis.type("EVAL \"redis.call('SET','big',string.rep('x',1048576)) return 1\" 0");
    redis.type("GET big");
    redis.type("PING");
    redis.endInput();
    expect(await redis.rest()).toEqual([
      String.raw`"\x00\a\b\t\n\r\"\\\x7f\xff"`,
      "(integer) 1",
      `"${"x".repeat(LINE_MAX - 1)}`,
      "PONG",
    ]);
  },
  ["redis-server", "redis-cli", "setpriv"],
);

testInNetwork("redis: that there is no server is an error", async (network) => {
  await using redis = new Example("redis", ["127.0.0.1", "6379"], network.host().prefix);
  expect(await redis.complaint()).toContain("127.0.0.1: ECONNREFUSED");
});

/** Debian's PostgreSQL, of which initdb is on nobody's PATH. */
function postgresBin(): string {
  const versions = "/usr/lib/postgresql";
  try {
    return join(versions, readdirSync(versions).sort().at(-1)!, "bin/");
  } catch {
    return "";
  }
}
const bin = postgresBin();
const needs = [`${bin}initdb`, `${bin}postgres`, "setpriv"];
const USER = "ada";
const PASSWORD = "it's a secret, of 24 chars";

/** A host with a PostgreSQL that knows one user, who logs in by a method of pg_hba.conf's. */
async function postgresHost(network: Network, method: string): Promise<Host> {
  const host = network.host();
  const data = ownDirectory("postgres");
  const secret = `${data}.password`;
  writeFileSync(secret, PASSWORD);
  chownSync(secret, NOBODY, NOBODY);
  const [command, ...prefix] = asNobody;
  const how = [`--pgdata=${data}`, `--username=${USER}`, `--pwfile=${secret}`, `--auth=${method}`];
  const what = ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"];
  execFileSync(command!, [...prefix, `${bin}initdb`, ...how, ...what], {
    stdio: "pipe",
    cwd: "/",
    timeout: 25_000,
  });
  const listen = ["-h", "127.0.0.1,::1", "-p", "5432", "-k", data, "-c", "fsync=off"];
  // It is killed in the end: its shared memory is in its directory, and in a namespace that goes with it.
  const memory = ["-c", "dynamic_shared_memory_type=mmap"];
  const server = ["unshare", "--ipc", ...asNobody, `${bin}postgres`, "-D", data];
  await host.start([...server, ...listen, ...memory], /(ready to accept connections)/);
  return host;
}

/** The client, on a host. */
function client(host: Host, password: string, database = "postgres", address = "127.0.0.1") {
  const prefix = [...host.prefix, "env", `PGPASSWORD=${password}`];
  return new Example("postgres", [address, "5432", USER, database], prefix);
}

testInNetwork(
  "postgres: logs in by SCRAM-SHA-256, and prints what queries give",
  async (network) => {
    const host = await postgresHost(network, "scram-sha-256");
    await using postgres = client(host, PASSWORD);
    postgres.type("CREATE TABLE notes (id int PRIMARY KEY, text text, done boolean)");
    postgres.type(
      "INSERT INTO notes VALUES (1, 'καλημέρα', true), (2, NULL, false), (3, '', NULL)",
    );
    postgres.type("SELECT * FROM notes ORDER BY id");
    postgres.type("SELECT 1/0 AS nothing");
    postgres.type("SELECT length(repeat('x', 300000)) AS n, repeat('ab', 3) AS t; SELECT 2 AS two");
    postgres.type("SELECT repeat('x', 300000) AS long");
    postgres.type(`SELECT current_user, (SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = '${USER}') AS scram`); // prettier-ignore
    postgres.endInput();
    expect(await postgres.rest()).toEqual([
      "CREATE TABLE",
      "INSERT 0 3",
      "id\ttext\tdone",
      "1\tκαλημέρα\tt",
      "2\tNULL\tf",
      "3\t\tNULL",
      "SELECT 3",
      "ERROR: division by zero",
      ...["n\tt", "300000\tababab", "SELECT 1", "two", "2", "SELECT 1"],
      ...["long", "x".repeat(LINE_MAX), "SELECT 1"],
      ...["current_user\tscram", `${USER}\tt`, "SELECT 1"],
    ]);

    await using other = client(host, PASSWORD, "template1", "::1");
    other.type("SELECT current_database() AS name");
    other.endInput();
    expect(await other.rest()).toEqual(["name", "template1", "SELECT 1"]);

    await using wrong = client(host, "another password");
    expect(await wrong.complaint()).toContain(`${USER}: EACCES`);
    await using nowhere = client(host, PASSWORD, "nowhere");
    expect(await nowhere.line(/(.*)/)).toBe('ERROR: database "nowhere" does not exist');
    expect(await nowhere.complaint()).toContain(`${USER}: EACCES`);
  },
  needs,
);

testInNetwork(
  "postgres: a server that asks for a password in clear does not get it, and one that asks for none is not believed",
  async (network) => {
    const clear = await postgresHost(network, "password");
    await using postgres = client(clear, PASSWORD);
    expect(await postgres.complaint()).toContain(`${USER}: EPROTONOSUPPORT`);
    const trusting = await postgresHost(network, "trust");
    await using another = client(trusting, PASSWORD);
    expect(await another.complaint()).toContain(`${USER}: EACCES`);
  },
  needs,
);
