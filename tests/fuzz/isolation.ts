// A network namespace of its own for a child whose guests may reach everything, and no right outside it.

import { spawnSync } from "node:child_process";

/** Who a child is that has no rights: nobody. */
const NOBODY = "65534";

/** What puts a command into it; undefined where this machine cannot. */
export function isolation(): readonly string[] | undefined {
  const root = process.getuid?.() === 0;
  const drop = root ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"] : [];
  const enter = ["unshare", "--user", "--map-root-user", "--net"];
  const prefix = [...drop, ...enter, "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
  const [command, ...args] = prefix;
  return spawnSync(command!, [...args, "true"]).status === 0 ? prefix : undefined;
}
