import { readKeyFile } from './key-file.js';
import type { JsonWebKeySet, JwksOptions, KeyStore, PoolOptions } from './pool.options.js';
import { faultOfAddress, isLoopback, join, mayBeThisMachine } from './trusted-address.js';

/** The name of the pool that is written at the top of the options. */
export const DEFAULT_POOL = 'default';

/** Token of the application's pools, {@link ResolvedPool} each, the default one first: for modules beside `CognitoModule`. */
export const RESOLVED_POOLS = Symbol.for('nest-cognito:pools');

/** One `iss` that is trusted, and where its keys come from. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly keys:
    { readonly from: 'uri'; readonly uri: string } | { readonly from: 'options'; readonly set: JsonWebKeySet };
}

/** How keys are fetched and how long they live, in milliseconds. */
export interface ResolvedJwks {
  readonly ttl: number;
  readonly staleTtl: number;
  readonly timeout: number;
  readonly retries: number;
  readonly warmUp: boolean | 'strict';
  readonly store: KeyStore | undefined;
}

/** A pool as the rooms read it: every default filled in, frozen. */
export interface ResolvedPool {
  /** `default`, or the key under `pools`. */
  readonly name: string;
  readonly userPoolId: string;
  /** The app client that API calls are made for: the first that was written. */
  readonly clientId: string;
  /** Every app client whose tokens are accepted. */
  readonly clientIds: readonly string[];
  readonly clientSecret: string | undefined;
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly issuers: readonly TrustedIssuer[];
  readonly domain: string | undefined;
  readonly jwks: ResolvedJwks;
}

/** One thing that is wrong with the options: the key, and what to do about it. Never the value. */
export interface OptionFault {
  readonly key: string;
  readonly mend: string;
}

/** What resolving depends on besides the options. */
export interface ResolutionEnvironment {
  readonly production: boolean;
}

/** Fills in a pool's defaults. */
export function resolvePool(name: string, written: PoolOptions): ResolvedPool {
  const clientIds = typeof written.clientId === 'string' ? [written.clientId] : [...written.clientId];
  return Object.freeze({
    name,
    userPoolId: written.userPoolId,
    // The shape has refused an empty list.
    clientId: clientIds[0] ?? '',
    clientIds: Object.freeze(clientIds),
    clientSecret: written.clientSecret,
    region: written.region ?? regionOf(written.userPoolId),
    endpoint: written.endpoint,
    issuers: Object.freeze(trustedIssuers(written)),
    domain: written.domain,
    jwks: resolveJwks(written.jwks),
  });
}

/** Finds what no single key shows: addresses that must not be trusted, and the company they need. */
export function faultsOfPool(written: PoolOptions, environment: ResolutionEnvironment): OptionFault[] {
  return [...faultsOfAddresses(written), ...faultsOfTrust(written, environment)];
}

function faultsOfAddresses(written: PoolOptions): OptionFault[] {
  const addresses: ReadonlyArray<readonly [key: string, address: string | undefined]> = [
    ['endpoint', written.endpoint],
    ...listOf(written.issuer).map((issuer) => ['issuer', issuer] as const),
    ['jwks.uri', written.jwks?.uri],
  ];
  return addresses.flatMap(([key, address]) => {
    const fault = address === undefined ? undefined : faultOfAddress(address, written.allowInsecureEndpoint ?? false);
    return fault === undefined ? [] : [{ key, mend: fault }];
  });
}

function faultsOfTrust(written: PoolOptions, environment: ResolutionEnvironment): OptionFault[] {
  const faults: OptionFault[] = [];
  const { endpoint, issuer, jwks } = written;
  const endpointIsRemote = endpoint !== undefined && URL.canParse(endpoint) && !isLoopback(new URL(endpoint));
  if (endpointIsRemote && (issuer === undefined || (jwks?.uri ?? jwks?.keys ?? jwks?.file) === undefined)) {
    const mend = 'off loopback it moves API calls only: write `issuer` and `jwks` beside it';
    faults.push({ key: 'endpoint', mend });
  }
  if ([jwks?.uri, jwks?.keys, jwks?.file].filter((source) => source !== undefined).length > 1) {
    faults.push({ key: 'jwks', mend: 'give one of `uri`, `keys` and `file`' });
  }
  if (jwks?.file !== undefined && readKeyFile(jwks.file) === undefined) {
    faults.push({ key: 'jwks.file', mend: 'cannot be read as a JSON Web Key Set: {"keys":[…]}' });
  }
  if (written.issuerRegions !== undefined && (issuer ?? endpoint) !== undefined) {
    faults.push({
      key: 'issuerRegions',
      mend: 'adds to the issuers of AWS: with `issuer` or `endpoint` write a list in `issuer`',
    });
  }
  if (environment.production && written.allowLocalIssuer !== true && trustsThisMachine(written)) {
    const mend =
      'tokens of this machine are not trusted while NODE_ENV is production (allowLocalIssuer: true permits it)';
    faults.push({ key: keyOfTrust(written), mend });
  }
  return faults;
}

/** Whoever can bind a port of this machine could sign tokens: as the issuer, or with keys from there. */
function trustsThisMachine(written: PoolOptions): boolean {
  return trustedIssuers(written)
    .flatMap(({ issuer, keys }) => (keys.from === 'uri' ? [issuer, keys.uri] : [issuer]))
    .some((address) => URL.canParse(address) && mayBeThisMachine(new URL(address)));
}

function keyOfTrust({ issuer, endpoint }: PoolOptions): string {
  if (issuer !== undefined) return 'issuer';
  return endpoint === undefined ? 'jwks.uri' : 'endpoint';
}

function trustedIssuers(written: PoolOptions): TrustedIssuer[] {
  const { jwks } = written;
  const set = jwks?.keys ?? (jwks?.file === undefined ? undefined : readKeyFile(jwks.file));
  return issuersOf(written).map((issuer) => ({
    issuer,
    keys:
      set === undefined
        ? { from: 'uri', uri: jwks?.uri ?? join(issuer, '.well-known/jwks.json') }
        : { from: 'options', set },
  }));
}

function issuersOf({ userPoolId, region, endpoint, issuer, issuerRegions = [] }: PoolOptions): string[] {
  if (issuer !== undefined) return listOf(issuer);
  if (endpoint !== undefined) return [join(endpoint, userPoolId)];
  const regions = new Set([region ?? regionOf(userPoolId), ...issuerRegions]);
  // AWS signs with the first form unless the pool's issuer configuration is UPDATED.
  return [...regions].flatMap((name) =>
    ['cognito-idp', 'issuer-cognito-idp'].map((service) => `https://${service}.${name}.amazonaws.com/${userPoolId}`),
  );
}

function resolveJwks(written: JwksOptions | undefined): ResolvedJwks {
  const ttlSeconds = written?.cache === false ? 0 : (written?.cacheTtl ?? 300);
  return Object.freeze({
    ttl: ttlSeconds * 1000,
    staleTtl: (written?.staleTtl ?? 86_400) * 1000,
    timeout: written?.timeout ?? 3000,
    retries: written?.retries ?? 1,
    // Keys that are not kept cannot be had beforehand.
    warmUp: ttlSeconds === 0 ? false : (written?.warmUp ?? true),
    store: written?.store,
  });
}

function regionOf(userPoolId: string): string {
  return userPoolId.slice(0, userPoolId.indexOf('_'));
}

function listOf(value: string | readonly string[] | undefined): string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : [...value];
}
