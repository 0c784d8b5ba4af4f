// Tables of what has a name and a kind: rows of symbol, number, kind, in static memory.

/** A table: pointers to strings and numbers in turn. */
export type Table = StaticArray<usize>;

/** Columns of a table with kinds. */
export const COLUMNS: i32 = 3;

/** The table of a level that has none. */
export const NOTHING: Table = [];

/**
 * The kind in the row of a number.
 *
 * @param otherwise what is returned where the table does not hold the number
 */
export function kindOf(table: Table, number: i32, otherwise: i32): i32 {
  for (let i = 1; i < table.length; i += COLUMNS) {
    if (<i32>table[i] == number) return <i32>table[i + 1];
  }
  return otherwise;
}
