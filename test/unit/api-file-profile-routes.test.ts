import { readFileSync } from "node:fs";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import {
  deleteFileProfile,
  getFileProfile,
  getFileProfiles,
  putFileProfile,
} from "#functions/serve-api/file-profile-routes.ts";
import type { FileProfile } from "#shared/domain/file-profile.ts";
import { fileProfiles } from "#shared/flows/files/profiles.ts";
import { composeLocalProposal } from "#shared/runtime/compose-proposal.ts";
import { answerProposal } from "#shared/runtime/proposal-answers.ts";
import { createKnownProfiles } from "#shared/sync/known-profiles.ts";
import { createMemoryFileProfiles } from "#test/support/memory-file-profiles.ts";
import { createMemoryFiles } from "#test/support/memory-files.ts";

const clock = () => Date.UTC(2026, 10, 27, 9);

const goods: FileProfile = {
  profile: "yonyou-goods",
  connection: "yonyou",
  speaksFor: "crm",
  recordType: "product",
  layout: "row-per-record",
  fileNames: ["存货"],
  keyColumn: "存货编码",
  requiredColumns: ["存货编码", "存货名称"],
  columns: {
    存货编码: [{ field: "code", as: "key", formats: { digits: 6 } }],
    存货名称: [{ field: "name", as: "text" }],
    单价: [{ field: "unitPrice", as: "decimal" }],
    备注: "ignored",
  },
  nullTexts: ["无"],
  constants: {},
  formats: { thousandsSign: ",", currencySigns: "CNY" },
};

let deps: Parameters<typeof getFileProfiles>[0];

beforeEach(() => {
  deps = { fileProfiles: createMemoryFileProfiles(), clock };
});

type Route = typeof putFileProfile;

