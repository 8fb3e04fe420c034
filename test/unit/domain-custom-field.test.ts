import { describe, expect, it } from "vitest";
import { limits } from "#shared/config/limits.ts";
import {
  type CustomField,
  followsOrder,
  kindOfField,
  placesIn,
  type UncheckedField,
} from "#shared/domain/custom-field.ts";
import type { CustomFieldContext } from "#shared/domain/custom-field-context.ts";
import { findProblems, requireSound } from "#shared/domain/custom-field-problems.ts";
import { policyInForce } from "#shared/domain/flow.ts";
import { recordTypes } from "#shared/domain/identifiers.ts";
import { oneWayIn, oneWayOut } from "#shared/domain/lens.ts";
import { choice, dayOfMoment, decimal, text, upperCase, yesNo } from "#shared/domain/lenses.ts";
import { derived, manual, newest, systemOfRecord } from "#shared/domain/policies.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { customerFlow } from "#shared/flows/customer.ts";
import { flowsWith } from "#shared/flows/flows.ts";
import {
  accountManager,
  customFieldsOfTests,
  deliveryNote,
  purchaseText,
  tier,
} from "#test/support/custom-fields.ts";

const flows = flowsWith([], []);
const context: CustomFieldContext = {
  sidesOf: (recordType) => Object.keys(flows[recordType].sides),
  inFiles: new Set(["order.channel"]),
};

function aRow(overrides: Partial<UncheckedField> = {}): UncheckedField {
  return { ...accountManager, ...overrides };
}

function codesOf(...rows: readonly UncheckedField[]): string[] {
  return findProblems(rows, context).map(({ code }) => code);
}

describe("a table of custom fields", () => {
  it("without a fault has no problems", () => {
    expect(findProblems(customFieldsOfTests, context)).toEqual([]);
    expect(findProblems([], context)).toEqual([]);
  });

  it("is refused with file, row, field and fix of the first fault, and all faults as its cause", () => {
    const rows = [accountManager, aRow({ field: "name" }), aRow({ field: "Bad Name" })];

    const refuse = () => requireSound(rows, context);

    expect(refuse).toThrow(SyncError);
    expect(refuse).toThrow(
      expect.objectContaining({
        failure: {
          kind: "invalid-input",
          code: "custom-field-name-taken",
          field: "shared/flows/custom-fields.ts, row 2, customer.name",
          fix: "Give the field a name of its own.",
        },
        cause: expect.objectContaining({
          message: expect.stringMatching(
            /row 2, customer\.name: .*\n.*\nrow 3, customer\.Bad Name: /s,
          ),
        }),
      }),
    );
  });

  it.each(["name", "revenue"])("leaves the canonical name %s to what it stands for", (field) => {
    expect(codesOf(aRow({ field }))).toEqual(["custom-field-name-taken"]);
  });

  it("gives a name once in a record type, and again in another", () => {
    const places = { crm: { at: "other", lens: text }, books: { at: "Other", lens: text } };

    expect(codesOf(accountManager, aRow({ places }))).toEqual(["custom-field-name-taken"]);
    expect(codesOf(accountManager, aRow({ recordType: "product", places }))).toEqual([]);
  });

  it.each(["AccountManager", "account_manager", "", "constructor", "toString", "__proto__"])(
    "has no field called %j",
    (field) => {
      expect(codesOf(aRow({ field }))).toEqual(["custom-field-name-unsuitable"]);
    },
  );

  it("gives a place to one field only", () => {
    const places = { crm: { at: "account_manager", lens: text }, books: { at: "B", lens: text } };

    expect(codesOf(accountManager, aRow({ field: "other", places }))).toEqual([
      "custom-field-place-taken",
    ]);
  });

  it("names only connections of the flow, and tells them", () => {
    const places = { crm: { at: "a", lens: text }, warehouse: { at: "b", lens: text } };

    expect(findProblems([aRow({ places })], context)).toEqual([
      {
        code: "custom-field-connection-unknown",
        row: 1,
        field: "customer.accountManager",
        says: "warehouse takes no part in a customer",
        fix: "Name a connection of the flow: crm, books.",
      },
    ]);
  });

  it("has so many fields of one record type, and is told once", () => {
    const rows = Array.from({ length: limits.customFieldsMax + 2 }, (_, index) =>
      aRow({
        field: `field${index}`,
        places: {
          crm: { at: `a${index}`, lens: text },
          books: { at: `b${index}`, lens: text },
        },
      }),
    );

    expect(codesOf(...rows)).toEqual(["custom-fields-too-many"]);
    expect(codesOf(...rows.slice(2))).toEqual([]);
  });
});

