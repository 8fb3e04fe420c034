import { readFileSync } from "node:fs";
import { it } from "vitest";
import { startProduct } from "#test/support/local-product.ts";
it("probe", async () => {
  const product = await startProduct();
  for (const file of ["order_lines.csv", "customers.csv", "products.csv"])
    await product.drop(
      file,
      readFileSync(new URL("file:///work/main/test/fixtures/northwind-small/" + file)),
    );
  await product.stack.settled();
  const { body } = await product.get("/runs");
  console.log(JSON.stringify(body, null, 1));
  console.log(JSON.stringify((await product.get("/parked")).body, null, 1));
  for (const line of product.log)
    if (line.kind === "function-log" && /customer|error|order/.test(line.text))
      console.log(line.functionName, line.text);
  await product.stack.close();
}, 200000);
