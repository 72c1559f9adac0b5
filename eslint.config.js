import js from "@eslint/js";
import globals from "globals";

const rules = {
  "consistent-return": "error",
  "default-case-last": "error",
  eqeqeq: "error",
  "max-len": ["error", { code: 160 }],
  "no-implicit-globals": "error",
  "no-shadow": "error",
  "no-undef": "error",
  "no-unused-vars": "error",
  "no-use-before-define": ["error", { functions: false, classes: true, variables: false }],
  "no-useless-return": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
};

export default [
  { ignores: ["cxaudio/web/built/", "build/", "dist/", "site/", ".venv/", "**/*.ipynb"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  { files: ["**/*.js"], ...js.configs.recommended, rules: { ...js.configs.recommended.rules, ...rules } },
  { files: ["cxaudio/web/**"], languageOptions: { globals: globals.browser } },
  { files: ["*.js", "tests/web/**"], languageOptions: { globals: globals.node } },
];
