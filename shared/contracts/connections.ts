/**
 * The connections of a deployment: where each system is, and the credentials for it. One JSON
 * document in Secrets Manager, an array with one entry per connection; `docs/connections.md` shows
 * a filled-in one.
 */
import * as z from "zod";
import { eInvoiceSettings } from "./e-invoice-settings.ts";

const url = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ""));
const secret = z.string().min(8).max(4096);
const accountCode = z.string().min(1).max(10);
const callsMax = z.int().min(1).max(1_000_000_000);

export const hubspotSettings = z.strictObject({
  id: z.literal("crm"),
  system: z.literal("hubspot"),
  baseUrl: url.default("https://api.hubapi.com"),
  /** Private app token; scopes in `shared/connectors/hubspot/README.md`. */
  token: secret,
  /** The app's client secret, with which HubSpot signs webhooks. */
  webhookSecret: secret,
  /** What the plan allows, where that is not the smallest one's. */
  quota: z
    .strictObject({
      callsPerTenSeconds: callsMax.optional(),
      searchesPerSecond: callsMax.optional(),
      callsPerDay: callsMax.optional(),
    })
    .optional(),
  /** Pipeline and stage that deals we make go to; the stage must be a won one. */
  pipelineId: z.string().min(1).default("default"),
  wonStageId: z.string().min(1).default("closedwon"),
  /** Whether a quote that its buyer accepted wins its deal. Needs the scope `crm.objects.quotes.read`. */
  acceptedQuotes: z.enum(["ignored", "win-deals"]).default("ignored"),
});

export const xeroSettings = z.strictObject({
  id: z.literal("books"),
  system: z.literal("xero"),
  baseUrl: url.default("https://api.xero.com"),
  identityUrl: url.default("https://identity.xero.com"),
  tenantId: z.string().min(1),
  auth: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("token"), token: secret }),
    /** A Xero custom connection. */
    z.strictObject({
      kind: z.literal("client-credentials"),
      clientId: z.string().min(1),
      clientSecret: secret,
    }),
  ]),
  webhookKey: secret,
  /** Who sells and what its taxes are; without it no e-invoice is exported. */
  eInvoice: eInvoiceSettings.optional(),
  /** What the app's tier allows in one organisation, where that is not the usual. */
  quota: z
    .strictObject({
      callsPerMinute: callsMax.optional(),
      callsPerDay: callsMax.optional(),
      callsAtOnce: callsMax.optional(),
    })
    .optional(),
  /** The account of invoice lines whose product names none. */
  salesAccountCode: accountCode.default("200"),
  /** The account of lines that bill freight; absent where it is that of sales. */
  shippingAccountCode: accountCode.optional(),
  /** Accounts of losses: a payment to one of them is no money but a write-off. */
  writeOffAccounts: z.array(accountCode).max(20).default([]),
  /** The company's own names of taxes, and the TaxType of Xero that each stands for. */
  taxTypes: z
    .record(z.string().min(1).max(100), z.string().min(1).max(50))
    // A line is read back by its TaxType: two names for one would be told apart by chance.
    .refine((names) => new Set(Object.values(names)).size === Object.keys(names).length, {
      error: "each TaxType may stand for one name only",
    })
    .default({}),
  /** The last day of what was reported to a tax office. */
  filedThrough: z.iso.date().optional(),
});

const connectionSettings = z.discriminatedUnion("system", [hubspotSettings, xeroSettings]);
export const connectionsDocument = z.array(connectionSettings).min(1).max(10);

export type HubspotSettings = z.infer<typeof hubspotSettings>;
export type XeroSettings = z.infer<typeof xeroSettings>;
export type ConnectionSettings = z.infer<typeof connectionSettings>;
