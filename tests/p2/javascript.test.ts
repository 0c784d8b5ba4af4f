// A component that jco makes of JavaScript, with QuickJS in it: made and run by the commands of docs/guests.md.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { client, linkJco, makeClient, makeFolder, missing } from "../support/components.js";
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
    await makeClient(folder.path);
    await linkJco(folder.path);
    await using server = await nodeServer(loopback("inet"), "echo");
    const { port } = server.address as { port: number };
    const args = client.run.map((arg) => arg.replace("7000", String(port)));
    const options = { cwd: folder.path };
    const { stdout, stderr } = await execute(node!, [cli, ...args], options);
    expect({ stdout, stderr }).toEqual({ stdout: "hello", stderr: "" });
    const bare = args.filter((arg) => !/^--allow-connect$|^tcp:/.test(arg));
    const refused = execute(node!, [cli, ...bare.toSpliced(1, 0, "--trace")], options);
    await expect(refused).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/start-connect\(.*\) = access-denied/) as string,
    });
  },
);
