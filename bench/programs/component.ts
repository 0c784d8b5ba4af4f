// Times a work of a component that jco has transpiled: component.js p2 | p3 FILE WORK PORT AMOUNT SIZE. The work
// "create" is making one socket: what that, loading the host and the component took.

import { argv, exit } from "node:process";
import * as p2 from "wasi-sockets/p2";
import * as p3 from "wasi-sockets/p3";
import { report, time, type Work } from "./work.js";

type Awaitable<Value> = Value | Promise<Value>;

/** What the component exports: functions of WASI 0.3 give promises. */
interface Guest {
  pingpong(port: number, rounds: number): Awaitable<number>;
  pour(port: number, amount: bigint): Awaitable<bigint>;
  drain(port: number, wanted: bigint): Awaitable<bigint>;
  create(): number;
}

const [, , version, file, work] = argv as [string, string, "p2" | "p3", string, string];
({ p2, p3 })[version].configure({ allow: { connect: true } });
const guest = (await import(file)) as Guest;

const works: Readonly<Record<string, Work>> = {
  pingpong: async (port, amount, size) => (await guest.pingpong(port, amount)) * size,
  send: async (port, amount) => Number(await guest.pour(port, BigInt(amount))),
  receive: async (port, amount) => Number(await guest.drain(port, BigInt(amount))),
};
if (work === "create") report(performance.now() / 1000, guest.create());
else await time(works[work]!);
exit(); // the shims' threads would keep the process