async function call(
  route: Route,
  asked: { readonly name?: string; readonly revision?: string; readonly body?: unknown } = {},
) {
  const event = {
    pathParameters: { name: asked.name },
    queryStringParameters: { revision: asked.revision },
    requestContext: {},
    body: asked.body === undefined ? undefined : JSON.stringify(asked.body),
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEventV2;
  const answer = await route(deps, event);
  return { status: answer.statusCode, body: JSON.parse(answer.body ?? "") as unknown };
}

const put = (profile: unknown, revision = 0, name = "yonyou-goods") =>
  call(putFileProfile, { name, body: { revision, profile } });

describe("a profile that is confirmed", () => {
  it("is kept, shown, and among those that files are read by", async () => {
    expect(await put(goods)).toEqual({
      status: 200,
      body: { result: "confirmed", name: "yonyou-goods", revision: 1 },
    });

    const confirmed = { confirmedAt: "2026-11-27T09:00:00.000Z", confirmedBy: "operator" };
    expect(await call(getFileProfile, { name: "yonyou-goods" })).toEqual({
      status: 200,
      body: {
        name: "yonyou-goods",
        origin: "confirmed",
        revision: 1,
        ...confirmed,
        profile: goods,
      },
    });
    expect((await call(getFileProfiles)).body).toMatchObject({
      profiles: [
        ...fileProfiles.map(({ profile }) => ({ name: profile, origin: "built-in" })),
        { name: "yonyou-goods", origin: "confirmed", revision: 1, recordType: "product" },
      ],
    });
    const known = await createKnownProfiles(fileProfiles, deps.fileProfiles)();
    expect(known).toEqual([...fileProfiles, goods]);
  });

  it("is replaced and deleted by who looked at its last revision", async () => {
    await put(goods);

    expect(await put(goods)).toMatchObject({ status: 409, body: { code: "profile-changed" } });
    expect(await put({ ...goods, nullTexts: [] }, 1)).toMatchObject({ body: { revision: 2 } });
    const remove = (revision: string) =>
      call(deleteFileProfile, { name: "yonyou-goods", revision });
    expect(await remove("1")).toMatchObject({ status: 409, body: { code: "profile-changed" } });
    expect(await remove("")).toMatchObject({ status: 400, body: { code: "path-unreadable" } });
    expect(await remove("2")).toEqual({
      status: 200,
      body: { result: "forgotten", name: "yonyou-goods" },
    });
    expect(await remove("2")).toMatchObject({ status: 404, body: { code: "profile-unknown" } });
    expect(await call(getFileProfile, { name: "yonyou-goods" })).toMatchObject({ status: 404 });
  });
});

describe("a profile that does not hold together", () => {
  it.each<[string, unknown, string]>([
    ["no profile at all", "yes", ""],
    ["a layout that there is not", { ...goods, layout: "sideways" }, "layout"],
    ["a part that nobody knows", { ...goods, colour: "red" }, ""],
    ["a target without a place", { ...goods, columns: { A: [{ as: "text" }] } }, "columns.A"],
    ["a zone that there is not", { ...goods, timeZone: "Mars/Olympus" }, "timeZone"],
    ["a field that there is not", { ...goods, constants: { size: "1" } }, "constants.size"],
    ["another name than its path's", { ...goods, profile: "others" }, "profile"],
    ["the keys of a system", { ...goods, connection: "crm" }, "connection"],
    ["a system without such records", { ...goods, speaksFor: "bank" }, "speaksFor"],
    [
      "one sign for two things",
      { ...goods, formats: { decimalSign: ",", thousandsSign: "," } },
      "formats",
    ],
    [
      "a header that another profile fits",
      {
        ...goods,
        fileNames: [],
        keyColumn: "Code",
        requiredColumns: ["Code"],
        columns: { Code: "key-only", NAME: [{ field: "name", as: "text" }] },
      },
      "requiredColumns",
    ],
  ])("is refused for %s, with the place", async (_name, profile, path) => {
    const { status, body } = await put(profile);

    expect(status).toBe(422);
    expect(body).toMatchObject({ code: "profile-unsuitable", fix: expect.any(String) });
    const [first] = (body as { problems: { path: string; fix: string }[] }).problems;
    expect(first?.path.startsWith(path)).toBe(true);
    expect(first?.fix).not.toBe("");
    expect(await deps.fileProfiles.list()).toEqual([]);
  });

  it.each(["__proto__", "constructor"])("is refused for a column called %s", async (name) => {
    const columns = `{"存货编码":"key-only","存货名称":"ignored","${name}":"ignored"}`;
    const profile: unknown = { ...goods, columns: JSON.parse(columns) };

    expect(await put(profile)).toMatchObject({ status: 422 });
  });

  it("is refused under the name of one in the code, and under no name", async () => {
    expect(await put(goods, 0, "tieout-orders")).toMatchObject({
      status: 409,
      body: { code: "profile-built-in" },
    });
    expect(await put(goods, 0, "Über")).toMatchObject({
      status: 400,
      body: { code: "path-unreadable" },
    });
    expect(await call(putFileProfile, { name: "a", body: [] })).toMatchObject({
      status: 400,
      body: { code: "body-unreadable" },
    });
  });

  it("may fit the header of another where their files are named apart", async () => {
    await put(goods);
    const twin = { ...goods, profile: "other-goods", connection: "other" };

    expect(await put(twin, 0, "other-goods")).toMatchObject({ status: 422 });
    expect(await put({ ...twin, fileNames: ["商品"] }, 0, "other-goods")).toMatchObject({
      status: 200,
    });
  });
});

describe("a profile that is proposed for a file in the inbox", () => {
  const kingdee = readFileSync(
    new URL("../fixtures/files/kingdee-sales-orders-gbk.csv", import.meta.url),
  );

  async function ask(body: unknown, remainingMs = 20_000) {
    const files = createMemoryFiles();
    files.drop("kingdee/orders.csv", kingdee);
    files.drop("twice.csv", "id,name,Name\n");
    const event = { body: JSON.stringify(body), isBase64Encoded: false } as APIGatewayProxyEventV2;
    const context = { getRemainingTimeInMillis: () => remainingMs } as Context;
    const answer = await answerProposal({ ...composeLocalProposal(), files }, event, context);
    return { status: answer.statusCode, body: JSON.parse(answer.body ?? "") as unknown };
  }

  it("says what was read and what is to decide, and once that is answered may be confirmed", async () => {
    const key = "kingdee/orders.csv";
    expect(await ask({ key })).toMatchObject({
      status: 200,
      body: {
        file: { key, encoding: "gb18030", headerRow: 1, rowCount: 4, isWhole: true },
        isDecided: false,
        questions: [{ id: "status" }],
        columns: expect.arrayContaining([expect.objectContaining({ header: "含税单价" })]),
      },
    });

    const { body } = await ask({ key, as: "kingdee-orders", answers: { status: "won" } });
    expect(body).toMatchObject({ isDecided: true, questions: [], problems: [] });
    const { profile } = body as { profile: unknown };
    expect(await put(profile, 0, "kingdee-orders")).toMatchObject({
      body: { result: "confirmed" },
    });
  });

  it.each([
    [{ key: "gone.csv" }, 404, "file-unknown"],
    [{ key: "twice.csv" }, 422, "header-duplicate"],
    [{ key: "" }, 400, "body-unreadable"],
    [{ key: "a.csv", as: "Über" }, 400, "body-unreadable"],
  ])("is refused for %j with %i %s", async (body, status, code) => {
    expect(await ask(body)).toMatchObject({ status, body: { code, fix: expect.any(String) } });
  });
});
