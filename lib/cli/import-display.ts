import type { ImportProgress } from '../user-sync/import-tally.js';

const WIDTH = 24;

/** One line that tells how far an import is; a bar where it is known about how many users there are. */
export function progressLine(progress: ImportProgress, total: number | undefined): string {
  const { seen } = progress;
  if (total === undefined || total === 0) return countsOf(progress);
  // Cognito's number of users is an estimate, and a resumed run sees fewer.
  const share = Math.min(seen / total, 1);
  const filled = Math.round(share * WIDTH);
  return `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${Math.floor(share * 100)} % ${countsOf(progress)}`;
}

/** What is left to say at the end. */
export function summaryOf(progress: ImportProgress, dryRun: boolean): string[] {
  const failures = Object.entries(progress.failures).map(([code, count]) => `  ${code}: ${count}`);
  return [`${dryRun ? 'Nothing was written. ' : ''}${countsOf(progress)}`, ...failures];
}

function countsOf({ seen, created, updated, unchanged, inactive, failed }: ImportProgress): string {
  const counts = [
    `${created} created`,
    `${updated} updated`,
    `${unchanged} unchanged`,
    `${inactive} inactive`,
    `${failed} failed`,
  ];
  return `${seen} users: ${counts.join(', ')}`;
}
