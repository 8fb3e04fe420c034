/** How the dates of a column are written. */
import { type Answers, findMisfits, type InferredForms } from "./column-forms.ts";
import type { ColumnStatistics } from "./column-survey.ts";
import { readDate } from "./file-dates.ts";
import type { CellFormats, DateForm, DateOrder } from "./file-formats.ts";
import { narrowed } from "./file-numbers.ts";

/** `id` is the column's name; its answer is an order, and that of `<id>.century` a year. */
export function inferDates(id: string, column: ColumnStatistics, answers: Answers): InferredForms {
  const { forms } = column;
  const examples = forms.map(({ example }) => narrowed(example));
  const some = (pattern: RegExp) => examples.some((example) => pattern.test(example));
  const dateForms: DateForm[] = [];
  if (some(/年/u)) dateForms.push("chinese");
  if (some(/^(?:19|20)\d{6}$/)) dateForms.push("compact");
  if (some(/[A-Za-z]{3,}.*\d{2}|\d.*[A-Za-z]{3,}/)) dateForms.push("month-name");
  const order = settleOrder(id, column, answers);
  const century = settleCentury(id, examples, answers);
  const isWide = forms.some(({ example }) => /[０-９]/u.test(example));
  const formats: CellFormats = {
    ...(dateForms.length === 0 ? {} : { dateForms }),
    ...order.formats,
    ...century.formats,
    ...(isWide ? { wideForms: true } : {}),
  };
  const tried: CellFormats = { dateOrder: "dmy", twoDigitYearsFrom: 1970, ...formats };
  const values = forms.map(({ example }) => {
    const reading = readDate(example, tried, "Etc/UTC");
    return reading.kind === "date" ? reading.date : undefined;
  });
  const why = [...order.why, ...dateForms.map((form) => `dates in the form ${form}`)];
  const questions = [...order.questions, ...century.questions];
  return { formats, why, questions, ...findMisfits(column, forms, values) };
}

type Settled = Pick<InferredForms, "formats" | "why" | "questions">;
const nothing: Settled = { formats: {}, why: [], questions: [] };

/** Of dates with the year at their end: a number above 12 is a day. */
function settleOrder(id: string, { forms }: ColumnStatistics, answers: Answers): Settled {
  const parted = forms.filter(({ example }) =>
    /^\d{1,2}([-/. ])\d{1,2}\1(?:\d{4}|\d{2})(?!\d)/.test(narrowed(example)),
  );
  const isYearFirst = forms.some(({ example }) =>
    /^\d{4}[/. ]\d|^\d{4}-\d(?:-|\d-\d(?!\d))/.test(example),
  );
  const [first] = parted;
  if (first === undefined) {
    return isYearFirst
      ? { ...nothing, formats: { dateOrder: "ymd" }, why: ["year, month, day"] }
      : nothing;
  }
  const isDayFirst = parted.some(({ maxima }) => maxima[0] > 12);
  const isDaySecond = parted.some(({ maxima }) => maxima[1] > 12);
  if (isDayFirst !== isDaySecond) {
    const dateOrder: DateOrder = isDayFirst ? "dmy" : "mdy";
    const most = Math.max(...parted.map(({ maxima }) => maxima[isDayFirst ? 0 : 1]));
    const why = `${isDayFirst ? "day before month" : "month before day"}: ${most} is no month`;
    return { ...nothing, formats: { dateOrder }, why: [why] };
  }
  const answer = answers[id];
  if (answer === "dmy" || answer === "mdy") {
    return { ...nothing, formats: { dateOrder: answer }, why: ["as you answered"] };
  }
  const { example } = first;
  const choices = (["dmy", "mdy"] as const).map((dateOrder) => {
    const reading = readDate(example, { dateOrder, twoDigitYearsFrom: 1970 }, "Etc/UTC");
    const words = dateOrder === "dmy" ? "day before month" : "month before day";
    const date = reading.kind === "date" ? reading.date : "no date";
    return { answer: dateOrder, means: `${words}: ${example} is ${date}` };
  });
  return { ...nothing, questions: [{ id, asks: `Which day is ${example}?`, choices }] };
}

function settleCentury(id: string, examples: readonly string[], answers: Answers): Settled {
  const isShort = examples.some((example) => /^\d{1,2}([-/. ])\d{1,2}\1\d{2}(?!\d)/.test(example));
  if (!isShort) return nothing;
  const asked = `${id}.century`;
  const answer = answers[asked] ?? "";
  if (/^(?:19|20)\d\d$/.test(answer)) {
    return { ...nothing, formats: { twoDigitYearsFrom: Number(answer) } };
  }
  const choices = [
    { answer: "2000", means: "26 is 2026, 70 is 2070" },
    { answer: "1950", means: "26 is 2026, 70 is 1970" },
  ];
  const question = { id: asked, asks: "Which century do years of two digits mean?", choices };
  return { ...nothing, questions: [question] };
}
