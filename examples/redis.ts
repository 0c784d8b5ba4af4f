// node build/examples/redis.js HOST PORT: a Redis client that takes commands line by line, until Ctrl+D.

import { isIPv6 } from "node:net";
import { createInterface } from "node:readline";
import { check, loadGuest, usage } from "./guest.js";

const [host, port] = process.argv.slice(2);
if (host === undefined || port === undefined) usage("redis.js HOST PORT");

const endpoint = `tcp:${isIPv6(host) ? `[${host}]` : host}:${port}`;
const guest = await loadGuest("redis", { allow: { connect: [endpoint] } });
check(guest.call("open", host, Number(port)), host);
for await (const line of createInterface(process.stdin)) {
  check(guest.call("command", line), line);
}
guest.dispose();
