import { defineConfig } from "vitest/config";

/**
 * `unit` is pure and fast and is what `npm run check` runs; `system` starts processes (emulators,
 * simulators, the local host) and is run, with `unit`, by `npm test`.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/{unit,property,infra}/**/*.test.ts"],
          testTimeout: 20_000,
          // All functions are bundled in one.
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "system",
          include: ["test/{contract,e2e,lab}/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
