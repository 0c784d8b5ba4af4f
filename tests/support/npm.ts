// npm, as a program that Node can start without a shell: Windows has no npm, but npm.cmd.

import { env, execPath } from "node:process";

const script = env["npm_execpath"];

/** Its command and first arguments: the script and the Node that npm itself has named, where it runs us. */
export const npm: readonly [string, ...string[]] =
  script === undefined ? ["npm"] : [env["npm_node_execpath"] ?? execPath, script];
