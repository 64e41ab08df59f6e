/**
 * Joins what `nest build` has compiled: one file for each entry of the package, and one for what several of them share. A process
 * that imports the package opens two dozen files in place of seven times as many.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';

const dist = join(import.meta.dirname, 'dist');
const { exports, bin } = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8'));
const entries = [...Object.values(exports).flatMap((entry) => entry.default ?? []), ...Object.values(bin)].map((file) =>
  file.replace(/^(\.\/)?dist\//, ''),
);

const bundle = await rolldown({
  input: Object.fromEntries(entries.map((file) => [file.replace(/\.js$/, ''), join(dist, file)])),
  external: (id) => !id.startsWith('.') && !id.startsWith(dist),
  platform: 'node',
  // Some modules are there for what they do when they are loaded: they teach the errors their form on a transport.
  treeshake: { moduleSideEffects: true },
});
const { output } = await bundle.generate({ format: 'esm', chunkFileNames: 'shared/[name].js', keepNames: true });
await bundle.close();

for (const file of readdirSync(dist, { recursive: true })) if (file.endsWith('.js')) rmSync(join(dist, file));
for (const { fileName, code } of output) {
  mkdirSync(dirname(join(dist, fileName)), { recursive: true });
  writeFileSync(join(dist, fileName), code);
}
