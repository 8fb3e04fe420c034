/** File profiles: looked at, confirmed, deleted; `docs/files.md` says what they are. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { limits } from "#shared/config/limits.ts";
import { profileConfirmation, profileName } from "#shared/contracts/file-profiles.ts";
import { callerOf } from "#shared/runtime/caller.ts";
import { decoded, readBody } from "#shared/runtime/http-requests.ts";
import { answerJson, answerProblem } from "#shared/runtime/json-answers.ts";
import {
  confirmProfile,
  type FileProfileDependencies,
  forgetProfile,
  listFileProfiles,
  profileUnknown,
  viewFileProfile,
} from "#shared/sync/file-profiles.ts";
import { answerOutcome } from "./operator-routes.ts";

type Answer = Promise<APIGatewayProxyStructuredResultV2>;

export async function getFileProfiles(deps: FileProfileDependencies): Answer {
  return answerJson(200, { profiles: await listFileProfiles(deps) });
}

export async function getFileProfile(
  deps: FileProfileDependencies,
  event: APIGatewayProxyEventV2,
): Answer {
  const name = nameOf(event);
  const found = name === undefined ? undefined : await viewFileProfile(deps, name);
  return found === undefined ? answerOutcome(200, profileUnknown) : answerJson(200, found);
}

export async function putFileProfile(
  deps: FileProfileDependencies,
  event: APIGatewayProxyEventV2,
): Answer {
  const fix =
    'Send {"revision": …, "profile": …}: the revision of the profile that was looked at, 0 of a new one.';
  const request = readBody(event, profileConfirmation, fix, limits.fileProfileBytesMax);
  if (request.kind === "refused") return request.answer;
  const name = nameOf(event);
  if (name === undefined) {
    const nameFix = "Name it in small letters, digits and hyphens, such as kingdee-orders.";
    return answerProblem(400, "path-unreadable", nameFix);
  }
  const choice = { ...request.body, name, by: callerOf(event) };
  const outcome = await confirmProfile(deps, choice);
  if (outcome.kind !== "unsuitable") return answerOutcome(200, outcome);
  const code = "profile-unsuitable";
  const { problems } = outcome;
  return answerJson(422, { code, fix: "Mend what problems name, and send it again.", problems });
}

export async function deleteFileProfile(
  deps: FileProfileDependencies,
  event: APIGatewayProxyEventV2,
): Answer {
  const revision = event.queryStringParameters?.["revision"] ?? "";
  const name = nameOf(event);
  if (name === undefined) return answerOutcome(200, profileUnknown);
  if (!/^\d{1,9}$/.test(revision)) {
    return answerProblem(400, "path-unreadable", "Say ?revision= with that of the profile.");
  }
  return answerOutcome(200, await forgetProfile(deps, { name, revision: Number(revision) }));
}

function nameOf(event: APIGatewayProxyEventV2): string | undefined {
  return profileName.safeParse(decoded(event.pathParameters?.["name"])).data;
}
