// node build/examples/dns.js SERVER NAME [TYPE] [PORT]: asks a DNS server for A, AAAA, CNAME, NS, PTR or TXT
// records.

import { isIPv6 } from "node:net";
import { check, startGuest, usage } from "./guest.js";

const [server, name, type = "A", port = "53"] = process.argv.slice(2);
if (server === undefined || name === undefined) usage("dns.js SERVER NAME [TYPE] [PORT]");

const endpoint = `${isIPv6(server) ? `[${server}]` : server}:${port}`;
const allow = { connect: [`udp:${endpoint}`, `tcp:${endpoint}`] };
const guest = startGuest("dns", allow, [["main", server, Number(port), name, type]], {
  print: console.log,
});
check(await guest.result(), name);
await guest.ended;
