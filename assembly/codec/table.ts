// Tables of what has a name and a kind: rows of symbol, number, kind, in static memory.

/** A table: pointers to strings and numbers in turn. Each is @lazy: a guest has in it those alone that it looks into. */
export type Table = StaticArray<usize>;

/**
 * The address of a table. What looks something up walks from there: AssemblyScript writes a reference down for its
 * collector whenever it is used, and a look-up took three times as long.
 */
export type Rows = usize;

/** What stands where in a row; a table without kinds has none. */
export const enum Row {
  symbol = 0,
  number = sizeof<usize>(),
  kind = 2 * sizeof<usize>(),
}

/** Columns of a table with kinds. */
export const COLUMNS: i32 = 3;

const NONE: Table = [];

/** The table of a level that has none. */
@inline
export function nothing(): Rows {
  return changetype<Rows>(NONE);
}

/** The end of a table: how many bytes it has, rtSize of AssemblyScript's header, stands right before the first. */
@inline
export function endOf(rows: Rows): usize {
  return rows + load<u32>(rows - sizeof<u32>());
}

/**
 * The kind in the row of a number.
 *
 * @param otherwise what is returned where the table does not hold the number
 */
export function kindOf(rows: Rows, number: i32, otherwise: i32): i32 {
  const end = endOf(rows);
  for (let row = rows; row < end; row += COLUMNS * sizeof<usize>()) {
    if (load<i32>(row, Row.number) == number) return load<i32>(row, Row.kind);
  }
  return otherwise;
}
