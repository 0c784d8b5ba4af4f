// Before each test of each file: whether this system has what it needs, by needs.ts.

import { beforeEach } from "vitest";
import { lacking } from "./needs.js";

beforeEach((context) => {
  const { task } = context;
  const names = [task.name];
  for (let { suite } = task; suite !== undefined; { suite } = suite) names.unshift(suite.name);
  const need = lacking(task.file.name, names.join(" > "));
  if (need !== undefined) context.skip(`needs ${need}`);
});
