// The results of functions that a component imports, as its core module has them: the canonical ABI of the
// component model, for wasm32.

/**
 * result<list<u8>, stream-error>; and of a result without a value the first two words.
 *
 *      0     4         8        12
 *      +-----+---------+--------+
 *      | tag | pointer | length |    ok
 *      +-----+---------+--------+
 *      | tag |  error  | handle |    err
 *      +-----+---------+--------+
 */
@unmanaged
class ResultList {
  tag: u32;
  pointer: u32;
  length: u32;
}

export const enum result_list {
  tag = offsetof<ResultList>("tag"),
  pointer = offsetof<ResultList>("pointer"),
  length = offsetof<ResultList>("length"),
  error = offsetof<ResultList>("pointer"),
  handle = offsetof<ResultList>("length"),
  sizeof = offsetof<ResultList>(),
}

/**
 * result<u64, stream-error>.
 *
 *      0     4     8          12       16
 *      +-----+-----+----------+--------+
 *      | tag |     |   value  :        |    ok
 *      +-----+-----+----------+--------+
 *      | tag |     |   error  | handle |    err
 *      +-----+-----+----------+--------+
 */
@unmanaged
class ResultU64 {
  tag: u32;
  unused: u32;
  error: u32;
  handle: u32;
}

export const enum result_u64 {
  tag = offsetof<ResultU64>("tag"),
  payload = offsetof<ResultU64>("error"),
  error = offsetof<ResultU64>("error"),
  handle = offsetof<ResultU64>("handle"),
  sizeof = offsetof<ResultU64>(),
}

/** The cases of a result. */
export const enum result_tag {
  OK = 0,
  ERR = 1,
}

/** The cases of wasi:io/streams' stream-error. */
export const enum stream_error {
  LAST_OPERATION_FAILED = 0,
  CLOSED = 1,
}
