// inet_pton and inet_ntop of build/marshal.wasm, held against libc's and against node:net.

import { isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { marshal, marshalBytes, readText, writeText } from "#host/marshal";
import { compileC, compiler, runC } from "./support/c.js";

/** Text that is an address: the text, its bytes, and how they print where that is different. */
type Row = [text: string, bytes: string, printed?: string];

const INET: Row[] = [
  ["0.0.0.0", "00000000"],
  ["1.2.3.4", "01020304"],
  ["9.10.99.100", "090a6364"],
  ["127.0.0.1", "7f000001"],
  ["192.0.2.200", "c00002c8"],
  ["255.255.255.255", "ffffffff"],
];

// prettier-ignore
const NOT_INET = [
  "", ".", "1", "127.1", "1.2.3", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4.", ".1.2.3.4", "1.2.3.4.5",
  "256.1.1.1", "1.1.1.256", "1.1.1.1000", "4294967296.1.1.1", "2130706433",
  "0x10.1.1.1", "01.2.3.4", "1.2.3.04", "00.0.0.0", "0.0.0.00",
  " 1.2.3.4", "1.2.3.4 ", "1.2.3.4\n", "1.2.3.-4", "+1.2.3.4", "1,2,3,4", "a.b.c.d", "1.2.3.4a",
  "1.2.3.4/8", "1.2.3.4:80", "1.2.3.4%lo", "::1", "::1.2.3.4", "localhost", "1.2.3.٤", "1．2．3．4",
];

const INET6: Row[] = [
  ["::", "0000 0000 0000 0000 0000 0000 0000 0000"],
  ["::1", "0000 0000 0000 0000 0000 0000 0000 0001"],
  ["1::", "0001 0000 0000 0000 0000 0000 0000 0000"],
  ["fe80::1:2", "fe80 0000 0000 0000 0000 0000 0001 0002"],
  ["1:2:3:4:5:6:7:8", "0001 0002 0003 0004 0005 0006 0007 0008"],
  ["0001:0002::", "0001 0002 0000 0000 0000 0000 0000 0000", "1:2::"],
  ["FE80::aBcD", "fe80 0000 0000 0000 0000 0000 0000 abcd", "fe80::abcd"],
  // "::" stands for one group at least, and prints for two at least.
  ["1:2:3:4:5:6:7::", "0001 0002 0003 0004 0005 0006 0007 0000", "1:2:3:4:5:6:7:0"],
  ["::2:3:4:5:6:7:8", "0000 0002 0003 0004 0005 0006 0007 0008", "0:2:3:4:5:6:7:8"],
  ["1:2::4:5:6:7:8", "0001 0002 0000 0004 0005 0006 0007 0008", "1:2:0:4:5:6:7:8"],
  // It prints for the longest run, and for the first of two that are as long.
  ["1:0:0:2:0:0:0:3", "0001 0000 0000 0002 0000 0000 0000 0003", "1:0:0:2::3"],
  ["2001:db8:0:0:1:0:0:1", "2001 0db8 0000 0000 0001 0000 0000 0001", "2001:db8::1:0:0:1"],
  ["1:0:0:2:3:4:0:0", "0001 0000 0000 0002 0003 0004 0000 0000", "1::2:3:4:0:0"],
  // Dotted decimal is read anywhere, and printed for IPv4-mapped and -compatible addresses.
  ["::ffff:192.0.2.1", "0000 0000 0000 0000 0000 ffff c000 0201"],
  ["::FFFF:C000:201", "0000 0000 0000 0000 0000 ffff c000 0201", "::ffff:192.0.2.1"],
  ["::ffff:0:0", "0000 0000 0000 0000 0000 ffff 0000 0000", "::ffff:0.0.0.0"],
  ["::192.0.2.1", "0000 0000 0000 0000 0000 0000 c000 0201"],
  ["::1:0", "0000 0000 0000 0000 0000 0000 0001 0000", "::0.1.0.0"],
  ["::0.0.0.2", "0000 0000 0000 0000 0000 0000 0000 0002", "::2"],
  ["::fffe:1.2.3.4", "0000 0000 0000 0000 0000 fffe 0102 0304", "::fffe:102:304"],
  ["64:ff9b::192.0.2.33", "0064 ff9b 0000 0000 0000 0000 c000 0221", "64:ff9b::c000:221"],
  ["1:2:3:4:5:6:1.2.3.4", "0001 0002 0003 0004 0005 0006 0102 0304", "1:2:3:4:5:6:102:304"],
];

// prettier-ignore
const NOT_INET6 = [
  "", ":", ":::", "1", "1:", ":1", ":1::", "1::2:", "1:::2", "::1::", "1::2::3", "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:", "1:2:3:4:5:6:7:8:", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
  "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", ":1:2:3:4:5:6:7:8", "12345::", "::00001", "g::", "::-1",
  "::1%lo", "::1%1", "fe80::1%", "[::1]", "::1/128", " ::1", "::1 ", "::1\n", "1.2.3.4", "1.2.3.4::",
  "::1.2.3", "::1.2.3.4.5", "::1.2.3.4.", "::1..2.3", "::256.1.1.1", "::01.2.3.4", "::0x10.1.1.1",
  "::a.2.3.4", "::1.2.3.4:5", "::1.2.3.4::", "::.1.2.3", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4",
  "::2:3:4:5:6:7:8:1.2.3.4", "1::3:4:5:6:7:1.2.3.4",
  "::１", "fe80：：1",
];

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Bytes as one would meet them: many zero groups, many IPv4 addresses inside. */
const inetBytes = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(hex);
const group = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.nat(0xf), fc.nat(0xffff));
const inet6Bytes = fc.oneof(
  fc
    .array(group, { minLength: 8, maxLength: 8 })
    .map((groups) => groups.map((value) => value.toString(16).padStart(4, "0")).join("")),
  fc
    .tuple(fc.constantFrom("ffff", "0000"), inetBytes)
    .map(([prefix, bytes]) => "0000".repeat(5) + prefix + bytes),
);

