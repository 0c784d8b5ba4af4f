// The functions that the host calls on macOS, FreeBSD and Windows, held against lists of others: what is named must be there.
// On Windows they are called as well, tests/windows.test.ts.

import { prototypes as bsd, variadic } from "#host/compat/bsd/prototypes";
import { prototypes as windows } from "#host/compat/windows/prototypes";
import { describe, expect, test } from "vitest";
import { dllFunctions, noLists, rustFunctions } from "./support/lists.js";

/** What libc of Rust does not declare, although the systems have it: sys/socket.h. */
const UNDECLARED = ["sockatmark"];

describe.skipIf(noLists !== "")(`held against lists${noLists && ` (${noLists})`}`, () => {
  test.each(["darwin", "freebsd"] as const)("%s has every function that is called", (name) => {
    const functions = rustFunctions(name);
    const called = Object.keys({ ...bsd, ...variadic });
    expect(called.length).toBeGreaterThan(30);
    expect(called.filter((call) => !functions.has(call))).toEqual(UNDECLARED);
  });

  test("the DLLs of Windows have every function that is called", () => {
    for (const [dll, functions] of Object.entries(windows)) {
      const there = dllFunctions(dll);
      expect(
        Object.keys(functions).filter((name) => !there.has(name)),
        dll,
      ).toEqual([]);
      expect(there.size).toBeGreaterThan(Object.keys(functions).length);
    }
  });
});
