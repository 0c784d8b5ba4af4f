// Times a work as a program of Node's own would do it: node.js WORK PORT AMOUNT SIZE.

import { argv } from "node:process";
import { accepts, connects } from "./connection.js";
import { lookups } from "./lookup.js";
import { addresses } from "./sockaddr.js";
import { pingpong, receive, send } from "./tcp.js";
import { datagrams } from "./udp.js";
import { unixPingpong, unixReceive, unixSend } from "./unix.js";
import { answers, controls, flags } from "./values.js";
import { time, type Work } from "./work.js";

const works: Record<string, Work> = {
  pingpong,
  send,
  receive,
  unixPingpong,
  unixSend,
  unixReceive,
  datagrams,
  connects,
  accepts,
  lookups,
  addresses,
  flags,
  answers,
  controls,
};
await time(works[argv[2]!]!);
