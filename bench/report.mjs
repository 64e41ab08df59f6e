/**
 * @typedef {object} Table
 * @property {string} title
 * @property {readonly string[]} columns
 * @property {readonly (readonly (string | number)[])[]} rows
 *
 * @typedef {object} Result What one bench found out; every value is a median in `unit`, every ratio one of medians.
 * @property {string} bench
 * @property {string} unit
 * @property {number} ours
 * @property {Readonly<Record<string, number>>} peers
 * @property {number | null} limit what cannot be beaten; null where there is no such thing
 * @property {Readonly<Record<string, number>>} ratios by the names of what is above and below: `a/b`
 * @property {Readonly<Record<string, string>>} [budgets] what was aimed at, by the name of the ratio: `at most 1.3`
 * @property {readonly Table[]} tables
 * @property {readonly string[]} [notes]
 */

/** The line for machines. @param {Result} result */
export function asJson({ bench, ours, peers, limit, ratios, unit }) {
  return JSON.stringify({ bench, ours, peers, limit, ratios, unit }, (_, value) =>
    typeof value === 'number' ? Number(value.toPrecision(4)) : value,
  );
}

/** The pages for people, in Markdown. @param {Result} result */
export function asMarkdown({ bench, tables, ratios, budgets, notes = [] }) {
  const ofRatios =
    budgets === undefined
      ? { columns: ['', 'ratio'], rows: Object.entries(ratios) }
      : {
          columns: ['', 'ratio', 'budget'],
          rows: Object.entries(ratios).map(([name, ratio]) => [name, ratio, budgets[name] ?? '']),
        };
  return [`## ${bench}`, ...[...tables, { title: 'ratios of medians', ...ofRatios }].map(tableOf), ...notes].join(
    '\n\n',
  );
}

/** @param {Table} table */
function tableOf({ title, columns, rows }) {
  const cells = rows.map((row) => row.map(cellOf));
  const widths = columns.map((column, at) => Math.max(column.length, 3, ...cells.map((row) => row[at].length)));
  const line = (row) =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [`${title}:`, '', line(columns), rule, ...cells.map(line)].join('\n');
}

/** @param {string | number} value */
function cellOf(value) {
  if (typeof value === 'string') return value;
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
