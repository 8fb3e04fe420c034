import { defineConfig } from "vitest/config";

/** Tests that need LibreOffice, which a newcomer has not; apart, so that `npm test` runs everywhere. */
export default defineConfig({
  test: {
    name: "office",
    include: ["test/office/**/*.test.ts"],
    testTimeout: 60_000,
    // One start of LibreOffice converts all files.
    hookTimeout: 180_000,
  },
});
