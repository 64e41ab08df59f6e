import { type SessionAppSettings, startSessionApp } from './application.js';

// An application in a process of its own: it says where it listens.
const settings = JSON.parse(process.env['SESSION_SETTINGS'] ?? '{}') as SessionAppSettings;
const { url } = await startSessionApp(settings);
process.stdout.write(`${url}\n`);
