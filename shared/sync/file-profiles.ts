/** File profiles by the API: looked at, confirmed, forgotten; see `docs/files.md`. */
import { limits } from "#shared/config/limits.ts";
import { parseFileProfile } from "#shared/contracts/file-profiles.ts";
import type { FileProfile } from "#shared/domain/file-profile.ts";
import {
  findProfileProblems,
  findRivals,
  type ProfileProblem,
} from "#shared/domain/file-profile-problems.ts";
import { customFields } from "#shared/flows/custom-fields.ts";
import { fileProfiles as builtIn } from "#shared/flows/files/profiles.ts";
import { sidesOf } from "#shared/flows/flows.ts";
import type { FileProfileStore } from "#shared/ports/file-profiles.ts";
import type { Clock } from "#shared/ports/log.ts";
import { nowText } from "./now-text.ts";
import type { Refusal } from "./operator-outcome.ts";

export interface FileProfileDependencies {
  readonly fileProfiles: FileProfileStore;
  readonly clock: Clock;
}

export interface FileProfileView {
  readonly name: string;
  /** `built-in`: in the code, changed there only. */
  readonly origin: "built-in" | "confirmed";
  readonly revision?: number;
  readonly confirmedAt?: string;
  readonly confirmedBy?: string;
  readonly profile: FileProfile;
}

/** Those in the code first, then those confirmed, by name. */
export async function listFileProfiles(
  deps: FileProfileDependencies,
): Promise<readonly Omit<FileProfileView, "profile">[]> {
  const views = [...builtIn.map(asBuiltIn), ...(await deps.fileProfiles.list()).map(asConfirmed)];
  return views.map(({ profile, ...view }) => {
    const { recordType, layout, connection, fileNames } = profile;
    return { ...view, recordType, layout, connection, fileNames };
  });
}

/** Undefined where there is no profile of that name. */
export async function viewFileProfile(
  deps: FileProfileDependencies,
  name: string,
): Promise<FileProfileView | undefined> {
  const known = builtIn.find(({ profile }) => profile === name);
  if (known !== undefined) return asBuiltIn(known);
  const confirmed = await deps.fileProfiles.get(name);
  return confirmed === undefined ? undefined : asConfirmed(confirmed);
}

export interface ProfileChoice {
  readonly name: string;
  /** That of the profile that was looked at; 0 where there was none. */
  readonly revision: number;
  readonly profile: unknown;
  readonly by: string;
}

type Confirmation =
  | { readonly kind: "confirmed"; readonly name: string; readonly revision: number }
  /** The profile does not hold together; nothing is kept. */
  | { readonly kind: "unsuitable"; readonly problems: readonly ProfileProblem[] }
  | Refusal;

/** Keeps a profile that holds together. Files dropped from now on are read by it. */
export async function confirmProfile(
  deps: FileProfileDependencies,
  { name, revision, profile, by }: ProfileChoice,
): Promise<Confirmation> {
  if (isBuiltIn(name)) return builtInProfile;
  const parsed = parseFileProfile(profile);
  if (parsed.kind === "refused") return { kind: "unsuitable", problems: parsed.problems };
  const kept = await deps.fileProfiles.list();
  const others = [...builtIn, ...kept.map((one) => one.profile)];
  const problems = findProblems(name, parsed.profile, others);
  if (problems.length > 0) return { kind: "unsuitable", problems };
  const isNew = kept.every((one) => one.profile.profile !== name);
  if (isNew && kept.length >= limits.fileProfilesMax) return tooManyProfiles;
  const next = {
    profile: parsed.profile,
    revision: revision + 1,
    confirmedAt: nowText(deps),
    confirmedBy: by,
  };
  const outcome = await deps.fileProfiles.save(next);
  return outcome === "stale"
    ? profileChanged
    : { kind: "confirmed", name, revision: next.revision };
}

/** What was imported by it stays; files of its kind are refused from now on. */
export async function forgetProfile(
  deps: FileProfileDependencies,
  { name, revision }: Pick<ProfileChoice, "name" | "revision">,
): Promise<{ readonly kind: "forgotten"; readonly name: string } | Refusal> {
  if (isBuiltIn(name)) return builtInProfile;
  if ((await deps.fileProfiles.get(name)) === undefined) return profileUnknown;
  const outcome = await deps.fileProfiles.remove(name, revision);
  return outcome === "stale" ? profileChanged : { kind: "forgotten", name };
}

export const profileUnknown: Refusal = {
  kind: "refused",
  status: 404,
  code: "profile-unknown",
  fix: "List the profiles under /file-profiles.",
};

const profileChanged: Refusal = {
  kind: "refused",
  status: 409,
  code: "profile-changed",
  fix: "Look at the profile anew, and send the revision that it has now.",
};

const builtInProfile: Refusal = {
  kind: "refused",
  status: 409,
  code: "profile-built-in",
  fix: "Give the profile another name, or change shared/flows/files and deploy.",
};

const tooManyProfiles: Refusal = {
  kind: "refused",
  status: 409,
  code: "profiles-too-many",
  fix: `Delete one that no file needs; there are ${limits.fileProfilesMax} at the most.`,
};

function isBuiltIn(name: string): boolean {
  return builtIn.some(({ profile }) => profile === name);
}

function findProblems(
  name: string,
  profile: FileProfile,
  others: readonly FileProfile[],
): readonly ProfileProblem[] {
  const rivals = findRivals(profile, others).filter((rival) => {
    const other = others.find((one) => one.profile === rival);
    return other === undefined || !areNamesApart(profile.fileNames, other.fileNames);
  });
  return [
    ...(profile.profile === name
      ? []
      : [{ path: "profile", says: `${profile.profile} is another name`, fix: `Say ${name}.` }]),
    ...findProfileProblems(profile, { customFields, sidesOf }),
    ...rivals.map((rival) => ({
      path: "requiredColumns",
      says: `${rival} fits the same header`,
      fix: `Require a column that ${rival} does not know, or give both fileNames that begin differently.`,
    })),
  ];
}

/** Beginnings of names of which none may begin a name that another begins. */
function areNamesApart(left: readonly string[], right: readonly string[]): boolean {
  if (left.length === 0 || right.length === 0) return false;
  return left.every((one) =>
    right.every((other) => {
      const [first, second] = [one.toLowerCase(), other.toLowerCase()];
      return !first.startsWith(second) && !second.startsWith(first);
    }),
  );
}

function asBuiltIn(profile: FileProfile): FileProfileView {
  return { name: profile.profile, origin: "built-in", profile };
}

function asConfirmed(one: Omit<FileProfileView, "name" | "origin">): FileProfileView {
  return { name: one.profile.profile, origin: "confirmed", ...one };
}
