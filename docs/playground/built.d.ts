// What docs/build.ts puts into the page.

/** A file's bytes, in the bundle itself: the page is opened from a disk as well, where nothing can be fetched. */
declare module "*.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

/** The structs of assembly/platform: bytes from their start by system, struct and field, and `sizeof`. */
declare const LAYOUTS: Readonly<
  Record<"darwin" | "freebsd" | "win32", Readonly<Record<string, Readonly<Record<string, number>>>>>
>;
