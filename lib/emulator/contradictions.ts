import { type Contradiction, oauthContradictions } from './oauth-contradictions.js';
import type { EmulatorClientSettings, EmulatorSeed, EmulatorUser } from './emulator-seed.js';
import { isEmail, isPhoneNumber } from './state/attribute-names.js';

/** Finds what no single option shows. */
export function contradictionsOf(seed: EmulatorSeed): Contradiction[] {
  return [
    ...amongClients(seed),
    ...oauthContradictions(seed),
    ...amongNames(seed),
    ...amongUsers(seed),
    ...inSchema(seed),
    ...inPolicies(seed),
  ];
}

function amongClients(seed: EmulatorSeed): Contradiction[] {
  const { clientId, clients = [] } = seed;
  const found: Contradiction[] = [];
  if (repeated([clientId, ...clients.map((client) => client.clientId)]).length > 0) {
    found.push({ path: ['clients'], message: 'two app clients have the same clientId' });
  }
  const everyClient: { client: EmulatorClientSettings; path: (string | number)[] }[] = [
    { client: seed, path: [] },
    ...clients.map((client, index) => ({ client, path: ['clients', index] })),
  ];
  for (const { client, path } of everyClient) {
    const rotates = (client.refreshTokenRotation ?? seed.refreshTokenRotation)?.feature === 'ENABLED';
    if (!rotates || !client.explicitAuthFlows?.includes('ALLOW_REFRESH_TOKEN_AUTH')) continue;
    const message = 'take ALLOW_REFRESH_TOKEN_AUTH out, or refreshTokenRotation: that flow gives no new refresh token';
    found.push({ path: [...path, 'explicitAuthFlows'], message });
  }
  return found;
}

function amongNames({ usernameAttributes = [], aliasAttributes = [], users = [] }: EmulatorSeed): Contradiction[] {
  const found: Contradiction[] = [];
  if (usernameAttributes.length > 0 && aliasAttributes.length > 0) {
    const message = 'usernameAttributes and aliasAttributes exclude each other: keep one of them';
    found.push({ path: ['aliasAttributes'], message });
  }
  const checks = { email: isEmail, phone_number: isPhoneNumber };
  const isAddress = ({ username }: EmulatorUser) => usernameAttributes.some((kind) => checks[kind](username));
  if (usernameAttributes.length > 0 && !users.every(isAddress)) {
    const message =
      'with usernameAttributes a username is an address of that kind: an e-mail address, or a number like +4930123456';
    found.push({ path: ['users'], message });
  }
  for (const alias of aliasAttributes) {
    if (repeated(users.map(({ attributes }) => attributes?.[alias]?.toLowerCase())).length === 0) continue;
    found.push({ path: ['users'], message: `two users have the same ${alias}, which one of them signs in with` });
  }
  return found;
}

function amongUsers({ usernameCaseSensitive = false, users = [], groups = [] }: EmulatorSeed): Contradiction[] {
  const found: Contradiction[] = [];
  const names = users.map(({ username }) => (usernameCaseSensitive ? username : username.toLowerCase()));
  if (repeated(names).length > 0) {
    const message =
      'two users have the same username (upper and lower case count as the same, unless usernameCaseSensitive)';
    found.push({ path: ['users'], message });
  }
  if (repeated(users.map(({ attributes }) => attributes?.['sub'])).length > 0) {
    found.push({ path: ['users'], message: 'two users have the same sub' });
  }
  if (repeated(groups.map((group) => (typeof group === 'string' ? group : group.name))).length > 0) {
    found.push({ path: ['groups'], message: 'two groups have the same name' });
  }
  return found;
}

function inSchema(seed: EmulatorSeed): Contradiction[] {
  const { schema } = seed;
  if (!schema) return [];
  const declared = new Set(schema.map(({ name }) => name));
  const found: Contradiction[] = repeated(schema.map(({ name }) => name)).map((name) => ({
    path: ['schema'],
    message: `${name} is declared twice`,
  }));
  for (const [index, { name, required = false, type }] of schema.entries()) {
    if (required && name.startsWith('custom:')) {
      found.push({ path: ['schema', index, 'required'], message: 'no custom attribute can be required' });
    }
    if (type !== undefined && !name.startsWith('custom:')) {
      const message = 'a standard attribute has a type of its own: leave it out';
      found.push({ path: ['schema', index, 'type'], message });
    }
  }
  const undeclared = (name: string) => name.startsWith('custom:') && !declared.has(name);
  for (const { path, names } of namesOfAttributes(seed)) {
    for (const name of names.filter(undeclared)) found.push({ path, message: `schema does not declare ${name}` });
  }
  return found;
}

/** Where names of attributes are written. */
function namesOfAttributes({ clients = [], users = [], ...main }: EmulatorSeed) {
  const ofClient = ({ readAttributes = [], writeAttributes = [] }: EmulatorClientSettings, at: (string | number)[]) => [
    { path: [...at, 'readAttributes'], names: readAttributes },
    { path: [...at, 'writeAttributes'], names: writeAttributes },
  ];
  return [
    ...ofClient(main, []),
    ...clients.flatMap((client, index) => ofClient(client, ['clients', index])),
    ...users.map(({ attributes = {} }, index) => ({
      path: ['users', index, 'attributes'],
      names: Object.keys(attributes),
    })),
  ];
}

function inPolicies({ mfaConfiguration, enabledMfas, accountRecovery = [], webAuthn }: EmulatorSeed): Contradiction[] {
  const found: Contradiction[] = [];
  if (mfaConfiguration === 'ON' && enabledMfas?.length === 0) {
    const message = 'nobody could sign in: mfaConfiguration is ON, so name at least one second factor';
    found.push({ path: ['enabledMfas'], message });
  }
  if (accountRecovery.includes('admin_only') && accountRecovery.length > 1) {
    found.push({ path: ['accountRecovery'], message: 'admin_only excludes every other way: keep one of them' });
  }
  const { relyingPartyId = 'localhost', origins = [] } = webAuthn ?? {};
  if (!origins.every((origin) => isPageOf(relyingPartyId, origin))) {
    const message = `an origin is not of ${relyingPartyId} or a domain below it: correct it, or relyingPartyId`;
    found.push({ path: ['webAuthn', 'origins'], message });
  }
  return found;
}

// A browser offers a passkey to pages of its domain and of what lies below it.
function isPageOf(domain: string, origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return !protocol.startsWith('http') || hostname === domain || hostname.endsWith(`.${domain}`);
}

function repeated(values: readonly (string | undefined)[]): string[] {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const value of values) {
    if (value === undefined) continue;
    if (seen.has(value)) again.add(value);
    seen.add(value);
  }
  return [...again];
}
