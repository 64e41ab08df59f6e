import { pathToFileURL } from 'node:url';
import { settingsOfChild } from '../child.mjs';

const entry = pathToFileURL(`${import.meta.dirname}/../../dist/index.js`).href;

const { before, modules, notes } = settingsOfChild();
for (const specifier of before) await import(placeOf(specifier));
const places = modules.map(placeOf);
const counts = notes ? (await import('../loaded-modules.mjs')).noteModules() : undefined;
const [cpu, begin] = [process.cpuUsage(), performance.now()];
for (const place of places) await import(place);
const total = performance.now() - begin;
const { user, system } = process.cpuUsage(cpu);
process.send({ total, cpu: (user + system) / 1000, packages: counts?.() });

/** What the package itself would import: this folder has some of its dependencies in versions of its own. */
function placeOf(specifier) {
  try {
    return import.meta.resolve(specifier, entry);
  } catch {
    return import.meta.resolve(specifier);
  }
}
