import { createRequire } from 'node:module';
import { settingsOfChild } from '../child.mjs';

const { before, modules } = settingsOfChild();
for (const specifier of before) await import(specifier);
const [cpu, begin] = [process.cpuUsage(), performance.now()];
for (const specifier of modules) await import(specifier);
const milliseconds = performance.now() - begin;
const { user, system } = process.cpuUsage(cpu);
const commonJs = Object.keys(createRequire(import.meta.url).cache).length;
process.send({ milliseconds, cpu: (user + system) / 1000, commonJs });