describe("a transform", () => {
  const places = (crm: UncheckedField["places"][string]["lens"], books = crm) => ({
    crm: { at: "a", lens: crm },
    books: { at: "B", lens: books },
  });

  it("holds what the field holds", () => {
    expect(codesOf(aRow({ places: places(text, decimal) }))).toEqual([
      "custom-field-lens-unsuitable",
    ]);
    expect(codesOf(aRow({ holds: { kind: "decimal" }, places: places(decimal) }))).toEqual([]);
  });

  it("chooses from the values of the field, all of them and no other", () => {
    const holds = { kind: "one-of", values: ["no", "yes"] } as const;

    expect(codesOf(aRow({ holds, places: places(yesNo({ yes: "Y", no: "N" })) }))).toEqual([]);
    expect(codesOf(aRow({ holds, places: places(choice({ Y: "yes" })) }))).toEqual([
      "custom-field-lens-unsuitable",
      "custom-field-lens-unsuitable",
    ]);
  });

  it("reads the same values in every place that is read", () => {
    const capitals = upperCase({ modulo: "case" });

    expect(codesOf(aRow({ places: places(capitals, text) }))).toEqual([
      "custom-field-lens-unsuitable",
    ]);
    expect(codesOf(aRow({ places: places(capitals) }))).toEqual([]);
    expect(codesOf(aRow({ places: places(text, oneWayOut(capitals)) }))).toEqual([]);
  });
});

describe("a policy under which every place sets the field", () => {
  it.each([newest, manual])("takes no transform that goes one way: $kind", (policy) => {
    for (const lens of [oneWayIn(text), oneWayOut(text)]) {
      const places = { crm: { at: "a", lens: text }, books: { at: "B", lens } };

      const [problem, ...others] = findProblems([aRow({ policy, places })], context);

      expect(others).toEqual([]);
      expect(problem).toMatchObject({
        code: "custom-field-policy-unsuitable",
        says: `"${policy.kind}" lets books set the field and be told of it, and its transform goes one way (${lens.way})`,
        fix: "Give books a two-way transform, or make one connection the system of record.",
      });
    }
  });

  it("does not even compile with such a transform", () => {
    // @ts-expect-error a transform that goes one way under a policy that goes both
    const row: CustomField = {
      recordType: "customer",
      field: "accountManager",
      holds: { kind: "text" },
      policy: newest,
      places: {
        crm: { at: "a", lens: text },
        books: { at: "B", lens: oneWayOut(text) },
      },
    };

    expect(codesOf(row)).toEqual(["custom-field-policy-unsuitable"]);
  });

  it("needs two places, and counts a file's column for one", () => {
    const places = { crm: { at: "channel", lens: text } };
    const row = aRow({ recordType: "order", policy: newest, places });

    expect(codesOf({ ...row, field: "carrier" })).toEqual(["custom-field-places-too-few"]);
    expect(codesOf({ ...row, field: "channel" })).toEqual([]);
  });
});

