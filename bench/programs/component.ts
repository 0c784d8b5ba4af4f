// Times a work of a component of WASI 0.2 that jco has transpiled: component.js FILE WORK PORT AMOUNT SIZE. The work
// "create" is making one socket: what that, loading the host and the component took.

import { argv, exit } from "node:process";
import { configure } from "wasi-sockets/p2";
import { report, time, type Work } from "./work.js";

/** What the component exports. */
interface Guest {
  pingpong(port: number, rounds: number): number;
  pour(port: number, amount: bigint): bigint;
  drain(port: number, wanted: bigint): bigint;
  create(): number;
}

const [, , file, work] = argv as [string, string, string, string];
configure({ allow: { connect: true } });
const guest = (await import(file)) as Guest;

const works: Readonly<Record<string, Work>> = {
  pingpong: (port, amount, size) => guest.pingpong(port, amount) * size,
  send: (port, amount) => Number(guest.pour(port, BigInt(amount))),
  receive: (port, amount) => Number(guest.drain(port, BigInt(amount))),
};
if (work === "create") report(performance.now() / 1000, guest.create());
else await time(works[work]!);
exit(); // preview2-shim's thread would keep the process
