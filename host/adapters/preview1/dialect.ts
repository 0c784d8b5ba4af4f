// Which of several functions of one name a guest means: the number of parameters that it imports it with.

/** A function of a guest's imports. */
type Import = (...args: never[]) => unknown;

/** What stands between a name and a number of parameters. */
const SEPARATOR = "/";

/** What stands behind the names of functions that WasmEdge has twice. */
const SECOND_VERSION = "_v2";

/** A function that asks how many arguments it is called with: JavaScript is given as many as a guest's type has. */
function byArguments(variants: ReadonlyMap<number, Import>): Import {
  const [first] = variants.values();
  return (...args) => (variants.get(args.length) ?? first!)(...args);
}

/**
 * Gives each name the one function that a guest means.
 *
 * @param calls functions by their names, or by `name/parameters` where those differ
 * @param parametersOf how many parameters a guest imports a name with, where that is known: then nothing is asked
 *   when it is called
 */
export function choose(
  calls: Readonly<Record<string, Import>>,
  parametersOf: (name: string) => number | undefined,
): Record<string, Import> {
  const names = new Map<string, Map<number, Import>>();
  const chosen: Record<string, Import> = {};
  for (const [key, call] of Object.entries(calls)) {
    const [name, parameters] = key.split(SEPARATOR) as [string, string?];
    if (parameters === undefined) chosen[name] = call;
    else
      names.set(name, (names.get(name) ?? new Map<number, Import>()).set(Number(parameters), call));
  }
  for (const [name, variants] of names) {
    chosen[name] = variants.get(parametersOf(name) ?? -1) ?? byArguments(variants);
  }
  for (const name of [...Object.keys(chosen)]) {
    if (!/^(sock|epoll)_/.test(name) || name.endsWith(SECOND_VERSION)) continue;
    const known = parametersOf(name + SECOND_VERSION);
    const variants = names.get(name);
    chosen[name + SECOND_VERSION] =
      variants === undefined ? chosen[name]! : (variants.get(known ?? -1) ?? byArguments(variants));
  }
  return chosen;
}
