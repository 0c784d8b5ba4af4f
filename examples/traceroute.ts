// node build/examples/traceroute.js ADDRESS [HOPS]: the routers on the way to an address, IPv4 or IPv6.
// Needs no privileges.

import { isIPv6 } from "node:net";
import { check, startGuest, usage } from "./guest.js";

/** Where traceroute(8) begins, and nobody listens. */
const PORT = 33434;

const [address, hops = "30"] = process.argv.slice(2);
if (address === undefined) usage("traceroute.js ADDRESS [HOPS]");

const allow = { connect: [`udp:${isIPv6(address) ? `[${address}]` : address}:${PORT}`] };
const guest = startGuest("traceroute", allow, [["main", address, PORT, Number(hops)]], {
  print: console.log,
});
const distance = check(await guest.result(), "traceroute");
await guest.ended;
console.log(`${address} is ${distance} hops away`);
