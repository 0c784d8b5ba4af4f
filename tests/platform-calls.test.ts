// The names of the calls of macOS, FreeBSD and Windows in host/platform, held against lists of others: nothing of them is
// run here.

import { clib, ctext, libc, resolver } from "#host/libc";
import { systems } from "#host/platform/index";
import { describe, expect, test } from "vitest";
import { dllFunctions, noLists, rustFunctions } from "./support/lists.js";

test("the calls are those that the host makes on Linux, but for what only moves memory", () => {
  const glibcs = ["getaddrinfo_a", "gai_cancel", "gai_error", "gai_suspend"];
  if (resolver !== null) expect(Object.keys(resolver)).toEqual(glibcs);
  const made = [...Object.keys({ ...libc, ...clib, ...ctext }), ...glibcs];
  const memory = ["free", "malloc", "memcpy", "strnlen"];
  for (const system of Object.values(systems)) {
    expect(Object.keys(system.calls).sort()).toEqual(
      made.filter((name) => !memory.includes(name)).sort(),
    );
  }
});

/** What libc of Rust does not declare, although the system has it: sys/socket.h, sys/eventfd.h. */
const undeclared = {
  darwin: ["sockatmark"],
  freebsd: ["eventfd", "eventfd_read", "eventfd_write", "sockatmark"],
};

describe.skipIf(noLists !== "")(`held against lists${noLists && ` (${noLists})`}`, () => {
  test.each(["darwin", "freebsd"] as const)(
    "%s has what is named, and not what is null",
    (name) => {
      const functions = rustFunctions(name);
      const { calls, others } = systems[name]!;
      const named = Object.values(calls).filter((call) => call !== null);
      expect(named.filter((call) => !functions.has(call)).sort()).toEqual(undeclared[name]);
      const absent = Object.entries(calls).filter(([, call]) => call === null);
      expect(absent.filter(([call]) => functions.has(call))).toEqual([]);
      const needed = [others.start, others.error, others.nonBlocking, others.readiness];
      expect(needed.filter((call) => call !== null && !functions.has(call))).toEqual([]);
    },
  );

  test("the DLLs of Windows have what is named, and not what is null", () => {
    const { library, calls, others } = systems.win32!;
    const lacks = (name: string): boolean => {
      const [dll, call] = name.includes("!") ? name.split("!") : [library, name];
      return !dllFunctions(dll!).has(call!);
    };
    const named = [...Object.values(calls), ...(Object.values(others) as (string | null)[])];
    expect(named.filter((call) => call !== null && lacks(call))).toEqual([]);
    const absent = Object.entries(calls).filter(([, call]) => call === null);
    expect(absent.filter(([call]) => !lacks(call))).toEqual([]);
    expect(dllFunctions(library).size).toBeGreaterThan(100);
  });
});
