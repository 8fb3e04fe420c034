/**
 * A file is surveyed, and a profile proposed for it. Nothing is stored.
 *
 * The whole file is read, in bounded memory: a day above 12 or a fraction may stand in its last row.
 * Where the time or the bytes that may be spent on it end before, the answer says that it knows a part.
 */
import { limits } from "#shared/config/limits.ts";
import { type ColumnStatistics, createColumnSurvey } from "#shared/domain/column-survey.ts";
import { findHeaderFault } from "#shared/domain/file-header.ts";
import { fileNameOf } from "#shared/domain/file-key.ts";
import type { FileProblem } from "#shared/domain/file-profile.ts";
import { isBlankRow } from "#shared/domain/file-rows.ts";
import { chooseHeader } from "#shared/domain/propose-header.ts";
import { type ProfileProposal, proposeProfile } from "#shared/domain/propose-profile.ts";
import { customFields } from "#shared/flows/custom-fields.ts";
import { sidesOf } from "#shared/flows/flows.ts";
import type {
  ByteSource,
  FileOpener,
  FileStore,
  OpenedTable,
  RowReader,
} from "#shared/ports/files.ts";
import { problemIn } from "./file-problems.ts";

export interface ProposalDependencies {
  readonly opener: FileOpener;
  readonly rowReader: RowReader;
}

export interface InboxProposalDependencies extends ProposalDependencies {
  readonly files: Pick<FileStore, "open">;
}

export interface SurveyBounds {
  readonly signal: AbortSignal;
  /** Asked now and then; true ends the survey with what is known by then. */
  readonly isOver: () => boolean;
}

export interface FileSurvey {
  readonly key: string;
  readonly format: OpenedTable["format"];
  readonly encoding: OpenedTable["encoding"];
  readonly delimiter: string;
  /** As a spreadsheet counts, from 1. */
  readonly headerRow: number;
  readonly header: readonly string[];
  readonly statistics: readonly ColumnStatistics[];
  readonly rowCount: number;
  /** False: what comes behind the first `rowCount` rows was not looked at. */
  readonly isWhole: boolean;
}

type SurveyOutcome =
  | { readonly kind: "surveyed"; readonly survey: FileSurvey }
  | { readonly kind: "refused"; readonly problem: FileProblem };

/** Throws what the source throws; a file that cannot be trusted is refused with code and fix. */
export async function surveyFile(
  deps: ProposalDependencies,
  key: string,
  source: ByteSource,
  bounds: SurveyBounds,
): Promise<SurveyOutcome> {
  try {
    const opened = await deps.opener.open(fileNameOf(key), source, bounds.signal);
    if (opened.kind === "table") return await surveyTable(deps, key, opened, bounds);
    return refused("file-not-a-table", "Drop it in the inbox: files of XML need no profile.");
  } catch (cause) {
    return { kind: "refused", problem: problemIn(cause) };
  }
}

const ROWS_PER_LOOK = 1_000;

async function surveyTable(
  deps: ProposalDependencies,
  key: string,
  opened: OpenedTable,
  bounds: SurveyBounds,
): Promise<SurveyOutcome> {
  const first: (readonly string[])[] = [];
  let begun: Begun | undefined;
  let isWhole = true;
  let readCount = 0;
  for await (const cells of deps.rowReader.readRows(opened.text(), opened.delimiter)) {
    readCount += 1;
    if (begun === undefined) {
      first.push(cells);
      if (first.length >= limits.headerRowsMax) begun = begin(first);
    } else if (!isBlankRow(cells)) begun.survey.add(cells);
    const isLook = readCount % ROWS_PER_LOOK === 0;
    if (isLook) bounds.signal.throwIfAborted();
    if (isLook && bounds.isOver()) {
      isWhole = false;
      break;
    }
  }
  begun ??= begin(first);
  if (begun === undefined) return refused("file-empty", "Put names above the columns.");
  const { header, headerRow, survey } = begun;
  const problem = findHeaderFault(header);
  if (problem !== undefined) return { kind: "refused", problem };
  const { format, encoding, delimiter } = opened;
  const found = { key, format, encoding, delimiter, headerRow, header, isWhole };
  const statistics = survey.statistics();
  return { kind: "surveyed", survey: { ...found, statistics, rowCount: survey.rowCount } };
}

interface Begun {
  readonly header: readonly string[];
  readonly headerRow: number;
  readonly survey: ReturnType<typeof createColumnSurvey>;
}

/** The header among the first rows, and a survey of those behind it. */
function begin(rows: readonly (readonly string[])[]): Begun | undefined {
  const at = chooseHeader(rows);
  const header = at === undefined ? undefined : rows[at];
  if (at === undefined || header === undefined) return undefined;
  const survey = createColumnSurvey(header.length);
  for (const row of rows.slice(at + 1)) if (!isBlankRow(row)) survey.add(row);
  return { header, headerRow: at + 1, survey };
}

export interface ProposalChoices {
  /** A name for the profile. */
  readonly as?: string | undefined;
  /** By the ids of the questions. */
  readonly answers?: Readonly<Record<string, string>> | undefined;
}

/** The proposal for a file that was surveyed; its answers are the only thing that may change it. */
export function proposeFor(survey: FileSurvey, { as, answers }: ProposalChoices): ProfileProposal {
  const { header, statistics, key } = survey;
  return proposeProfile({
    header,
    statistics,
    fileName: fileNameOf(key),
    name: as,
    answers,
    context: { customFields, sidesOf },
  });
}

function refused(code: string, fix: string): SurveyOutcome {
  return { kind: "refused", problem: { code, fix } };
}

type InboxProposal =
  | {
      readonly kind: "proposed";
      readonly survey: FileSurvey;
      readonly proposal: ProfileProposal;
    }
  | {
      readonly kind: "unreadable";
      readonly status: 404 | 413 | 422;
      readonly problem: FileProblem;
    };

/** For a file in the inbox, within the time and the bytes that somebody waits for. */
export async function proposeForInbox(
  deps: InboxProposalDependencies,
  { key, ...choices }: ProposalChoices & { readonly key: string },
  bounds: SurveyBounds,
): Promise<InboxProposal> {
  const file = await deps.files.open(key, bounds.signal);
  if (file === undefined) return fileUnknown;
  if (file.bytes > limits.proposalBytesMax) return tooLarge;
  try {
    const outcome = await surveyFile(deps, key, file, bounds);
    if (outcome.kind === "refused")
      return { kind: "unreadable", status: 422, problem: outcome.problem };
    const { survey } = outcome;
    return { kind: "proposed", survey, proposal: proposeFor(survey, choices) };
  } catch (cause) {
    if (bounds.signal.aborted) return tooLarge;
    throw cause;
  }
}

const fileUnknown: InboxProposal = {
  kind: "unreadable",
  status: 404,
  problem: {
    code: "file-unknown",
    fix: "Drop the file in the inbox, and name its key with its folders.",
  },
};

const tooLarge: InboxProposal = {
  kind: "unreadable",
  status: 413,
  problem: {
    code: "proposal-too-large",
    fix: "Run npm run profile on the file, which has no such bounds.",
  },
};
