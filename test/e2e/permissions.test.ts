/** A grant that is missing in the template fails on this machine as it would in AWS. */
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";
import { parseTemplate, type Template } from "#infra/local/host/template.ts";
import { eventually } from "#test/support/local-eventually.ts";
import { type Product, startProduct } from "#test/support/local-product.ts";
import { sendXeroWebhook } from "#test/support/local-webhooks.ts";

const CONTACT_ID = "00000000-0000-4000-8000-00000000000a";

let product: Product;

beforeAll(async () => {
  product = await startProduct({ alterTemplate: withoutSend });
});

afterAll(async () => {
  await product.stack.close();
});

const policySchema = z.looseObject({
  PolicyDocument: z.looseObject({
    Statement: z.array(
      z.looseObject({ Action: z.union([z.string(), z.array(z.string())]).optional() }),
    ),
  }),
});

/** The template in which the role of `receive-webhook` may not send to a queue. */
function withoutSend(template: Template): Template {
  let removedCount = 0;
  const resources = Object.entries(template.Resources).map(([id, resource]) => {
    if (resource.Type !== "AWS::IAM::Policy" || !id.includes("ReceiveWebhook")) {
      return [id, resource] as const;
    }
    const policy = policySchema.parse(resource.Properties);
    const { Statement } = policy.PolicyDocument;
    const kept = Statement.filter(({ Action }) => ![Action].flat().includes("sqs:SendMessage"));
    removedCount += Statement.length - kept.length;
    const Properties = { ...policy, PolicyDocument: { ...policy.PolicyDocument, Statement: kept } };
    return [id, { ...resource, Properties }] as const;
  });
  if (removedCount !== 1) throw new Error(`Removed ${removedCount} statements in place of one`);
  return parseTemplate({ ...template, Resources: Object.fromEntries(resources) });
}

it("a webhook that cannot be stored is not acknowledged, and is not taken for a repeated one", async () => {
  const { stack, xero } = product;

  const answers = [
    await sendXeroWebhook(product, "books", CONTACT_ID, xero.webhookKey),
    await sendXeroWebhook(product, "books", CONTACT_ID, xero.webhookKey),
  ];

  expect(answers.map(({ status }) => status)).toEqual([500, 500]);
  await eventually(() => {
    const texts = product.failures().map((line) => ("text" in line ? line.text : ""));
    expect(texts.join("\n")).toMatch(/AccessDenied/);
  });
  await stack.settled();
  expect(product.hubspot.calls()).toEqual({});
  expect(xero.calls()).toEqual({});
});

it("the other functions go on with what they may do", async () => {
  expect(await product.get("/health")).toEqual({ status: 200, body: { status: "ok" } });
  // The vendors would send again and again what the missing grant refuses.
  product.hubspot.setWebhookTarget(undefined);
  product.xero.setWebhookTarget(undefined);
  await product.drop("customers.csv", "id,name\nK-1,Vaffeljernet\n");
  await product.stack.settled();
  expect(product.books.contactsNamed("Vaffeljernet")).toHaveLength(1);
});
