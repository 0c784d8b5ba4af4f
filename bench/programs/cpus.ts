// Which CPUs a program of the bench may take beside the one that it is pinned to.

import { readFileSync } from "node:fs";

/** The numbers in a list of ranges, cpuset(7): "0-2,4". */
function numbers(list: string): number[] {
  return list.split(",").flatMap((range) => {
    const [first, last] = range.split("-").map(Number) as [number, number?];
    return Array.from({ length: (last ?? first) - first + 1 }, (_, i) => first + i);
  });
}

/** All that are online. */
export function allCpus(): number[] {
  return numbers(readFileSync("/sys/devices/system/cpu/online", "utf8").trim());
}

/** Those that this process may run on. */
function ownCpus(): number[] {
  const status = readFileSync("/proc/self/status", "utf8");
  return numbers(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)![1]!);
}

/** One that this process does not run on, or its own where there is no other. */
export function otherCpu(): string {
  const own = ownCpus();
  return String(allCpus().find((cpu) => !own.includes(cpu)) ?? own[0]!);
}
