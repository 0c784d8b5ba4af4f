// A guest's second thread: it writes one of two addresses over a third, over and over, in a memory that it
// shares. Compiled without a runtime: nothing else may write there.

/**
 * @param first where one address stands
 * @param second where the other does
 * @param target where they are written
 * @param length bytes of each
 * @param stop a word that ends it when it is not 0
 */
export function flip(first: usize, second: usize, target: usize, length: usize, stop: usize): void {
  while (atomic.load<i32>(stop) == 0) {
    memory.copy(target, first, length);
    memory.copy(target, second, length);
  }
}
