/** What bookkeepers do, and how often. */
import type { InProcessXero } from "#infra/local/simulators/xero/simulator.ts";
import { editsIn } from "./user-edit.ts";
import type { ActDraws, Acts } from "./users.ts";

const edit = editsIn("books");

export const booksActs = {
  "create-contact": 5,
  "edit-contact": 12,
  "archive-contact": 1,
  "restore-contact": 1,
  "merge-contacts": 1,
  "create-item": 2,
  "approve-invoice": 5,
  "pay-invoice": 5,
  "delete-payment": 2,
  "void-invoice": 1,
  "edit-draft": 2,
  "credit-invoice": 2,
  "remove-allocation": 1,
  "receive-overpayment": 1,
  "write-off": 1,
  "move-lock-date": 1,
} as const;

/** Today and before, in the lab; the last one closes the day on which people work. */
const lockDates = ["", "2025-12-31", "2026-01-05"];

export function booksUser(
  xero: InProcessXero,
  { random, text, valueFor, pickHot, ended }: ActDraws,
): Acts<keyof typeof booksActs> {
  const pickContact = () =>
    pickHot(xero.records("contacts").filter((one) => one.ContactStatus === "ACTIVE"));
  const pickInvoice = (...statuses: readonly string[]) =>
    random.pick(xero.records("invoices").filter((one) => statuses.includes(one.Status)));

  return {
    "create-contact": () => {
      const name = valueFor("name");
      const email = valueFor("email");
      const externalId = xero.user.createContact({ Name: name, EmailAddress: email });
      return [
        edit("customer", externalId, "name", name),
        edit("customer", externalId, "email", email),
      ];
    },
    "edit-contact": () => {
      const { ContactID: externalId } = pickContact();
      const field = random.pick(["email", "email", "taxNumber", "name"] as const);
      const value = valueFor(field);
      const wire = { email: "EmailAddress", taxNumber: "TaxNumber", name: "Name" }[field];
      xero.user.editContact(externalId, { [wire]: value });
      return [edit("customer", externalId, field, value)];
    },
    "archive-contact": () => {
      const { ContactID } = pickContact();
      xero.user.archiveContact(ContactID);
      ended.add(ContactID);
      return [];
    },
    "restore-contact": () => {
      const archived = xero
        .records("contacts")
        .filter((one) => one.ContactStatus === "ARCHIVED" && one.MergedToContactID === "");
      xero.user.restoreContact(random.pick(archived).ContactID);
      return [];
    },
    "merge-contacts": () => {
      const [loser, winner] = [pickContact().ContactID, pickContact().ContactID];
      xero.user.mergeContacts(loser, winner);
      ended.add(loser);
      return [];
    },
    "create-item": () => {
      const name = valueFor("name");
      const externalId = xero.user.createItem({ Code: text("SKU-"), Name: name });
      return [edit("product", externalId, "name", name)];
    },
    "approve-invoice": () => {
      xero.user.approveInvoice(pickInvoice("DRAFT").InvoiceID);
      return [];
    },
    "pay-invoice": () => {
      const invoice = pickInvoice("AUTHORISED");
      const Amount = random.chance(0.5) ? invoice.AmountDue : "1.00";
      xero.user.pay(invoice.InvoiceID, { Amount, Date: "2026-01-06", Account: { Code: "090" } });
      return [];
    },
    "delete-payment": () => {
      const settled = xero.records("payments").filter((one) => one.Status === "AUTHORISED");
      xero.user.deletePayment(random.pick(settled).PaymentID);
      return [];
    },
    "void-invoice": () => {
      xero.user.voidInvoice(pickInvoice("AUTHORISED").InvoiceID);
      return [];
    },
    "edit-draft": () => {
      const { InvoiceID } = pickInvoice("DRAFT");
      xero.user.editInvoice(InvoiceID, { DueDate: `2026-02-${10 + random.below(18)}` });
      return [];
    },
    "credit-invoice": () => {
      const invoice = pickInvoice("AUTHORISED");
      const Contact = { ContactID: invoice.ContactID };
      const amount = random.chance(0.5) ? invoice.AmountDue : "1.00";
      const id = xero.user.createCreditNote({
        ...{ Type: "ACCRECCREDIT", Status: "AUTHORISED", Contact, LineAmountTypes: "NoTax" },
        CurrencyCode: invoice.CurrencyCode,
        LineItems: [{ Description: text("Credit "), UnitAmount: amount, AccountCode: "200" }],
      });
      const Invoice = { InvoiceID: invoice.InvoiceID };
      xero.user.allocate({ kind: "CreditNote", id }, { Invoice, Amount: amount });
      return [];
    },
    "remove-allocation": () => {
      const { AllocationID } = random.pick(xero.records("allocations"));
      xero.user.removeAllocation(AllocationID);
      return [];
    },
    "receive-overpayment": () => {
      const Contact = { ContactID: pickContact().ContactID };
      const BankAccount = { Code: "090" };
      xero.user.receiveOverpayment({ Contact, BankAccount, Date: "2026-01-06", Amount: "5.00" });
      return [];
    },
    "write-off": () => {
      xero.user.writeOff(pickInvoice("AUTHORISED").InvoiceID, { Date: "2026-01-06" });
      return [];
    },
    "move-lock-date": () => {
      const periodLockDate = random.pick(lockDates);
      xero.user.setLockDates({ periodLockDate, endOfYearLockDate: "" });
      return [];
    },
  };
}
