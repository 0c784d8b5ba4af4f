// The constants in the assembly that a C compiler writes.

/** Bytes of the numbers of a directive of as(1). */
const SIZES: Readonly<Record<string, number>> = {
  byte: 1,
  short: 2,
  hword: 2,
  long: 4,
  word: 4,
  quad: 8,
  xword: 8,
};

/** The bytes of a string of as(1), whose escapes are octal, or of one letter. */
function stringBytes(text: string): number[] {
  const letters: Readonly<Record<string, number>> = { b: 8, f: 12, n: 10, r: 13, t: 9 };
  return Array.from(text.matchAll(/\\([0-7]{1,3})|\\(.)|[^]/g), ([all, octal, letter]) =>
    octal !== undefined
      ? Number.parseInt(octal, 8)
      : letter !== undefined
        ? (letters[letter] ?? letter.charCodeAt(0))
        : all.charCodeAt(0),
  );
}

/** Bytes of a number, the lowest first. */
const numberBytes = (value: bigint, size: number): number[] =>
  Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));

/**
 * The constants of C in assembly.
 *
 * @param assembly of clang, for a machine whose lowest byte is first
 * @returns the bytes of each, by its name
 * @throws Error for a directive of data that is none of those that clang writes for structs
 */
export function constantsIn(assembly: string): ReadonlyMap<string, Buffer> {
  const constants = new Map<string, number[]>();
  let current: number[] | undefined;
  for (const line of assembly.split("\n")) {
    const label = /^(\w+):/.exec(line)?.[1];
    if (label !== undefined) constants.set(label, (current = []));
    const [, directive, operand] = /^\s+\.(\w+)\s+("(?:\\.|[^"\\])*"|-?\w+)/.exec(line) ?? [];
    if (current === undefined || directive === undefined || operand === undefined) continue;
    const size = SIZES[directive];
    if (size !== undefined) current.push(...numberBytes(BigInt(operand), size));
    else if (directive === "zero") current.push(...Array<number>(Number(operand)).fill(0));
    else if (directive === "ascii") current.push(...stringBytes(operand.slice(1, -1)));
    else if (directive === "asciz") current.push(...stringBytes(operand.slice(1, -1)), 0);
    else if (!/^(?:type|section|globl|p2align|size|ident|addrsig\w*|file)$/.test(directive)) {
      throw new Error(`what .${directive} is, this does not know`);
    }
  }
  return new Map(Array.from(constants, ([name, bytes]) => [name, Buffer.from(bytes)]));
}