const CHARACTERS = "0123456789abcdefABCDEF.:.:.:gxX%/-+ \n\u00e9";
const character = fc.nat(CHARACTERS.length - 1).map((index) => CHARACTERS.charAt(index));

/** Text that is an address, or nearly, or not at all. */
function nearly(address: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const change = fc.record({
    address,
    at: fc.nat(40),
    removed: fc.nat(2),
    inserted: fc.string({ unit: character, maxLength: 2 }),
  });
  return fc.oneof(
    change.map((c) => c.address.slice(0, c.at) + c.inserted + c.address.slice(c.at + c.removed)),
    fc.string({ unit: character, maxLength: 46 }),
  );
}

const families = [
  {
    name: "IPv4",
    family: marshal.AF.INET,
    size: 4,
    rows: INET,
    refused: NOT_INET,
    accepts: isIPv4,
    bytes: inetBytes,
    text: nearly(fc.ipV4()),
  },
  {
    name: "IPv6",
    family: marshal.AF.INET6,
    size: 16,
    rows: INET6,
    refused: NOT_INET6,
    // node:net takes a zone, which inet_pton knows nothing of.
    accepts: (text: string) => isIPv6(text) && !text.includes("%"),
    bytes: inet6Bytes,
    text: nearly(fc.ipV6()),
  },
];

/** inet_pton: the bytes, or null where text is no address. */
function parse(family: number, size: number, text: string): string | null {
  const length = writeText(marshal, marshalBytes, text);
  if (!marshal.inet_pton(family, marshal.text, length, marshal.address)) return null;
  return hex(marshalBytes.slice(marshal.address, marshal.address + size));
}

/** inet_ntop. */
function print(family: number, bytes: string): string {
  marshalBytes.set(Buffer.from(bytes, "hex"), marshal.address);
  const length = marshal.inet_ntop(family, marshal.address, marshal.text);
  return readText(marshalBytes, marshal.text, length);
}

const skipped = "missing" in compiler ? ` (skipped: ${compiler.missing})` : "";

