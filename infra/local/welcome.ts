import { relative } from "node:path";
import type { LocalStack } from "./local-stack.ts";

/** What a newcomer sees: where everything is, and four commands that show what it does. */
export function welcome(stack: LocalStack, addressesPath: string, seconds: string): string {
  const { addresses, hubspot, xero } = stack;
  const lines = [
    "",
    `Tieout is running (started in ${seconds} s). Ctrl-C stops it; state stays in .local/.`,
    "",
    `  HTTP API            ${addresses.http}`,
    ...(hubspot === undefined
      ? []
      : [`  HubSpot simulator   ${hubspot.url}   a page to look and edit`]),
    ...(xero === undefined ? [] : [`  Xero simulator      ${xero.url}   a page to look and edit`]),
    `  Inbox               s3://${addresses.buckets.inbox}   at ${addresses.aws.endpoint}`,
    `  All addresses       ${relative(process.cwd(), addressesPath)}`,
    "",
    "Try, in another terminal:",
    "",
    "  1. Drop a file: its customers land in both systems",
    "     npm run drop -- docs/samples/customers.csv",
    "",
    ...(hubspot === undefined ? [] : editCommand(stack)),
    "  3. Run the nightly check now",
    `     curl -X POST ${addresses.http}/_local/schedules/nightly/fire`,
    "",
    "  4. Prove that both sides agree, or see every reason why not",
    "     npm run tie-out",
    "",
    "Each record that moves is printed here: where from, what, where to, result.",
    "",
  ];
  return lines.join("\n");
}

/** Edits a customer that exists: the first one, or the first that step 1 makes. */
function editCommand({ addresses, hubspot }: LocalStack): string[] {
  const { token, url } = addresses.simulators.hubspot ?? {};
  const id = hubspot?.records("companies")[0]?.id ?? FIRST_COMPANY_ID;
  return [
    "  2. Edit a customer in the CRM (after 1): the books follow",
    `     curl -X PATCH ${url}/crm/v3/objects/companies/${id} \\`,
    `       -H "authorization: Bearer ${token}" -H "content-type: application/json" \\`,
    `       -d '{"properties":{"phone":"+44 20 7946 0018"}}'`,
    "",
  ];
}

/** The simulator numbers from here in an empty store. */
const FIRST_COMPANY_ID = "101";
