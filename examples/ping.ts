// node build/examples/ping.js ADDRESS [COUNT]: ICMP echo, as ping(8). Needs root, or a group in
// net.ipv4.ping_group_range.

import { check, startGuest, usage } from "./guest.js";

const [address, count = "4"] = process.argv.slice(2);
if (address === undefined) usage("ping.js ADDRESS [COUNT]");

// No list allows ICMP: only a guest that is trusted with everything may open such a socket.
const guest = startGuest("ping", true, [["main", address, Number(count)]], { print: console.log });
const received = check(await guest.result(), "ping");
await guest.ended;
process.exitCode = received > 0 ? 0 : 1;
