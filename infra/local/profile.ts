/**
 * `npm run profile -- <file>`: what the columns of a file are likely to be, with the reasons, and what
 * is still to decide. `--write` keeps the profile as a file, `--confirm` hands that to the running stack.
 */
import { createReadStream, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { parseFileProfile, profileName } from "#shared/contracts/file-profiles.ts";
import { composeLocalProposal } from "#shared/runtime/compose-proposal.ts";
import { proposeFor, surveyFile } from "#shared/sync/propose-file-profile.ts";
import { readAddresses } from "./drop.ts";
import { describeProposal } from "./profile-text.ts";

const USAGE = `Usage: npm run profile -- <file> [options]
       npm run profile -- --confirm <profile.json>

  --answer <id>=<choice>  answers a question that the proposal asks; may stand several times.
                          <column>=ignored or <column>=<field> says where a column goes,
                          source=<name> whose keys they are
  --as <name>             a name for the profile, such as kingdee-orders
  --write <profile.json>  writes the profile once nothing is left to decide
  --confirm <profile.json>
                          has the running stack read files by it from now on

Exits with 0 where nothing is left to decide, 1 where something is, 2 where the file is refused.
`;

interface Wish {
  readonly path: string;
  readonly answers: Readonly<Record<string, string>>;
  readonly as: string | undefined;
  readonly write: string | undefined;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function fileSource(path: string): Parameters<typeof surveyFile>[2] {
  return {
    bytes: statSync(path).size,
    read: ({ from, to } = { from: 0 }) =>
      createReadStream(path, { start: from, ...(to === undefined ? {} : { end: to - 1 }) }),
  };
}

async function propose({ path, answers, as, write }: Wish): Promise<number> {
  const outcome = await surveyFile(composeLocalProposal(), basename(path), fileSource(path), {
    signal: new AbortController().signal,
    isOver: () => false,
  });
  if (outcome.kind === "refused") {
    const { code, detail, fix } = outcome.problem;
    process.stderr.write(`refused: ${[code, detail].filter(Boolean).join(", ")}\n${fix}\n`);
    return 2;
  }
  const { survey } = outcome;
  const proposal = proposeFor(survey, { answers, as });
  for (const line of describeProposal(survey, proposal)) say(line);
  const isOpen = proposal.questions.length > 0 || proposal.problems.length > 0;
  say("");
  if (isOpen) {
    say("The profile can be written and confirmed once nothing is left to decide or to mend.");
    return 1;
  }
  if (write === undefined) {
    say(`Nothing is left to decide. Keep it with --write ${proposal.profile.profile}.json`);
    return 0;
  }
  writeFileSync(write, `${JSON.stringify(proposal.profile, null, 2)}\n`);
  say(`Written. Look at it, then: npm run profile -- --confirm ${write}`);
  return 0;
}

interface Answered {
  readonly code?: string;
  readonly fix?: string;
  readonly revision?: number;
  readonly problems?: readonly { path: string; says: string; fix: string }[];
}

/** Puts the profile to the stack that `npm start` runs, as the next revision of what it has. */
async function confirm(path: string): Promise<number> {
  const parsed = parseFileProfile(JSON.parse(readFileSync(path, "utf8")));
  if (parsed.kind === "refused") return sayProblems(parsed.problems);
  const { http } = readAddresses();
  const { profile } = parsed;
  const url = `${http}/file-profiles/${profile.profile}`;
  const known = await fetch(url);
  const kept = (await known.json()) as Answered;
  const revision = known.ok ? (kept.revision ?? 0) : 0;
  const response = await fetch(url, { method: "PUT", body: JSON.stringify({ revision, profile }) });
  const answer = (await response.json()) as Answered;
  if (response.ok) {
    say(`Files are read by ${profile.profile} from now on (revision ${answer.revision}).`);
    return 0;
  }
  process.stderr.write(`refused: ${answer.code}\n${answer.fix}\n`);
  return sayProblems(answer.problems ?? []);
}

function sayProblems(problems: NonNullable<Answered["problems"]>): number {
  for (const { path, says, fix } of problems) process.stderr.write(`${path}: ${says}. ${fix}\n`);
  return 1;
}

function readAnswers(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((answer) => {
      const at = answer.lastIndexOf("=");
      if (at < 1) throw new Error(`${answer} is no answer: write <id>=<choice>.`);
      return [answer.slice(0, at), answer.slice(at + 1)];
    }),
  );
}

async function main(args: readonly string[]): Promise<number> {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { answer: { type: "string", multiple: true }, as: text, write: text, confirm: text },
  });
  const [path, surplus] = positionals;
  if (values.confirm !== undefined && path === undefined) return confirm(values.confirm);
  const isNamed = values.as === undefined || profileName.safeParse(values.as).success;
  if (path === undefined || surplus !== undefined || !isNamed) throw new Error(USAGE);
  const answers = readAnswers(values.answer ?? []);
  return propose({ path, answers, as: values.as, write: values.write });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
