// The end of a test run: which tests were skipped, and how many passed and failed.

import type { Reporter, TestModule } from "vitest/node";
import { suspends } from "./nodes.js";

export default class Tally implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state]++;
        if (state === "skipped")
          console.log(`skipped: ${module.relativeModuleId}: ${test.fullName}`);
      }
      count.failed += module.errors().length;
    }
    if (!suspends) {
      console.log(
        "left to Node 24 and 26: tests/suspended, for this Node has no WebAssembly.Suspending",
      );
    }
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
    console.log(`\n${count.passed} passed, ${count.failed + count.pending} failed${skipped}`);
  }
}
