// A guest's own end, wherever in it that is said.

/** What is thrown through a guest that exits. */
export class Exit extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}
