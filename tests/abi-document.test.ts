// docs/abi.md says what the code says: every function with its parameters, every struct with its offsets.

import { readFileSync } from "node:fs";
import { marshal } from "#host/marshal";
import { expect, test } from "vitest";

const text = readFileSync(new URL("../docs/abi.md", import.meta.url), "utf8");
const library = readFileSync(new URL("../assembly/bsd.ts", import.meta.url), "utf8");

/** The imports of the guest library, by name, with how many parameters each has. */
const imports = Array.from(
  library.matchAll(/@external\("bsd_sockets_v1", "(\w+)"\)\s*declare function \w+\(([^)]*)\)/g),
  ([, name, parameters]) => [name!, parameters!.split(":").length - 1] as const,
);
const headings = Array.from(
  text.matchAll(/^#### `(\w+)\(([^)]*)\)`$/gm),
  ([, name, parameters]) => [name!, parameters!.split(", ").length] as const,
);

test("every function is there, with as many parameters as the library gives it, and no other", () => {
  expect(imports.length).toBeGreaterThan(30);
  expect(Object.fromEntries(headings)).toEqual(Object.fromEntries(imports));
});

/** The numbers above a drawing, which are offsets and the size, by the struct that stands before it. */
const drawings = new Map(
  Array.from(
    text.matchAll(/struct (\w+)(?:(?!struct \w+, )[^])*?\n```\n([\d ]+)\n\+/g),
    ([, name, ruler]) => [name!, ruler!.trim().split(/ +/).map(Number)] as const,
  ),
);

type Layout = Readonly<Record<string, number>>;
const layouts = Object.entries(marshal as unknown as Record<string, Layout>).filter(
  ([name, value]) =>
    typeof value === "object" &&
    "sizeof" in value &&
    // What only a host has, what has no drawing for its length, and the names of the other drawings' parts.
    !/^native_|^packed_|^(preview1|wasmedge|wamr|result)_|^(tcp_info|mmsghdr|group_req)$/.test(
      name,
    ),
);

test("the drawings are those of the structs that a guest has", () => {
  expect(layouts.length).toBeGreaterThan(18);
  expect([...drawings.keys()].sort()).toEqual(layouts.map(([name]) => name).sort());
});

test.each(layouts)("struct %s is drawn with its offsets and its size", (name, layout) => {
  const ruler = drawings.get(name)!;
  for (const [field, offset] of Object.entries(layout)) {
    // What has no end of its own: a header before data.
    expect(ruler, field).toContain(offset);
  }
});

test("the numbers of the prose are those of the code", () => {
  const { CONTROL_MAX, IOV_MAX, SOCKADDR_MAX, BLOCK_SIZE, TEXT_SIZE } = marshal;
  expect(text).toContain(`more than ${SOCKADDR_MAX} bytes is EINVAL`);
  expect(text).toContain(`${IOV_MAX} vectors and ${CONTROL_MAX} bytes of control data`);
  expect(text).toContain(`an option value of more than ${BLOCK_SIZE} bytes`);
  expect(text).toContain(`without a NUL in ${TEXT_SIZE} bytes`);
});
