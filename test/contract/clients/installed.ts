import { InstalledPackages } from '../../support/installed-packages.js';

const packages = new InstalledPackages(import.meta.dirname);

/** Installs what package-lock.json of this folder lists, unless it is there already; one process at a time. */
export function installForeignPackages(): Promise<void> {
  return packages.install();
}

/** Loads a package of this folder as it was installed; `T` names the part of it that is used. */
export function foreign<T>(specifier: string): T {
  return packages.load<T>(specifier);
}

/** The file behind a specifier, as CommonJS would find it from this folder. */
export function resolveForeign(specifier: string): string {
  return packages.resolve(specifier);
}
