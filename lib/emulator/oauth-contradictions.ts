import type { EmulatorClientSettings, EmulatorSeed } from './emulator-seed.js';

/** Two options that cannot both be meant: which of them, and how to mend it. */
export interface Contradiction {
  readonly path: (string | number)[];
  readonly message: string;
}

const STANDARD_SCOPES = ['openid', 'email', 'phone', 'profile', 'aws.cognito.signin.user.admin'];

/** Finds what an app client cannot be at the OAuth endpoints. */
export function oauthContradictions(seed: EmulatorSeed): Contradiction[] {
  const { clients = [], resourceServers = [] } = seed;
  const identifiers = resourceServers.map(({ identifier }) => identifier);
  const found: Contradiction[] =
    new Set(identifiers).size === identifiers.length
      ? []
      : [{ path: ['resourceServers'], message: 'two resource servers have the same identifier' }];
  const custom = resourceServers.flatMap(({ identifier, scopes }) => scopes.map((scope) => `${identifier}/${scope}`));
  const known = new Set([...STANDARD_SCOPES, ...custom]);
  const ofClients = clients.flatMap((client, index) => inClient(client, seed, known, ['clients', index]));
  return [...found, ...inClient(seed, seed, known, []), ...ofClients];
}

function inClient(
  client: EmulatorClientSettings & Pick<EmulatorSeed, 'clientSecret'>,
  main: EmulatorSeed,
  knownScopes: ReadonlySet<string>,
  at: (string | number)[],
): Contradiction[] {
  const { allowedOAuthFlows = [], allowedOAuthScopes = [], clientSecret, defaultRedirectUri } = client;
  const found: Contradiction[] = [];
  const forMachines = allowedOAuthFlows.includes('client_credentials');
  if (forMachines && allowedOAuthFlows.length > 1) {
    const message = 'client_credentials excludes the other flows: give them a client of their own';
    found.push({ path: [...at, 'allowedOAuthFlows'], message });
  }
  if (forMachines && clientSecret === undefined) {
    const message = 'client_credentials needs a clientSecret';
    found.push({ path: [...at, 'allowedOAuthFlows'], message });
  }
  const callbacks = client.callbackUrls ?? main.callbackUrls ?? [];
  if (defaultRedirectUri !== undefined && (callbacks === 'loopback' || !callbacks.includes(defaultRedirectUri))) {
    found.push({ path: [...at, 'defaultRedirectUri'], message: 'must be one of the callbackUrls' });
  }
  for (const scope of allowedOAuthScopes.filter((name) => !knownScopes.has(name))) {
    const message = `${scope} is no scope of the pool: resourceServers do not declare it`;
    found.push({ path: [...at, 'allowedOAuthScopes'], message });
  }
  return found;
}