/** Reads lines of "parse" or "print", a family and hexadecimal bytes; answers each with one line. */
const REFERENCE = `
  #include <arpa/inet.h>
  #include <stdio.h>
  #include <string.h>

  int main(void) {
    char call[8], digits[1024];
    int family;
    while (scanf("%7s %d .%1023[0-9a-f]", call, &family, digits) >= 2) {
      char bytes[512] = {0}, out[INET6_ADDRSTRLEN] = {0};
      for (int i = 0; sscanf(digits + 2 * i, "%2hhx", bytes + i) == 1; i++);
      digits[0] = 0;
      int size = family == AF_INET ? 4 : 16;
      if (call[1] == 'r') puts(inet_ntop(family, bytes, out, sizeof out));
      else if (inet_pton(family, bytes, out) != 1) puts("null");
      else for (int i = 0; i < size; i++) printf("%02hhx%s", out[i], i < size - 1 ? "" : "\\n");
    }
    return 0;
  }
`;

test("a family that has no text is refused both ways", () => {
  expect(parse(marshal.AF.UNIX, 4, "127.0.0.1")).toBeNull();
  expect(print(marshal.AF.UNIX, "7f000001")).toBe("");
});

test("a NUL does not end the text", () => {
  expect(parse(marshal.AF.INET, 4, "127.0.0.1\0")).toBeNull();
  expect(parse(marshal.AF.INET6, 16, "::1\0")).toBeNull();
});

describe.each(families)("$name", ({ family, size, rows, refused, accepts, bytes, text }) => {
  test.each(rows)("%s is read and printed", (written, spaced, printed = written) => {
    const expected = spaced.replaceAll(" ", "");
    expect(accepts(written)).toBe(true);
    expect(parse(family, size, written)).toBe(expected);
    expect(print(family, expected)).toBe(printed);
    expect(parse(family, size, printed)).toBe(expected);
  });

  test.each(refused)("%j is refused", (written) => {
    expect(accepts(written)).toBe(false);
    expect(parse(family, size, written)).toBeNull();
  });

  test("any bytes print as text that node:net accepts and that reads as the same bytes", () => {
    fc.assert(
      fc.property(bytes, (address) => {
        const printed = print(family, address);
        expect(accepts(printed)).toBe(true);
        expect(parse(family, size, printed)).toBe(address);
      }),
      { numRuns: 2000 },
    );
  });

  test("any text is accepted exactly where node:net accepts it", () => {
    fc.assert(
      fc.property(text, (written) => {
        expect(parse(family, size, written) !== null).toBe(accepts(written));
      }),
      { numRuns: 5000 },
    );
  });

  describe.skipIf(skipped)(`and libc${skipped}`, () => {
    let program: string;

    beforeAll(async () => {
      program = await compileC("inet", REFERENCE);
    });

    /** What libc answers, in order; many questions at once, since each run is a process. */
    async function libc(call: "parse" | "print", questions: string[]): Promise<string[]> {
      const lines = questions.map((digits) => `${call} ${family} .${digits}\n`);
      return (await runC(program, [], lines.join(""))).split("\n").slice(0, -1);
    }

    const parseAll = (texts: string[]) => texts.map((t) => parse(family, size, t) ?? "null");
    const printAll = (addresses: string[]) => addresses.map((address) => print(family, address));
    const libcParses = (texts: string[]) => libc("parse", texts.map(utf8));
    const utf8 = (written: string) => hex(Buffer.from(written));

    test("read every row of the table alike", async () => {
      const texts = [...rows.map(([written]) => written), ...refused];
      expect(parseAll(texts)).toEqual(await libcParses(texts));
    });

    test("print every row of the table alike", async () => {
      const addresses = rows.map(([, spaced]) => spaced.replaceAll(" ", ""));
      expect(printAll(addresses)).toEqual(await libc("print", addresses));
    });

    test("read any text alike", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(text, { maxLength: 200, size: "max" }), async (texts) => {
          expect(parseAll(texts)).toEqual(await libcParses(texts));
        }),
        { numRuns: 50 },
      );
    });

    test("print any bytes alike", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(bytes, { maxLength: 200, size: "max" }), async (addresses) => {
          expect(printAll(addresses)).toEqual(await libc("print", addresses));
        }),
        { numRuns: 50 },
      );
    });
  });
});
