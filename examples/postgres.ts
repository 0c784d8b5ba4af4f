// PGPASSWORD=… node build/examples/postgres.js HOST PORT USER DATABASE: a PostgreSQL client that takes queries line by
// line, until Ctrl+D.

import { isIPv6 } from "node:net";
import { createInterface } from "node:readline";
import { check, loadGuest, usage } from "./guest.js";

const [host, port, user, database] = process.argv.slice(2);
if (host === undefined || port === undefined || user === undefined || database === undefined) {
  usage("postgres.js HOST PORT USER DATABASE");
}

const endpoint = `tcp:${isIPv6(host) ? `[${host}]` : host}:${port}`;
const guest = await loadGuest("postgres", { allow: { connect: [endpoint] } });
const password = process.env["PGPASSWORD"] ?? "";
check(guest.call("open", host, Number(port), user, password, database), user);
for await (const line of createInterface(process.stdin)) {
  check(guest.call("query", line), line);
}
check(guest.call("end"), "end");
guest.dispose();
