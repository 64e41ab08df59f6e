import { InstalledPackages } from '../../support/installed-packages.js';

/** The oldest TypeORM that user sync promises to work with, and better-sqlite3. */
export const oldTypeOrm = new InstalledPackages(import.meta.dirname);
