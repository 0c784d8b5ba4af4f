// A component that jco makes of JavaScript, with QuickJS in it: run by the command line.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { linkJco, makeClient, makeFolder, missing } from "../support/components.js";
import { newerNode } from "../support/nodes.js";
import { nodeServer } from "../support/peers.js";
import { loopback } from "../support/sockets.js";

const execute = promisify(execFile);
const cli = fileURLToPath(new URL("../../build/host/cli.js", import.meta.url));

// QuickJS is compiled with constant expressions that Node 20 does not know.
const node = newerNode(24);
const reason = missing ?? (node === undefined ? "no Node 24: npm run nodes" : undefined);
if (reason !== undefined) console.warn(`left out: ${reason}`);

test.skipIf(reason !== undefined)(
  "a client in JavaScript talks to whom it is allowed to, and to nobody else",
  async () => {
    await using folder = await makeFolder();
    const client = await makeClient(folder.path);
    await linkJco(folder.path);
    await using server = await nodeServer(loopback("inet"), "echo");
    const { port } = server.address as { port: number };
    const args = [join(folder.path, client), String(port), "hello from JavaScript"];
    const allow = ["--allow-connect", `tcp:127.0.0.1:${port}`];
    const { stdout, stderr } = await execute(node!, [cli, "run", ...allow, ...args]);
    expect({ stdout, stderr }).toEqual({ stdout: "hello from JavaScript", stderr: "" });
    const refused = execute(node!, [cli, "run", "--trace", ...args]);
    await expect(refused).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/start-connect\(.*\) = access-denied/) as string,
    });
  },
);
