// node build/examples/proxy.js PORT DESTINATION...: an HTTP proxy on 127.0.0.1 to the destinations that are named, such
// as "tcp:127.0.0.1:8080" or "*.example.com:443", until Ctrl+C.

import { waker } from "wasi-sockets";
import { check, startGuest, usage } from "./guest.js";

const [port, ...destinations] = process.argv.slice(2);
if (port === undefined || destinations.length === 0) usage("proxy.js PORT DESTINATION...");

const interrupt = await waker();
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    interrupt.wake();
  });
}

/** The names among the destinations, which it may look up; an address needs no permission to be read. */
const names = destinations
  .map((destination) => destination.replace(/^tcp:/, "").replace(/:[^:]*$/, ""))
  .filter((host) => !/^[\d.]+$|^\[|^\*$/.test(host));

const allow = { bind: [`tcp:127.0.0.1:${port}`], connect: destinations, resolve: names };
const guest = startGuest("proxy", allow, [["open", Number(port)], ["serve"]], {
  wake: interrupt.descriptor,
});
console.log(`listening on 127.0.0.1:${check(await guest.result(), "open")}`);
console.log(`served ${check(await guest.result(), "serve")} connections`);
await guest.ended;
interrupt.dispose();
