// The bytes that the codecs are tested with, held against what a compiler makes of the same structs by the headers of each
// system: Windows by those of MinGW-w64 and of Wine, Linux by those of musl, on this machine, and of glibc on arm64. Nothing is run.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { constantsIn } from "./support/assembly.js";
import { bytesOf } from "./support/encodings.js";
import {
  addresses,
  answer,
  header,
  hints,
  polled,
  sent,
  values,
  vectors,
} from "./support/goldens.js";
import { headers, machine, noLists } from "./support/lists.js";
import { complete } from "./support/system.js";

const source = fileURLToPath(new URL("c/encodings.c", import.meta.url));
const goldens = { ...addresses, hints, answer, ...values, header, vectors, polled, ...sent };
const names = Object.keys(goldens) as (keyof typeof goldens)[];

/** Why there is no compiler for other systems here: "" where there is one. CI must have it. */
const noClang = missing();

function missing(): string {
  try {
    execFileSync("clang", ["--version"], { stdio: "ignore" });
    return noLists;
  } catch {
    if (complete) throw new Error("CI must have clang");
    return "no clang: install it";
  }
}

interface Compiled {
  readonly system: "LINUX" | "WINDOWS";
  /** What clang calls the system. */
  readonly target: string;
  readonly headers: readonly string[];
  /** The structs that these headers do not have. */
  readonly without?: readonly (typeof names)[number][];
}

const mingw = [headers("share", "mingw-w64", "include")];
const wine = ["windows", "msvcrt"].map((name) => headers("include", "wine", "wine", name));
const compiled: Readonly<Record<string, Compiled>> = {
  "Windows on x64, by MinGW-w64": { system: "WINDOWS", target: "x86_64-w64-mingw32", headers: mingw },
  "Windows on arm64, by MinGW-w64": { system: "WINDOWS", target: "aarch64-w64-mingw32", headers: mingw },
  "Windows on x64, by Wine": {
    system: "WINDOWS",
    target: "x86_64-w64-mingw32",
    headers: wine,
    without: ["path", "group", "group_source"],
  },
  "Linux, by musl": {
    system: "LINUX",
    target: `${machine}-linux-musl`,
    headers: [headers("include", `${machine}-linux-musl`)],
  },
  "Linux on arm64, by glibc": {
    system: "LINUX",
    target: "aarch64-linux-gnu",
    headers: [headers("aarch64-linux-gnu", "include")],
  },
}; // prettier-ignore

describe.skipIf(noClang !== "")(`held against a compiler${noClang && ` (${noClang})`}`, () => {
  describe.each(Object.entries(compiled))("%s", (_, { system, target, headers, without = [] }) => {
    let constants: ReturnType<typeof constantsIn>;
    beforeAll(() => {
      const own = execFileSync("clang", ["-print-resource-dir"], { encoding: "utf8" }).trim();
      const include = [`${own}/include`, ...headers];
      constants = constantsIn(
        execFileSync(
          "clang",
          [
            ...["-S", "-O1", "-o", "-", `--target=${target}`, "-Werror", "-Wno-gnu", "-nostdinc"],
            ...include.flatMap((directory) => ["-isystem", directory]),
            source,
          ],
          { encoding: "utf8" },
        ),
      );
    });

    test.each(names.filter((name) => !without.includes(name) && goldens[name][system] !== null))(
      "%s",
      (name) => {
        const golden = bytesOf(goldens[name][system]!).toString("hex");
        const bytes = constants.get(name)!.toString("hex");
        // A path is as long as it is, in a struct that has room for more.
        expect(name === "path" ? bytes.replace(/(?:00)+$/, "00") : bytes).toBe(golden);
      },
    );

    test("no other struct is left out", () => {
      const left = names.filter((name) => !constants.has(name) && goldens[name][system] !== null);
      expect(left).toEqual(without);
    });
  });
});
