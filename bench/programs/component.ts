// Times a work of a component of WASI 0.2 that jco has transpiled: component.js FILE WORK PORT AMOUNT SIZE.

import { argv, exit } from "node:process";
import { configure } from "wasi-sockets/p2";
import { time, type Work } from "./work.js";

/** What the component exports. */
interface Guest {
  pingpong(port: number, rounds: number): number;
  drain(port: number, wanted: bigint): bigint;
}

const [, , file, work] = argv as [string, string, string, string];
configure({ allow: { connect: true } });
const guest = (await import(file)) as Guest;

const works: Readonly<Record<string, Work>> = {
  pingpong: (port, amount, size) => guest.pingpong(port, amount) * size,
  receive: (port, amount) => Number(guest.drain(port, BigInt(amount))),
};
await time(works[work]!);
exit(); // preview2-shim's thread would keep the process
