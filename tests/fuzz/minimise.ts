// Makes a list of steps shorter for as long as it still fails.

/**
 * Leaves out parts of a list, halves first and single steps last, that its failure does not need.
 *
 * @param list what fails
 * @param fails whether a list fails
 * @param tries how often it may be asked
 * @returns a shorter list that fails, or the same one
 */
export async function minimise<Item>(
  list: readonly Item[],
  fails: (list: readonly Item[]) => Promise<boolean>,
  tries = 300,
): Promise<readonly Item[]> {
  let left = tries;
  let shortest = list;
  for (
    let size = Math.ceil(list.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < shortest.length && left > 0; left--) {
      const rest = [...shortest.slice(0, at), ...shortest.slice(at + size)];
      if (await fails(rest)) shortest = rest;
      else at += size;
    }
  }
  return shortest;
}
