import { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';

const OURS = 'nest-cognito';

/**
 * Notes each module that this process compiles from now on, ESM and CommonJS alike; those of Node and of this folder do not
 * count. It takes its time: not for a process whose time is measured.
 *
 * @returns {() => Record<string, number>} how many modules of each package were compiled since
 */
export function noteModules() {
  const files = new Set();
  const session = new Session();
  session.connect();
  session.on('Debugger.scriptParsed', ({ params: { url } }) => {
    const file = url.startsWith('file:') ? fileURLToPath(url) : url;
    if (file.startsWith('/') && !file.startsWith(`${import.meta.dirname}/apps/`)) files.add(file);
  });
  session.post('Debugger.enable');
  files.clear();
  return () => {
    const counts = {};
    for (const name of Array.from(files, packageOf)) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  };
}

/** @param {string} file */
function packageOf(file) {
  const at = file.lastIndexOf('/node_modules/');
  if (at === -1) return OURS;
  const [first, second] = file.slice(at + '/node_modules/'.length).split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}
