// node build/examples/pass.js: one guest accepts a connection, another answers it line by line in capitals.
// The second may connect to the Unix socket and to nothing else: the connection is given to it.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, startGuest } from "./guest.js";

const directory = await mkdtemp(join(tmpdir(), "wasi-sockets-pass-"));
try {
  const path = join(directory, "socket");
  const endpoint = `unix:${path}`;

  const mayBind = { bind: ["tcp:127.0.0.1:0", endpoint] };
  const sender = startGuest("pass", mayBind, [["open", path], ["pass"]]);
  const port = check(await sender.result(), "open");

  const mayConnect = { connect: [endpoint] };
  const receiver = startGuest("pass", mayConnect, [["serve", path]], { print: console.log });
  console.log(`listening on 127.0.0.1:${port}`);

  check(await sender.result(), "pass");
  await sender.ended;
  console.log("the sender has ended");
  check(await receiver.result(), "serve");
  await receiver.ended;
} finally {
  await rm(directory, { recursive: true });
}
