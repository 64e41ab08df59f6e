import type { AttributeValues } from './cognito-user-store.js';

/** What tells that somebody came through an identity provider, besides their attributes. */
export interface Origin {
  readonly groups: readonly string[];
  /** Of AdminGetUser; undefined where it was not asked. */
  readonly status: string | undefined;
}

/**
 * The e-mail address by which a pool user may be linked to a row that is there already.
 *
 * Only an address that the pool itself says is verified (`true`, or `"true"` as GetUser writes it); and of somebody who comes
 * through identity providers only when each of them is trusted with addresses.
 *
 * @param attributes as an id token, GetUser or AdminGetUser tell them: an access token keeps silent about providers
 * @returns undefined where there is none
 */
export function linkableEmail(
  attributes: AttributeValues,
  origin: Origin,
  trustedProviders: readonly string[],
): string | undefined {
  const { email, email_verified: isVerified } = attributes;
  if (isVerified !== true && isVerified !== 'true') return undefined;
  if (typeof email !== 'string' || email === '') return undefined;
  const providers = providersOf(attributes['identities'], origin);
  return providers.every((name) => name !== undefined && trustedProviders.includes(name)) ? email : undefined;
}

/** Everybody whose word the attributes may rest on; undefined for one who cannot be named. */
function providersOf(identities: unknown, { groups, status }: Origin): (string | undefined)[] {
  const named = namesIn(identities);
  const byGroup = groups.flatMap((group) => providerOfGroup(group) ?? []);
  const isUnnamed = status === 'EXTERNAL_PROVIDER' && named.length + byGroup.length === 0;
  return [...named, ...byGroup, ...(isUnnamed ? [undefined] : [])];
}

/** A list in an id token, the same as JSON text from GetUser; what cannot be read names somebody unknown. */
function namesIn(identities: unknown): (string | undefined)[] {
  if (identities === undefined || identities === null) return [];
  const list = typeof identities === 'string' ? parsed(identities) : identities;
  if (!Array.isArray(list)) return [undefined];
  return list.map((one: unknown) => {
    const name = typeof one === 'object' && one !== null && 'providerName' in one ? one.providerName : undefined;
    return typeof name === 'string' ? name : undefined;
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Cognito puts who comes through a provider into a group `<pool id>_<provider>`. */
function providerOfGroup(group: string): string | undefined {
  return /^[a-z]{2}(?:-[a-z]+)+-\d_[0-9A-Za-z]+_(.+)$/.exec(group)?.[1];
}
