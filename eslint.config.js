import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: [
      "build",
      "tests/components",
      "**/assembly",
      "examples/plugin",
      "eslint.config.js",
      "vitest.config.ts",
    ],
  },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // Indices are checked where bytes come from a guest; elsewhere `!` says what a table guarantees.
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
);
