// The thread of a guest: it hosts the guest, runs it, and says how that went.

import { parentPort } from "node:worker_threads";
import { Exit } from "../exit.js";
import { pack, type Outcome } from "./setup.js";
import { endFromWithin, setup, shared } from "./thread.js";

/** Loads what runs the guest, which no other guest needs to wait for, and runs it: its exit code. */
async function start(): Promise<number> {
  const { code } = setup;
  if (code.kind === "module") {
    const { runModule } = await import("./module.js");
    shared.started();
    return runModule(code);
  }
  const { runComponent } = await import("./component.js");
  shared.started();
  return runComponent(code);
}

async function run(): Promise<Outcome> {
  try {
    return { code: await start() };
  } catch (error) {
    return error instanceof Exit ? { code: error.code } : { thrown: pack(error) };
  }
}

if (setup.wait === "suspend") endFromWithin();
parentPort!.postMessage(await run());
// What a component has left waiting on the event loop does not keep its thread.
if (setup.code.kind === "component") process.exit();
