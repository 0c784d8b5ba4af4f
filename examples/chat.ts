// node build/examples/chat.js NAME GROUP INTERFACE [PORT]: a chat by multicast, IPv4 or IPv6, such as
// `chat.js ada 239.1.2.3 eth0` or `chat.js bob ff02::1234 eth0`. What is typed is said, until Ctrl+D.

import { isIPv6 } from "node:net";
import { createInterface } from "node:readline";
import { waker } from "wasi-sockets";
import { check, loadGuest, startGuest, usage } from "./guest.js";

const [name, group, device, port = "7777"] = process.argv.slice(2);
if (name === undefined || group === undefined || device === undefined) {
  usage("chat.js NAME GROUP INTERFACE [PORT]");
}
const place = [group, Number(port), device] as const;
const endpoint = `udp:${isIPv6(group) ? `[${group}]` : group}:${port}`;

const interrupt = await waker();
const ear = startGuest("chat", { bind: [endpoint] }, [["join", ...place], ["hear"]], {
  print: console.log,
  wake: interrupt.descriptor,
});
check(await ear.result(), "join");

const mouth = await loadGuest("chat", { allow: { connect: [endpoint] } });
check(mouth.call("open", ...place), "open");
console.log(`${name} has joined ${group}`);
for await (const line of createInterface(process.stdin)) {
  check(mouth.call("say", `${name}: ${line}`), "say");
}
mouth.dispose();

interrupt.wake();
check(await ear.result(), "hear");
await ear.ended;
interrupt.dispose();
