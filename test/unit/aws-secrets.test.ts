import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { describe, expect, it } from "vitest";
import { createConnectionsReader, parseConnections } from "#shared/aws/secrets.ts";

const crm = {
  id: "crm",
  system: "hubspot",
  token: "pat-eu1-not-to-be-shown",
  webhookSecret: "not-to-be-shown-either",
};

/** A reader over answers given in turn, the last for good; `calls` counts the readings. */
function readerOver(answers: readonly (string | Error)[]) {
  let callCount = 0;
  let nowMs = 0;
  class AnsweredClient extends SecretsManagerClient {
    override send: SecretsManagerClient["send"] = (): never => {
      const answer = answers[Math.min(callCount, answers.length - 1)];
      callCount += 1;
      const settled =
        answer instanceof Error
          ? Promise.reject(answer)
          : Promise.resolve({ SecretString: answer });
      return settled as never;
    };
  }
  const client = new AnsweredClient({ region: "eu-west-1" });
  const read = createConnectionsReader(client, "connections", () => nowMs);
  return {
    read,
    calls: () => callCount,
    advance: (byMs: number) => {
      nowMs += byMs;
    },
  };
}

describe("connections", () => {
  it("are read once in five minutes, by many callers too", async () => {
    const { read, calls, advance } = readerOver([JSON.stringify([crm])]);

    const [first] = await Promise.all([read(), read(), read()]);
    advance(5 * 60_000 - 1);
    await read();
    expect(calls()).toBe(1);
    expect(first).toMatchObject([{ id: "crm", baseUrl: "https://api.hubapi.com" }]);

    advance(1);
    await read();
    expect(calls()).toBe(2);
  });

  it("are read anew after a failure", async () => {
    const { read } = readerOver([new Error("unreachable"), JSON.stringify([crm])]);

    await expect(read()).rejects.toMatchObject({
      failure: { kind: "retryable", code: "secrets-unavailable" },
    });

    expect(await read()).toHaveLength(1);
  });

  it.each([
    ["no JSON", `${JSON.stringify([crm])}!`, ""],
    ["a field of another type", JSON.stringify([{ ...crm, token: 12_345_678 }]), "0.token"],
    ["an unknown field", JSON.stringify([{ ...crm, secret: "not-to-be-shown" }]), "0"],
    ["an unknown system", JSON.stringify([{ ...crm, system: "not-to-be-shown" }]), "0.system"],
    ["one id twice", JSON.stringify([crm, crm]), "id"],
  ])("with %s are refused by path, without their content", (_, text, field) => {
    let thrown: unknown;
    try {
      parseConnections(text);
    } catch (error) {
      thrown = error;
    }

    expect(thrown).toMatchObject({
      failure: { kind: "invalid-input", code: "connections-unreadable", field },
    });
    expect(thrown instanceof Error ? `${thrown.stack} ${String(thrown.cause)}` : "").not.toContain(
      "not-to-be-shown",
    );
  });
});
