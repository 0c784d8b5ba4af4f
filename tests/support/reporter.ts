// The end of a test run: which tests were skipped, in which files the process died, and how many passed and failed.

import type { Reporter, TestModule } from "vitest/node";
import { leftOut } from "./needs.js";
import { suspends } from "./nodes.js";

export default class Tally implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      // A worker that dies is told without a name, and all that has no result by then is pending.
      const [unended] = module.children.allTests("pending");
      if (unended) console.log(`ended early: ${module.relativeModuleId}: ${unended.fullName}`);
      for (const test of module.children.allTests()) {
        const result = test.result();
        count[result.state]++;
        if (result.state !== "skipped") continue;
        const note = result.note === undefined ? "" : ` (${result.note})`;
        console.log(`skipped: ${module.relativeModuleId}: ${test.fullName}${note}`);
      }
      count.failed += module.errors().length;
    }
    if (!suspends) {
      console.log(
        "left to Node 24 and 26: tests/suspended, for this Node has no WebAssembly.Suspending",
      );
    }
    for (const [need, files] of leftOut) {
      console.log(`left out, for this system has not ${need}: ${files.join(", ")}`);
    }
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
    console.log(`\n${count.passed} passed, ${count.failed + count.pending} failed${skipped}`);
  }
}
