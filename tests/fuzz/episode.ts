// The life of one fuzzed guest, as its seed decides it.

import type { Abi } from "./abi.js";
import { Generator } from "./generator.js";
import { Random } from "./random.js";
import type { Step } from "./step.js";

/** How many calls a guest makes. */
export const EPISODE = 400;

/**
 * Makes the steps of a guest.
 *
 * @param seed of the run
 * @param number of the guest within it
 * @param calls how many it makes
 */
export function episode(
  abis: readonly Abi[],
  seed: number,
  number: number,
  calls = EPISODE,
): Step[] {
  const random = new Random(seed, number);
  const generator = new Generator(random);
  for (const { open } of abis) open?.(generator);
  const names = abis.flatMap(({ module, imports }) =>
    Object.entries(imports).flatMap(([name, imported]) =>
      new Array<readonly [string, typeof imported]>(imported.weight ?? 1).fill([
        `${module}.${name}`,
        imported,
      ]),
    ),
  );
  const opening = generator.steps.filter(([kind]) => kind === "call").length;
  for (let i = opening; i < calls; i++) {
    generator.honest = false;
    generator.between();
    generator.honest = random.once(2);
    const [name, imported] = random.oneOf(names);
    generator.call(name, imported.arguments(generator));
  }
  return generator.steps;
}