describe("a system of record", () => {
  const owned = (places: UncheckedField["places"], field = "accountManager") =>
    codesOf(aRow({ recordType: "customer", field, policy: systemOfRecord("crm"), places }));

  it("is read: a place that is only written owns nothing", () => {
    expect(
      owned({ crm: { at: "a", lens: oneWayOut(text) }, books: { at: "B", lens: text } }),
    ).toEqual(["custom-field-policy-unsuitable"]);
    expect(owned({ books: { at: "B", lens: text } })).toContain("custom-field-policy-unsuitable");
  });

  it("speaks to places that are written: one that is only read would never be told", () => {
    expect(
      owned({ crm: { at: "a", lens: text }, books: { at: "B", lens: oneWayIn(text) } }),
    ).toEqual(["custom-field-policy-unsuitable"]);
  });

  it("goes one way with one-way transforms", () => {
    expect(
      owned({ crm: { at: "a", lens: oneWayIn(text) }, books: { at: "B", lens: oneWayOut(text) } }),
    ).toEqual([]);
    expect(
      codesOf(
        aRow({
          holds: { kind: "date" },
          policy: systemOfRecord("crm"),
          places: { crm: { at: "a", lens: dayOfMoment } },
        }),
      ),
    ).toEqual([]);
  });

  it("alone needs somewhere for the field to go, unless it goes one way", () => {
    expect(owned({ crm: { at: "a", lens: text } })).toEqual(["custom-field-places-too-few"]);
    expect(owned({ crm: { at: "a", lens: oneWayIn(text) } })).toEqual([]);
  });

  it("may be spoken for by a file, and the place only be written", () => {
    const places = { crm: { at: "channel", lens: oneWayOut(text) } };
    const row = aRow({ recordType: "order", policy: systemOfRecord("crm"), places });

    expect(codesOf({ ...row, field: "channel" })).toEqual([]);
    expect(codesOf({ ...row, field: "carrier" })).toEqual(["custom-field-policy-unsuitable"]);
  });
});

describe("an invoice's field", () => {
  const [order, invoice] = deliveryNote;

  it("follows its order's field of the same name, and needs one", () => {
    expect(codesOf(...deliveryNote)).toEqual([]);
    expect(codesOf(...[invoice].filter((row) => row !== undefined))).toEqual([
      "custom-field-policy-unsuitable",
    ]);
    expect(codesOf(aRow({ policy: followsOrder }))).toEqual(["custom-field-policy-unsuitable"]);
  });

  it("must be written to follow, and hold what the order's holds", () => {
    const read = { ...invoice, places: { books: { at: "Url", lens: oneWayIn(text) } } };
    const number = { ...order, holds: { kind: "decimal" as const } };
    const numbered = { ...number, places: { crm: { at: "a", lens: decimal } } };

    expect(codesOf(...([order, read] as UncheckedField[]))).toEqual([
      "custom-field-policy-unsuitable",
    ]);
    expect(codesOf(...([numbered, invoice] as UncheckedField[]))).toEqual([
      "custom-field-name-taken",
    ]);
  });
});

describe("the flows", () => {
  it("are what they were where the table is empty", () => {
    expect(flowsWith([], []).customer).toEqual(customerFlow);
  });

  it("have a rule for each custom field, written where its transform writes", () => {
    const made = flowsWith(customFieldsOfTests, []);

    expect(made.customer.fields["accountManager"]).toEqual({
      policy: systemOfRecord("crm"),
      sides: ["crm", "books"],
    });
    expect(made.customer.fields["tier"]?.policy).toEqual(newest);
    expect(made.product.fields["purchaseText"]?.sides).toEqual(["crm", "books"]);
    for (const recordType of recordTypes) {
      expect(made[recordType].fields).toMatchObject(flows[recordType].fields);
    }
  });

  it("let an invoice follow its order while it is a draft, and the books keep it after", () => {
    const rule = flowsWith(customFieldsOfTests, []).invoice.fields["deliveryNote"];

    expect(rule?.sides).toEqual(["books"]);
    for (const [status, policy] of [
      [null, derived],
      ["draft", derived],
      ["issued", systemOfRecord("books")],
      ["paid", systemOfRecord("books")],
    ] as const) {
      expect(rule && policyInForce(rule.policy, { status })).toEqual(policy);
    }
  });

  it("are not made from a table that cannot be used", () => {
    expect(() => flowsWith([accountManager, accountManager], [])).toThrow(SyncError);
  });
});

describe("a custom field", () => {
  it("is known by what it holds, beside the canonical ones", () => {
    expect(kindOfField([tier], "customer", "tier")).toEqual(tier.holds);
    expect(kindOfField([tier], "customer", "name")).toEqual({ kind: "text" });
    expect(kindOfField([tier], "product", "tier")).toBeUndefined();
  });

  it("is told to a connector by its place there", () => {
    expect(
      placesIn("books", [accountManager, purchaseText]).map(({ at, field }) => [at, field]),
    ).toEqual([
      ["AccountNumber", "accountManager"],
      ["PurchaseDescription", "purchaseText"],
    ]);
    expect(placesIn("files", customFieldsOfTests)).toEqual([]);
    expect(placesIn("constructor", customFieldsOfTests)).toEqual([]);
  });
});
