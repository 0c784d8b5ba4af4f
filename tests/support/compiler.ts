// The C compiler of this machine.

import { execFileSync } from "node:child_process";
import { complete, glibc } from "./system.js";

/** The C compiler, or why there is none. CI must have one: without it these tests are skipped by name. */
export const compiler: { command: string } | { missing: string } = find();

function find(): typeof compiler {
  if (!glibc) return { missing: "no C compiler of Linux with glibc" };
  for (const command of ["cc", "gcc", "clang"]) {
    try {
      execFileSync(command, ["--version"], { stdio: "ignore" });
      return { command };
    } catch {
      // try the next one
    }
  }
  if (complete) throw new Error("CI must have a C compiler: cc, gcc or clang");
  return { missing: "no C compiler: install cc, gcc or clang" };
}
