import { defineConfig } from "vitest/config";

/**
 * `unit` is pure and fast and is what `npm run check` runs. The others start processes (emulators,
 * simulators, the local host) and are run, with `unit`, by `npm test`: those of `stack` two at once on
 * ports of their own, the fault lab last and alone, since it takes all processors itself.
 *
 * Without isolation the files of `unit` that one worker runs share what they import, which was two
 * thirds of the processor's time: none replaces a module, a global or the environment.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          isolate: false,
          include: ["test/{unit,property,infra}/**/*.test.ts"],
          testTimeout: 20_000,
          // All functions are bundled in one.
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "contract",
          include: ["test/contract/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "stack",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/bundle-once.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts"],
          testTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
