// node build/examples/mdns.js NAME INTERFACE: finds a host of the local network by its name, such as
// `mdns.js printer.local eth0`.

import { check, startGuest, usage } from "./guest.js";

const [name, device] = process.argv.slice(2);
if (name === undefined || device === undefined) usage("mdns.js NAME INTERFACE");

const group = ["udp:224.0.0.251:5353"];
const guest = startGuest("mdns", { bind: group, connect: group }, [["main", name, device]], {
  print: console.log,
});
check(await guest.result(), name);
await guest.ended;
