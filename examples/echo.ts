// node build/examples/echo.js [PORT]: an echo server on 127.0.0.1, until Ctrl+C.

import { waker } from "wasi-sockets";
import { check, startGuest } from "./guest.js";

const port = Number(process.argv[2] ?? 0);

const interrupt = await waker();
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    interrupt.wake();
  });
}

const allow = { bind: [`tcp:127.0.0.1:${port}`] };
const guest = startGuest("echo", allow, [["open", port], ["serve"]], {
  wake: interrupt.descriptor,
});
console.log(`listening on 127.0.0.1:${check(await guest.result(), "open")}`);
console.log(`served ${check(await guest.result(), "serve")} connections`);
await guest.ended;
interrupt.dispose();
